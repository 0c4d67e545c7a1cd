--# Where a key of `affected` stands for several rows of the table.
-- Only rows that differ are written.
DELETE FROM {{ table.name }} AS old
USING {{ affected }} AS a
WHERE {{ affected_on | map('on_affected', 'old') | join('\n  AND ') }}
  AND NOT EXISTS (
--% include 'same_row.sql'
  );

--% include 'insert_new.sql'
