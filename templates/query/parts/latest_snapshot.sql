-- A landed row is a snapshot: the latest one of a profile decides every trait, NULL included.
latest AS (
    SELECT r.*
    FROM resolved AS r
    WHERE r.{{ recency }} = 1
)
