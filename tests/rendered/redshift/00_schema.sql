-- Where everything lives.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

CREATE SCHEMA IF NOT EXISTS acme;
