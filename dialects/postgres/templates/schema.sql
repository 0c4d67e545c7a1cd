--% if '$' in schema
CREATE SCHEMA IF NOT EXISTS {{ schema }};
--% else
-- Only where it is missing: IF NOT EXISTS asks for the right to make it all the same.
DO $$
BEGIN
    IF pg_catalog.to_regnamespace({{ schema | text }}) IS NULL THEN
        CREATE SCHEMA {{ schema }};
    END IF;
END
$$;
--% endif
