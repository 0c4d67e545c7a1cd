-- Where everything lives.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Times mean the same whatever the machine has set.
SET TimeZone = 'UTC';

CREATE SCHEMA IF NOT EXISTS acme;
