--# Of the session: two refreshes never meet. CREATE OR REPLACE is not in every version that has temporary tables.
DROP TABLE IF EXISTS {{ name }};

CREATE TEMPORARY TABLE {{ name }} AS
