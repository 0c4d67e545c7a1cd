-- Where everything lives.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- In the session's catalog: USE CATALOG before, where it is another one.
CREATE SCHEMA IF NOT EXISTS acme;
