-- Where everything lives.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- A schema is an attached database: ATTACH 'the-file.db' AS acme;
