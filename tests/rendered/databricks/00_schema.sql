-- Where everything lives.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Times mean the same whatever the workspace or the user has set.
SET TIME ZONE 'UTC';

-- In the session's catalog: name another one as `catalog` in the project.
CREATE SCHEMA IF NOT EXISTS acme;
