-- Where everything lives.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

CREATE SCHEMA IF NOT EXISTS profiles;

-- For digest(): Postgres itself has no SHA-1.
CREATE EXTENSION IF NOT EXISTS pgcrypto;
