--# Of the session, so one of an earlier refresh may be there.
IF OBJECT_ID({{ ('tempdb..' ~ name) | text }}) IS NOT NULL
    DROP TABLE {{ name }};

CREATE TABLE {{ name }}
--% if on
WITH (DISTRIBUTION = HASH ({{ on }}), HEAP)
--% else
WITH (DISTRIBUTION = ROUND_ROBIN, HEAP)
--% endif
AS
