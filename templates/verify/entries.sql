--# The latest entries and the merges among them, where no work tables hold them already.
--% from 'macros/graph.sql' import entries, merges
--% if not stepped
entry AS (
    {{ entries(none) | trim | indent(4) }}
),
merged AS (
    {{ merges('entry') | trim | indent(4) }}
),
--% endif
