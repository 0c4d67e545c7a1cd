--% include 'new_table.sql'
--% if table.configured
--% set notes_traits = is_incremental is defined and is_incremental and reads_traits and not is_long
--# What ends the procedure's text must not stand in it.
--% set quote = '$$' if '$$' not in table.name else '$idgraph$'

-- What the project has gained since the table was made. There is no ADD COLUMN IF NOT EXISTS, and a condition takes a procedure.
CREATE OR REPLACE PROCEDURE {{ table.add_columns }}()
AS {{ quote }}
DECLARE
    gained record;
BEGIN
    FOR gained IN
        SELECT wanted.definition{{ ", wanted.name" if notes_traits }}
        FROM (
--% for column in table.configured
            SELECT {{ column.literal | lower }}{{ " AS name" if loop.first }}, {{ (column.name ~ ' ' ~ column.type) | text }}{{ " AS definition" if loop.first }}{{ " UNION ALL" if not loop.last }}
--% endfor
        ) AS wanted
        WHERE wanted.name NOT IN (
            SELECT lower(c.column_name)
            FROM svv_columns AS c
            WHERE c.table_schema = {{ table.schema_literal | lower }}
              AND c.table_name = {{ table.literal | lower }}
        )
        ORDER BY wanted.name
    LOOP
        EXECUTE {{ ('ALTER TABLE ' ~ table.name ~ ' ADD COLUMN ') | text }} || gained.definition;
--% if notes_traits
        -- What was read for a column that was there before says nothing of this one.
        DELETE FROM {{ watermarks }} WHERE model = {{ model }} AND landed = 'trait ' || gained.name;
--% endif
    END LOOP;
END;
{{ quote }} LANGUAGE plpgsql;

CALL {{ table.add_columns }}();

DROP PROCEDURE {{ table.add_columns }}();
--% endif

--% with kind = 'TABLE'
--% include 'comments.sql'
--% endwith
