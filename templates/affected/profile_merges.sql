WITH
--% include 'affected/moved.sql'
together AS (
    SELECT m.segment_id
    FROM moved AS m

    UNION ALL

    -- The first time, whatever the table holds.
    SELECT old.segment_id
    FROM {{ table.name }} AS old
    WHERE (SELECT w.is_first FROM {{ window }} AS w)
)
SELECT DISTINCT t.segment_id
FROM together AS t;
