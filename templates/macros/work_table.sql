--# A table of this transaction's own, from a query. `stage` is `build`, to make and fill it at once, or for a
--# transaction that is read-only once its tables are there `make` and `fill`. Here all is done in the last step.
--% macro work_table(name, query, stage)
--% if stage != 'make'
CREATE TEMPORARY TABLE {{ name }} AS
{{ query | trim }};
--% endif
--% endmacro
