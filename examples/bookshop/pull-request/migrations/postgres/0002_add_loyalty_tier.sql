-- 0002 add loyalty tier
--
--   new column loyalty_tier
--
-- Written by `idgraph migrate new` for Postgres.
-- Run it with `idgraph apply`, or by hand as one transaction.

-- The trait loyalty_tier is new in profile_traits.
ALTER TABLE profiles.profile_traits ADD COLUMN loyalty_tier text;

COMMENT ON COLUMN profiles.profile_traits.loyalty_tier IS 'bronze, silver or gold';

-- Values of loyalty_tier from all landed rows; no other column is touched.
-- idgraph: needs profiles.identifies.loyalty_tier varchar
UPDATE profiles.profile_traits
SET
    loyalty_tier = new.loyalty_tier
FROM (
    WITH latest AS (
        -- One sort and one pass, whatever the number of traits: aggregates take a sorted subquery's rows in its order, so
        -- the first value of each trait is its latest.
        SELECT
            r.canonical_segment_id COLLATE "default" AS canonical_segment_id,
            (array_agg(r.loyalty_tier) FILTER (WHERE r.loyalty_tier IS NOT NULL))[1] AS loyalty_tier
        FROM (
            -- Landed traits under the profile that they belong to now, its latest row first.
            SELECT
                coalesce(g.canonical_segment_id, t.segment_id) COLLATE "C" AS canonical_segment_id,
                t.loyalty_tier
            FROM profiles.identifies AS t
            LEFT JOIN profiles.id_graph AS g ON g.segment_id = t.segment_id
            WHERE t.segment_id IS NOT NULL
            ORDER BY
                coalesce(g.canonical_segment_id, t.segment_id) COLLATE "C",
                t.timestamp DESC NULLS LAST,
                t.uuid_ts DESC NULLS LAST,
                t.id COLLATE "C" DESC NULLS LAST,
                t.segment_id COLLATE "C" DESC NULLS LAST
        ) AS r
        GROUP BY r.canonical_segment_id
    )
    -- Every profile of the graph has a row, and so has one with traits that is not in the graph yet.
    SELECT
        coalesce(g.segment_id, l.canonical_segment_id) AS canonical_segment_id,
        l.loyalty_tier,
        nullif(g.canonical_segment_id, g.segment_id) AS merged_to
    FROM profiles.id_graph AS g
    FULL JOIN latest AS l ON l.canonical_segment_id = g.segment_id
) AS new
WHERE new.canonical_segment_id = profile_traits.canonical_segment_id
  AND new.loyalty_tier IS NOT NULL;
