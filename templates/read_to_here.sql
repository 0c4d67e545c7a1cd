--% from 'macros/window.sql' import read, read_to
--% if is_graph and full
-- What was read from the graph so far may be of profiles that it no longer has: all models begin anew.
DELETE FROM {{ watermarks }}{{ sql.all_rows() }};
--% else
DELETE FROM {{ watermarks }} WHERE model = {{ model }};
--% endif

INSERT INTO {{ watermarks }} (
    model,
    landed,
    loaded_until,
    object_id
)
--% for source in sources
SELECT
    {{ model }},
    {{ source.literal }},
    {{ (read_to(source, is_graph) if full else read(window, source.role ~ '_read_to')) | trim }},
    {{ sql.table_id(table=table) | indent(4) if can.identify_tables else 'CAST(NULL AS ' ~ types.varchar ~ ')' }}
--% if not loop.last

UNION ALL

--% endif
--% endfor
--# As many as the warehouse takes in one statement, the others in further ones.
--% set first = (max_selects or landed_traits | length + 9) - sources | length
--% if reads_traits
--% for trait in landed_traits[:first]

UNION ALL

SELECT
    {{ model }},
    {{ trait | mark }},
    NULL,
    {{ sql.column_id(table=table, column=trait.literal) | indent(4) if can.identify_columns and not is_long else 'CAST(NULL AS ' ~ types.varchar ~ ')' }}
--% endfor
--% endif
;
--% if reads_traits and landed_traits | length > first

--% with traits = landed_traits[first:]
--% include 'note_traits.sql'
--% endwith
--% endif
