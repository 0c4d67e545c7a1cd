DELETE FROM {{ watermarks }}
WHERE model = {{ model }}
  AND landed IN ({{ traits | map('mark') | join(', ') }});
