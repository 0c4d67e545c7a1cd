--% with carried = (['seq'] if traits_from.has_seq else []) + ['received_at', 'uuid_ts', 'timestamp']
--% include 'query/parts/snapshots.sql'
--% endwith
--# A UNION ALL may be of so many SELECTs: more traits are in several parts.
--% set parts = traits | batch(max_selects or traits | length + 1) | list
--% for part in parts
trait{{ '_' ~ loop.index if parts | length > 1 }} AS (
--% for trait in part
    SELECT {{ trait.literal | exact }} AS name{{ " UNION ALL" if not loop.last }}
--% endfor
),
--% else
trait AS (
    SELECT CAST(NULL AS {{ types.varchar }}) AS name
),
--% endfor
--% if parts | length > 1
trait AS (
--% for part in parts
    SELECT p.name FROM trait_{{ loop.index }} AS p{{ " UNION ALL" if not loop.last }}
--% endfor
),
--% endif
-- In long form: a row for each trait, set or not. Of several the latest comes first.
long AS (
    SELECT
        n.canonical_segment_id,
        k.name,
        CASE
--% for trait in traits
            WHEN k.name = {{ trait.literal }} THEN {{ sql.to_text(x='n.' ~ trait.name, type=trait.logical_type) }}
--% else
            WHEN 1 = 0 THEN k.name
--% endfor
        END AS value,
        {{ 'n.seq' if traits_from.has_seq else 'CAST(NULL AS ' ~ types.varchar ~ ') AS seq' }},
        n.received_at,
        n.uuid_ts,
        n.timestamp,
        n.{{ recency }}
    FROM resolved AS n
    CROSS JOIN trait AS k
),
ranked AS (
    SELECT
        l.canonical_segment_id,
        l.name,
        l.value,
        l.seq,
        l.received_at,
        l.uuid_ts,
        l.timestamp,
        row_number() OVER (PARTITION BY l.canonical_segment_id, l.name ORDER BY l.{{ recency }} DESC) AS nth_latest
    FROM long AS l
    WHERE l.value IS NOT NULL
)
