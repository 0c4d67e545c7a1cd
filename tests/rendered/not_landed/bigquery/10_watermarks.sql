-- How far each incremental model has read each landed table.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

CREATE TABLE IF NOT EXISTS acme.idgraph_watermarks (
    model        STRING    OPTIONS (description = 'The model'),
    landed       STRING    OPTIONS (description = 'The landed table with its schema, or a trait'),
    loaded_until TIMESTAMP OPTIONS (description = 'The newest load time read; NULL while nothing has landed'),
    object_id    STRING    OPTIONS (description = 'The identity in the catalog of the model\'s table, or column, that this is about; NULL where the catalog has none'),
    landed_id    STRING    OPTIONS (description = 'The same of the landed table, or column, that was read')
)
OPTIONS (description = 'How far each incremental model has read each landed table. Built by idgraph.', labels = [('built_by', 'idgraph')]);
