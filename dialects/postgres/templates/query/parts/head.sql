--% set astray = stepped.astray if stepped else 'astray'
-- From here on ages stand for profiles: numbers take less room than ids in the rounds that follow.
pointing AS (
    SELECT
        a.segment_id,
        a.age,
        next.age AS next_age,
        a.timestamp
    FROM {{ astray }} AS a
    JOIN {{ astray }} AS next ON next.segment_id = a.canonical_segment_id
),
-- Each looks twice as far in every round and keeps the age of the oldest on its way, itself included, until nobody
-- finds an older one: then each in a cycle has looked all around it, and few rounds go round any cycle.
-- A recursive query may name itself only once, so the round before has a name of its own.
leap (age, reached, oldest, nth, has_news) AS (
    SELECT
        p.age,
        p.next_age,
        p.age,
        1,
        true
    FROM pointing AS p

    UNION ALL

    (
        WITH round AS (
            SELECT * FROM leap
        )
        SELECT
            near.age,
            far.reached,
            least(near.oldest, far.oldest),
            near.nth + 1,
            far.oldest < near.oldest
        FROM round AS near
        JOIN round AS far ON far.age = near.reached
        WHERE EXISTS (SELECT 1 FROM round AS r WHERE r.has_news)
    )
),
-- The oldest of its cycle is the oldest that the profile after it can see. In front of a cycle, nobody is seen again.
head AS (
    SELECT
        p.segment_id,
        p.age
    FROM pointing AS p
    JOIN leap AS l
        ON  l.age = p.next_age
        AND l.oldest = p.age
    WHERE l.nth = (SELECT max(last.nth) FROM leap AS last)
),
