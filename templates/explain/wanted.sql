INSERT INTO {{ wanted }} (
    segment_id
)
VALUES ($1);
