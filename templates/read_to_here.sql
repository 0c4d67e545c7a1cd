--% from 'macros/window.sql' import read, read_to
--% from 'macros/identity.sql' import of_column, of_landed, of_landed_column, of_model
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
    object_id,
    landed_id
)
--% for source in sources
SELECT
    {{ model }},
    {{ source.literal }},
    {{ (read_to(source, is_graph) if full else read(window, source.role ~ '_read_to')) | trim }},
    {{ of_model() | trim | indent(4) }},
    {{ of_landed(source) | trim | indent(4) }}
--% if not loop.last

UNION ALL

--% endif
--% endfor
--# As many as the warehouse takes in one statement, the others in further ones.
--% set first = (max_selects or landed_marks | length + 9) - sources | length
--% if reads_traits
--% for trait in landed_marks[:first]

UNION ALL

SELECT
    {{ model }},
    {{ trait | mark }},
    NULL,
    {{ of_column(trait.column) | trim | indent(4) }},
    {{ of_landed_column(trait.landed) | trim | indent(4) }}
--% endfor
--% endif
;
--% if reads_traits and landed_marks | length > first

--% with traits = landed_marks[first:]
--% include 'note_traits.sql'
--% endwith
--% endif
