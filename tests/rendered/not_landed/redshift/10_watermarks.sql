-- How far each incremental model has read each landed table.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Names and values mean the same whatever the cluster, the user or the client has set.
SET timezone TO 'UTC';
SET datestyle TO 'ISO, YMD';
SET enable_case_sensitive_identifier TO false;

CREATE TABLE IF NOT EXISTS acme.idgraph_watermarks (
    model        varchar(65535),
    landed       varchar(65535),
    loaded_until timestamptz,
    object_id    varchar(65535),
    landed_id    varchar(65535)
)
;

COMMENT ON TABLE acme.idgraph_watermarks IS 'How far each incremental model has read each landed table. Built by idgraph.';
COMMENT ON COLUMN acme.idgraph_watermarks.model        IS 'The model';
COMMENT ON COLUMN acme.idgraph_watermarks.landed       IS 'The landed table with its schema, or a trait';
COMMENT ON COLUMN acme.idgraph_watermarks.loaded_until IS 'The newest load time read; NULL while nothing has landed';
COMMENT ON COLUMN acme.idgraph_watermarks.object_id    IS 'The identity in the catalog of the model''s table, or column, that this is about; NULL where the catalog has none';
COMMENT ON COLUMN acme.idgraph_watermarks.landed_id    IS 'The same of the landed table, or column, that was read';
