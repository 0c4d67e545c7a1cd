--% from 'macros/window.sql' import read_to
--% from 'macros/identity.sql' import is_noted, noted_landed, of_landed, of_landed_column, of_model
--% set marks = landed_marks | map('mark') | join(', ') or "''"
-- What to read: from a while before what was read last, for rows that landed late, to the newest.
WITH
-- How far the landed tables as they are have been read for the table as it is. What was made again since, or emptied, has not
-- been read at all.
found AS (
    SELECT
        w.landed,
        w.loaded_until
    FROM {{ watermarks }} AS w
    WHERE w.model = {{ model }}
--% if can.identify_tables
      AND w.object_id = {{ of_model() | trim | indent(6) }}
--% endif
      AND (
--% for source in sources
        {{ "OR " if not loop.first }}(
            w.landed = {{ source.literal }}
--% if can.identify_tables
            AND w.landed_id = {{ of_landed(source) | trim | indent(12) }}
--% endif
            AND (w.loaded_until IS NULL OR EXISTS (SELECT 1 FROM {{ source.name }} AS landed))
        )
--% endfor
      )
      AND (w.loaded_until IS NULL OR EXISTS (SELECT 1 FROM {{ table.name }} AS kept))
),
-- Rows that came from elsewhere leave no trace in what is read now: then all is computed again.
noted AS (
    SELECT
        f.landed,
        f.loaded_until
    FROM found AS f
    WHERE (SELECT count(DISTINCT every.landed) FROM found AS every) = {{ sources | length }}
--% if reads_traits and can.identify_columns
      -- A landed column that is there no more, or another one: its values are in rows that no landed row leads to.
      AND NOT EXISTS (
        SELECT 1
        FROM {{ watermarks }} AS w
        WHERE w.model = {{ model }}
          AND w.landed IN ({{ marks }})
          AND w.landed_id <> ''
          AND w.landed_id <> {{ of_landed_column(noted_landed('w.landed') | trim) | trim | indent(10) }}
      )
--% endif
)
SELECT
--% for source in sources
--% set read_until = '(SELECT min(n.loaded_until) FROM noted AS n WHERE n.landed = ' ~ source.literal ~ ')'
    coalesce(
        {{ sql.earlier(x=read_until, seconds=lookback) }},
        {{ sql.beginning_of_time() }}
    ) AS {{ source.role }}_since,
    (SELECT max(u.{{ load_time }}) FROM {{ source.name }} AS u) AS {{ source.role }}_until,
--% if source.role == 'graph' and not is_graph
    -- No further than the graph itself, which may have been refreshed before the newest rows landed.
--% else
    -- Next time from here on. A load time in the future must not hide what lands until then.
--% endif
    {{ read_to(source, is_graph) | trim }} AS {{ source.role }}_read_to,
--% endfor
--% if reads_traits
    {{ landed_marks | length }} - (
        SELECT count(DISTINCT w.landed)
        FROM {{ watermarks }} AS w
        WHERE w.model = {{ model }}
          AND w.landed IN ({{ marks }})
--% if can.identify_columns
          {{ is_noted() | trim | indent(10) }}
--% endif
    ) AS new_traits,
    (
        SELECT count(*)
        FROM {{ watermarks }} AS w
        WHERE w.model = {{ model }}
          AND w.landed LIKE 'trait %'
          AND w.landed NOT IN ({{ marks }})
    ) AS gone_traits,
--% endif
    {{ sql.as_value(x='(SELECT count(*) FROM noted) = 0') }} AS is_first;
