-- Where everything lives.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

IF SCHEMA_ID('acme') IS NULL
    EXEC ('CREATE SCHEMA acme');
