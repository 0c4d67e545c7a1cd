--# Without statistics the planner takes a new table for a big one, hence ANALYZE.
--% macro work_table(name, query, stage)
--% if stage == 'make'
CREATE TEMPORARY TABLE {{ name }} ON COMMIT DROP AS
{{ query | trim }}
LIMIT 0;
--% elif stage == 'fill'
INSERT INTO {{ name }}
{{ query | trim }};

ANALYZE {{ name }};
--% else
CREATE TEMPORARY TABLE {{ name }} ON COMMIT DROP AS
{{ query | trim }};

ANALYZE {{ name }};
--% endif
--% endmacro
