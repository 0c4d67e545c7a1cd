-- How far each incremental model has read each landed table.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

CREATE TABLE IF NOT EXISTS acme.idgraph_watermarks (
    model        varchar      COMMENT 'The model',
    landed       varchar      COMMENT 'The landed table',
    loaded_until timestamp_tz COMMENT 'The newest load time read; NULL while nothing has landed',
    object_id    varchar      COMMENT 'The identity in the catalog of the model\'s table, or column, that this is about; NULL where the catalog has none'
)
COMMENT = 'How far each incremental model has read each landed table. Built by idgraph.';
