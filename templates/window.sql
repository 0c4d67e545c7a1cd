--% from 'macros/window.sql' import read_to
-- What to read: from a while before what was read last, for rows that landed late, to the newest.
WITH
-- How far the table as it is has been read. One that was made again since, or emptied, has not been read at all.
noted AS (
    SELECT
        w.landed,
        w.loaded_until
    FROM {{ watermarks }} AS w
    WHERE w.model = {{ model }}
      AND w.landed IN ({{ sources | map(attribute='literal') | join(', ') }})
--% if can.identify_tables
      AND w.object_id = {{ sql.table_id(table=table) | indent(6) }}
--% endif
      AND (w.loaded_until IS NULL OR EXISTS (SELECT 1 FROM {{ table.name }} AS kept))
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
    {{ landed_traits | length }} - (
        SELECT count(DISTINCT w.landed)
        FROM {{ watermarks }} AS w
        WHERE w.model = {{ model }}
          AND w.landed IN ({{ landed_traits | map('mark') | join(', ') or "''" }})
--% if can.identify_columns and not is_long
          AND w.object_id = {{ sql.column_id(table=table, column='substr(w.landed, 7)') | indent(10) }}
--% endif
    ) AS new_traits,
    (
        SELECT count(*)
        FROM {{ watermarks }} AS w
        WHERE w.model = {{ model }}
          AND w.landed LIKE 'trait %'
          AND w.landed NOT IN ({{ landed_traits | map('mark') | join(', ') or "''" }})
    ) AS gone_traits,
--% endif
    {{ sql.as_value(x='(SELECT count(*) FROM noted) = 0') }} AS is_first;
