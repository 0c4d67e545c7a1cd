--# As the base's `window.sql`.
-- What to read: from a while before what was read last, for rows that landed late, to the newest. In variables, since a
-- comparison with those leaves out partitions, one with a subquery reads all.
-- A table without rows has not been read: it was made again, or emptied.
DECLARE {{ variable }}has_rows BOOL DEFAULT EXISTS (SELECT 1 FROM {{ table.name }} AS kept);
-- Rows that came from elsewhere leave no trace in what is read now: then all is computed again.
DECLARE {{ variable }}is_first BOOL DEFAULT {{ sources | length }} > (
    SELECT count(DISTINCT w.landed)
    FROM {{ watermarks }} AS w
    WHERE w.model = {{ model }}
      AND (
--% for source in sources
        {{ "OR " if not loop.first }}(w.landed = {{ source.literal }} AND (w.loaded_until IS NULL OR EXISTS (SELECT 1 FROM {{ source.table.name }} AS landed)))
--% endfor
      )
      AND (w.loaded_until IS NULL OR {{ variable }}has_rows)
);
--% for source in sources
--% set name = variable ~ source.role
DECLARE {{ name }}_watermark TIMESTAMP DEFAULT (
    SELECT min(w.loaded_until)
    FROM {{ watermarks }} AS w
    WHERE w.model = {{ model }}
      AND w.landed = {{ source.literal }}
      AND NOT {{ variable }}is_first
);
DECLARE {{ name }}_since TIMESTAMP DEFAULT coalesce(
    {{ sql.earlier(x=name ~ '_watermark', seconds=lookback) }},
    {{ sql.beginning_of_time() }}
);
DECLARE {{ name }}_until TIMESTAMP DEFAULT coalesce(
    (
        SELECT max(u.{{ load_time }})
        FROM {{ source.name }} AS u
        WHERE u.{{ load_time }} >= {{ name }}_since
    ),
    {{ name }}_watermark
);
--% if source.role != 'graph' or is_graph
-- How far this refresh reads. A load time in the future must not hide what lands until then.
DECLARE {{ name }}_read_to TIMESTAMP DEFAULT coalesce(
    (
        SELECT max(u.{{ load_time }})
        FROM {{ source.name }} AS u
        WHERE u.{{ load_time }} BETWEEN {{ name }}_since AND {{ name }}_until
          AND u.{{ load_time }} <= {{ sql.now() }}
    ),
    {{ name }}_watermark
);
--% else
-- No further than the graph itself, which may have been refreshed before the newest rows landed.
DECLARE {{ name }}_read_to TIMESTAMP DEFAULT (
    SELECT min(w.loaded_until)
    FROM {{ watermarks }} AS w
    WHERE w.model = 'id_graph'
      AND w.landed = {{ source.literal }}
);
--% endif
--% endfor
--% if reads_traits
--% set marks = landed_marks | map('mark') | join(', ') or "''"
-- A trait that the project has gained comes with its history.
DECLARE {{ variable }}history_until TIMESTAMP DEFAULT if(
    {{ landed_marks | length }} > (SELECT count(DISTINCT w.landed) FROM {{ watermarks }} AS w WHERE w.model = {{ model }} AND w.landed IN ({{ marks }})),
    {{ variable }}own_until,
    NULL
);
DECLARE {{ variable }}gone_traits INT64 DEFAULT (
    SELECT count(*)
    FROM {{ watermarks }} AS w
    WHERE w.model = {{ model }}
      AND w.landed LIKE 'trait %'
      AND w.landed NOT IN ({{ marks }})
);
--% endif
