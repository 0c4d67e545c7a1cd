--# How many rows of a model no landed row leads to any more. With `reach`, less what the next refresh would compute again, for it
--# takes in what was changed in place. One grouping of both sides reads each once and stays within any memory.
--% from 'macros/cte.sql' import cte
--% if reach and not reach_is_made
WITH
--% for model in recomputed
{{ cte(model.name, model.query) | trim }},
--% endfor
--% include 'verify/reached.sql'
--% endif
SELECT CAST(coalesce(sum(f.standing), 0) AS {{ types.integer }}) AS gone
FROM (
    {{ gone | indent(4) }}
) AS f
--% if reach
--% include 'verify/in_reach.sql'
WHERE a.{{ reach.affected_on[0][1] }} IS NULL
--% endif
;
