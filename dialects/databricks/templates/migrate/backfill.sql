--# Databricks has no UPDATE from a query.
MERGE INTO {{ table.name }} AS old
USING (
    {{ query | indent(4) }}
) AS new
ON new.canonical_segment_id = old.canonical_segment_id
--% if is_empty
WHEN MATCHED AND ({{ traits | map('is_set', 'new') | join(' OR ') }}) THEN
--% else
WHEN MATCHED AND (
    {{ traits | map('is_set', 'new') | join(' OR ') }}
    OR {{ traits | map('is_set', 'old') | join(' OR ') }}
) THEN
--% endif
    UPDATE SET
--% for trait in traits
        {{ trait.name }} = new.{{ trait.name }}{{ ";" if loop.last else "," }}
--% endfor
