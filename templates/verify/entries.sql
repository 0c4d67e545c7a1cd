--# The merges among the latest entries, which a work table may hold already.
--% from 'macros/graph.sql' import entries, merges
--% if not stepped
entry AS (
    {{ entries(none, in_order=false) | trim | indent(4) }}
),
--% endif
merged AS (
    {{ merges(stepped.entry if stepped else 'entry', in_order=false) | trim | indent(4) }}
),
