-- What to read: from a while before what was read last, for rows that landed late, to the newest.
SELECT
--% for source in sources
--% set read_until = '(\n            SELECT max(w.loaded_until)\n            FROM ' ~ watermarks ~ ' AS w\n            WHERE w.model = ' ~ model ~ '\n              AND w.landed = ' ~ source.literal ~ '\n        )'
    coalesce(
        {{ sql.earlier(x=read_until, seconds=lookback) }},
        {{ sql.beginning_of_time() }}
    ) AS {{ source.role }}_since,
    (SELECT max(u.{{ load_time }}) FROM {{ source.name }} AS u) AS {{ source.role }}_until,
--% endfor
--% if reads_traits
    {{ traits | length }} - (SELECT count(*) FROM {{ watermarks }} AS w WHERE w.model = {{ model }} AND w.landed IN ({{ traits | map('mark') | join(', ') or "''" }})) AS new_traits,
    (SELECT count(*) FROM {{ watermarks }} AS w WHERE w.model = {{ model }} AND w.landed LIKE 'trait %' AND w.landed NOT IN ({{ traits | map('mark') | join(', ') or "''" }})) AS gone_traits,
--% endif
    {{ sql.as_value(x='(SELECT count(*) FROM ' ~ watermarks ~ ' AS w WHERE w.model = ' ~ model ~ ') = 0') }} AS is_first;
