--% from 'macros/window.sql' import read_to
-- Next time from here on. A load time in the future must not hide what lands until then.
--% if is_graph and full
-- What was read from the graph so far may be of profiles that it no longer has: all models begin anew.
DELETE FROM {{ watermarks }}{{ sql.all_rows() }};
--% else
DELETE FROM {{ watermarks }} WHERE model = {{ model }};
--% endif

INSERT INTO {{ watermarks }} (
    model,
    landed,
    loaded_until
)
--% for source in sources
SELECT
    {{ model }},
    {{ source.literal }},
--% if source.role == 'graph' and not is_graph
    -- No further than the graph itself, which may have been refreshed before these rows landed.
    (SELECT max(w.loaded_until) FROM {{ watermarks }} AS w WHERE w.model = 'id_graph')
--% else
    {{ read_to(source, none if full else window) | trim | indent(4) }}
--% endif
--% if not loop.last

UNION ALL

--% endif
--% endfor
--# As many as the warehouse takes in one statement, the others in further ones.
--% set first = (max_selects or traits | length + 9) - sources | length
--% if reads_traits
--% for trait in traits[:first]

UNION ALL

SELECT
    {{ model }},
    {{ trait | mark }},
    NULL
--% endfor
--% endif
;
--% if reads_traits and traits | length > first

--% with traits = traits[first:]
--% include 'migrate/note_traits.sql'
--% endwith
--% endif
