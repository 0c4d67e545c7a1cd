-- Names and values mean the same whatever the client has set, and an error ends its transaction.
SET QUOTED_IDENTIFIER ON;
SET DATEFORMAT ymd;
SET XACT_ABORT ON;
