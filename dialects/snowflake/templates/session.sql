-- Names and values mean the same whatever the account, the user or the client has set.
ALTER SESSION SET TIMEZONE = 'UTC';
ALTER SESSION SET TIMESTAMP_TZ_OUTPUT_FORMAT = 'YYYY-MM-DD HH24:MI:SS.FF6 TZHTZM';
ALTER SESSION SET QUOTED_IDENTIFIERS_IGNORE_CASE = FALSE;

-- A statement that fails ends its transaction: the statements after it fail too, and COMMIT keeps nothing.
ALTER SESSION SET TRANSACTION_ABORT_ON_ERROR = TRUE;
