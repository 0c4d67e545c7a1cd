CREATE OR REPLACE VIEW {{ table.name }} (
--% for column in table.columns
    {{ column.name | pad(table.width) }} OPTIONS (description = {{ column.comment }}){{ "," if not loop.last }}
--% endfor
)
OPTIONS (description = {{ table.comment }}, labels = [('built_by', 'idgraph')])
AS
{{ query }};
