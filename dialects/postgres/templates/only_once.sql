-- Other hands may have made a row twice: one of the two goes. Where there are no rows too many, nothing is joined.
DELETE FROM {{ table.name }} AS old
USING {{ table.name }} AS twin
WHERE {{ table.key | map('same', 'twin') | join('\n  AND ') }}
  AND twin.ctid < old.ctid
  AND (SELECT count(*) FROM {{ table.name }}) > (SELECT count(*) FROM {{ built }});
