-- Next time from here on. A load time in the future must not hide what lands until then.
DELETE FROM {{ watermarks }} WHERE model = {{ model }};

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
    (SELECT max(u.{{ load_time }}) FROM {{ source.name }} AS u WHERE u.{{ load_time }} <= {{ sql.now() }})
--% endif
--% if not loop.last

UNION ALL

--% endif
--% endfor
;
