-- How far each incremental model has read each landed table.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Names and values mean the same whatever the client has set, and an error ends its transaction.
SET QUOTED_IDENTIFIER ON;
SET DATEFORMAT ymd;
SET XACT_ABORT ON;

IF OBJECT_ID('acme.idgraph_watermarks', 'U') IS NULL
CREATE TABLE acme.idgraph_watermarks (
    model        varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    landed       varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    loaded_until datetime2(7),
    object_id    varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8,
    landed_id    varchar(8000) COLLATE Latin1_General_100_BIN2_UTF8
)
WITH (DISTRIBUTION = ROUND_ROBIN, HEAP);
