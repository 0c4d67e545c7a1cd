-- How far each incremental model has read each landed table.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

CREATE TABLE IF NOT EXISTS acme.idgraph_watermarks (
    model        varchar      COMMENT 'The model',
    landed       varchar      COMMENT 'The landed table',
    loaded_until timestamp_tz COMMENT 'The newest load time read; NULL while nothing has landed'
)
COMMENT = 'How far each incremental model has read each landed table. Built by idgraph.';
