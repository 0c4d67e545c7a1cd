-- How often each rule is broken, and how many entries lead to a canonical profile at most.
WITH
--% include 'verify/landed.sql'
SELECT
--% for rule in rules
    (
        SELECT count(*)
        FROM (
            {{ rule.query | trim | indent(12) }}
        ) AS f
    ) AS {{ rule.name }},
--% endfor
    (SELECT coalesce(max(d.depth), 0) FROM {{ depths }} AS d) AS deepest;
