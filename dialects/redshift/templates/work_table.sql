--# Kept for the session, so one of an earlier refresh may be there.
DROP TABLE IF EXISTS {{ name }};

CREATE TEMPORARY TABLE {{ name }}
--% if on
DISTKEY ({{ on }})
--% endif
AS
