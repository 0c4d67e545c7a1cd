-- How far each incremental model has read each landed table.
-- Rendered by idgraph from idgraph.yml: change that and render again, edits here are lost.

-- Names and values mean the same whatever the account, the user or the client has set.
ALTER SESSION SET TIMEZONE = 'UTC';
ALTER SESSION SET TIMESTAMP_TZ_OUTPUT_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF6 TZHTZM';
ALTER SESSION SET QUOTED_IDENTIFIERS_IGNORE_CASE = FALSE;

-- A statement that fails ends its transaction: the statements after it fail too, and COMMIT keeps nothing.
ALTER SESSION SET TRANSACTION_ABORT_ON_ERROR = TRUE;

CREATE TABLE IF NOT EXISTS acme.idgraph_watermarks (
    model        varchar      COMMENT 'The model',
    landed       varchar      COMMENT 'The landed table with its schema, or a trait',
    loaded_until timestamp_tz COMMENT 'The newest load time read; NULL while nothing has landed',
    object_id    varchar      COMMENT 'The identity in the catalog of the model\'s table, or column, that this is about; NULL where the catalog has none',
    landed_id    varchar      COMMENT 'The same of the landed table, or column, that was read'
)
COMMENT = 'How far each incremental model has read each landed table. Built by idgraph.';
