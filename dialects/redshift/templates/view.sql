BEGIN;

-- Not replaced, which takes the same columns alone. Bound late: the tables below it can be changed.
DROP VIEW IF EXISTS {{ table.name }};

CREATE VIEW {{ table.name }} AS
{{ query }}
WITH NO SCHEMA BINDING;

COMMENT ON VIEW {{ table.name }} IS {{ table.comment }};

COMMIT;
