-- How far each incremental model has read each landed table.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Times mean the same whatever the workspace or the user has set.
SET TIME ZONE 'UTC';

CREATE TABLE IF NOT EXISTS acme.idgraph_watermarks (
    model        string    COMMENT 'The model',
    landed       string    COMMENT 'The landed table with its schema, or a trait',
    loaded_until timestamp COMMENT 'The newest load time read; NULL while nothing has landed',
    object_id    string    COMMENT 'The identity in the catalog of the model\'s table, or column, that this is about; NULL where the catalog has none',
    landed_id    string    COMMENT 'The same of the landed table, or column, that was read'
)
COMMENT 'How far each incremental model has read each landed table. Built by idgraph.';
