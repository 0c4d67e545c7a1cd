WITH
--% include 'verify/found.sql'
SELECT
    (SELECT count(*) FROM {{ table.name }}) AS standing,
    CAST(coalesce(sum(f.missing), 0) AS {{ types.integer }}) AS missing,
    CAST(coalesce(sum(f.extra), 0) AS {{ types.integer }}) AS extra,
    CAST(coalesce(sum(f.different), 0) AS {{ types.integer }}) AS different
FROM found AS f;
