--# No common table expression before UPDATE: its rows are made first.
--% with name = built, on = 'canonical_segment_id'
--% include 'work_table.sql'
--% endwith
{{ query }};

UPDATE {{ table.name }}
SET
--% for trait in traits
    {{ trait.name }} = new.{{ trait.name }}{{ "," if not loop.last }}
--% endfor
FROM {{ built }} AS new
WHERE new.canonical_segment_id = {{ table.bare }}.canonical_segment_id
--% if is_empty
  AND ({{ traits | map('is_set', 'new') | join(' OR ') }});
--% else
  AND (
      {{ traits | map('is_set', 'new') | join(' OR ') }}
      OR {{ traits | map('is_set', table.bare) | join(' OR ') }}
  );
--% endif
