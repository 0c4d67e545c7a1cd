--% from 'macros/identity.sql' import noted_column
--% include 'landed_table.sql'
--% if table.configured

-- What the project has gained since the table was made. There is no ADD COLUMN IF NOT EXISTS, so an empty row of the table says
-- which columns it has: information_schema can lag behind.
BEGIN
    DECLARE had ARRAY<STRING>;
    DECLARE gained STRING;
    SET had = (
        SELECT json_object_keys(lower(to_json(struct(t.*), map('ignoreNullFields', 'false'))))
        FROM (SELECT 1) AS no_rows
        LEFT JOIN {{ table.name }} AS t ON false
    );
    SET gained = (
        SELECT array_join(array_sort(collect_list(wanted.definition)), ', ')
        FROM (
            VALUES
--% for column in table.configured
                ({{ (column.literal ~ ',') | lower | pad(table.width + 3) }} {{ (column.name ~ ' ' ~ column.type ~ ' COMMENT ' ~ column.comment) | text }}){{ "," if not loop.last }}
--% endfor
        ) AS wanted (name, definition)
        WHERE NOT array_contains(had, wanted.name)
    );
--% if is_incremental is defined and is_incremental and reads_traits and not is_long
    -- What was read for a column that is there no more says nothing of the one that takes its place.
    DELETE FROM {{ watermarks }}
    WHERE model = {{ model }}
      AND landed LIKE 'trait %'
      AND NOT array_contains(had, {{ noted_column('landed') | trim | indent(6) }});
--% endif
    IF gained <> '' THEN
        EXECUTE IMMEDIATE {{ ('ALTER TABLE ' ~ table.name ~ ' ADD COLUMNS (') | text }} || gained || ')';
    END IF;
END;
--% endif
