UPDATE {{ table.name }}
SET
--% for trait in traits
    {{ trait.name }} = new.{{ trait.name }}{{ "," if not loop.last }}
--% endfor
FROM (
    {{ query | indent(4) }}
) AS new
WHERE new.canonical_segment_id = {{ table.bare }}.canonical_segment_id
--% if is_empty and traits | length == 1
  AND {{ traits[0] | is_set('new') }};
--% elif is_empty
  AND ({{ traits | map('is_set', 'new') | join(' OR ') }});
--% else
  AND (
      {{ traits | map('is_set', 'new') | join(' OR ') }}
      OR {{ traits | map('is_set', table.bare) | join(' OR ') }}
  );
--% endif
