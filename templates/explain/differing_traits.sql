--% from 'macros/cte.sql' import cte
-- Which of the canonical profile's traits differ from what profile_traits would have: by value, as `idgraph verify` does it.
WITH
--% include 'explain/segments.sql'
,
{{ cte(must_be, profile) | trim }}
SELECT
    1 AS one{{ "," if traits }}
--% for trait in traits
--% set new = sql.stored(x='new.' ~ trait.name, type=trait.logical_type, sql_type=trait.type)
    CASE WHEN {{ new }} = old.{{ trait.name }} OR (new.{{ trait.name }} IS NULL AND old.{{ trait.name }} IS NULL) THEN 0 ELSE 1 END AS {{ trait.name }}{{ "," if not loop.last }}
--% endfor
FROM (SELECT CAST($1 AS {{ types.varchar }}) AS canonical_segment_id) AS wanted
LEFT JOIN {{ must_be }} AS new ON new.canonical_segment_id = wanted.canonical_segment_id
LEFT JOIN {{ stands.profile_traits }} AS old ON old.canonical_segment_id = wanted.canonical_segment_id;
