-- How far each incremental model has read each landed table.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Times mean the same whatever the machine has set.
SET TimeZone = 'UTC';

CREATE TABLE IF NOT EXISTS acme.idgraph_watermarks (
    model        varchar,
    landed       varchar,
    loaded_until timestamp with time zone,
    object_id    varchar,
    landed_id    varchar,
    PRIMARY KEY (model, landed)
);

COMMENT ON TABLE acme.idgraph_watermarks IS 'How far each incremental model has read each landed table. Built by idgraph.';
COMMENT ON COLUMN acme.idgraph_watermarks.model        IS 'The model';
COMMENT ON COLUMN acme.idgraph_watermarks.landed       IS 'The landed table with its schema, or a trait';
COMMENT ON COLUMN acme.idgraph_watermarks.loaded_until IS 'The newest load time read; NULL while nothing has landed';
COMMENT ON COLUMN acme.idgraph_watermarks.object_id    IS 'The identity in the catalog of the model''s table, or column, that this is about; NULL where the catalog has none';
COMMENT ON COLUMN acme.idgraph_watermarks.landed_id    IS 'The same of the landed table, or column, that was read';
