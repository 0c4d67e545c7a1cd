-- Where everything lives.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Names and values mean the same whatever the client has set, and an error ends its transaction.
SET QUOTED_IDENTIFIER ON;
SET DATEFORMAT ymd;
SET XACT_ABORT ON;

IF SCHEMA_ID('acme') IS NULL
    EXEC ('CREATE SCHEMA acme');
