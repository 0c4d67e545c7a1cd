--# NEW is a reserved word of BigQuery.
UPDATE {{ table.name }}
SET
--% for trait in traits
    {{ trait.name }} = computed.{{ trait.name }}{{ "," if not loop.last }}
--% endfor
FROM (
    {{ query | indent(4) }}
) AS computed
WHERE computed.canonical_segment_id = {{ table.bare }}.canonical_segment_id
--% if is_empty and traits | length == 1
  AND {{ traits[0] | is_set('computed') }};
--% elif is_empty
  AND ({{ traits | map('is_set', 'computed') | join(' OR ') }});
--% else
  AND (
      {{ traits | map('is_set', 'computed') | join(' OR ') }}
      OR {{ traits | map('is_set', table.bare) | join(' OR ') }}
  );
--% endif
