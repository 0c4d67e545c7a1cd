--% include 'landed_table.sql'
--% if table.configured

-- What the project has gained since the table was made, by one question to the catalog. There is no ADD COLUMN IF NOT EXISTS.
BEGIN
    DECLARE gained STRING;
    SET gained = (
        SELECT array_join(array_sort(collect_list(wanted.definition)), ', ')
        FROM (
            VALUES
--% for column in table.configured
                ({{ (column.literal ~ ',') | lower | pad(table.width + 3) }} {{ (column.name ~ ' ' ~ column.type ~ ' COMMENT ' ~ column.comment) | text }}){{ "," if not loop.last }}
--% endfor
        ) AS wanted (name, definition)
        WHERE wanted.name NOT IN (
            SELECT lower(c.column_name)
            FROM {{ catalog ~ '.' if catalog }}information_schema.columns AS c
            WHERE c.table_schema = {{ table.schema_literal | lower }}
              AND c.table_name = {{ table.literal | lower }}
        )
    );
    IF gained <> '' THEN
        EXECUTE IMMEDIATE {{ ('ALTER TABLE ' ~ table.name ~ ' ADD COLUMNS (') | text }} || gained || ')';
    END IF;
END;
--% endif
