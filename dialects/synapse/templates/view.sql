--# ALTER keeps the grants; it stands alone in its batch.
IF OBJECT_ID({{ table.name | text }}, 'V') IS NULL
    EXEC ({{ ('CREATE VIEW ' ~ table.name ~ ' AS SELECT 1 AS nothing') | text }});
GO

ALTER VIEW {{ table.name }} AS
-- {{ made_by }}
{{ query }};
GO
