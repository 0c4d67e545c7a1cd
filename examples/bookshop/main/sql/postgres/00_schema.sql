-- Where everything lives.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

CREATE SCHEMA IF NOT EXISTS profiles;

CREATE TABLE IF NOT EXISTS profiles.idgraph_objects (
    schema_name text,
    object_name text,
    kind        text,
    object_id   text,
    made_at     timestamp with time zone
);

COMMENT ON TABLE profiles.idgraph_objects IS 'The tables and views that idgraph made. Built by idgraph.';
COMMENT ON COLUMN profiles.idgraph_objects.schema_name IS 'The schema of the table or view';
COMMENT ON COLUMN profiles.idgraph_objects.object_name IS 'Its name';
COMMENT ON COLUMN profiles.idgraph_objects.kind        IS 'table or view';
COMMENT ON COLUMN profiles.idgraph_objects.object_id   IS 'Its identity in the catalog: a table of the same name that others made has another';
COMMENT ON COLUMN profiles.idgraph_objects.made_at     IS 'When idgraph made or adopted it';

-- For digest(): Postgres itself has no SHA-1.
CREATE EXTENSION IF NOT EXISTS pgcrypto WITH SCHEMA public;
