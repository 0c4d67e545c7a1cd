--# Without statistics the planner takes a new table for a big one, hence ANALYZE.
--% macro work_table(name, query)
CREATE TEMPORARY TABLE {{ name }} ON COMMIT DROP AS
{{ query | trim }};

ANALYZE {{ name }};
--% endmacro
