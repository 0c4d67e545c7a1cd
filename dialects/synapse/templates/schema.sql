--# Within EXEC, since CREATE SCHEMA stands alone in its batch.
IF SCHEMA_ID({{ schema | text }}) IS NULL
    EXEC ({{ ('CREATE SCHEMA ' ~ schema) | text }});
