-- Names and values mean the same whatever the cluster, the user or the client has set.
SET timezone TO 'UTC';
SET datestyle TO 'ISO, YMD';
SET enable_case_sensitive_identifier TO false;
