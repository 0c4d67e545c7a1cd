//! The same tables as one would write them first: one window for the latest row, a self-join for the merges, one
//! window for each trait. Segment's dbt package has these forms for warehouses that ignore NULL in windows; Postgres
//! does not, so a trait's window puts NULL last.

/// The latest entry of each profile, and where that one points in turn.
pub const ID_GRAPH: &str = "
CREATE TABLE plain.id_graph AS
WITH ranked AS (
    SELECT
        segment_id,
        canonical_segment_id,
        timestamp,
        row_number() OVER (PARTITION BY segment_id ORDER BY timestamp DESC NULLS LAST, seq DESC) AS nth
    FROM acme.id_graph_updates
),
latest AS (
    SELECT segment_id, canonical_segment_id, timestamp
    FROM ranked
    WHERE nth = 1
)
SELECT
    l.segment_id,
    coalesce(onward.canonical_segment_id, l.canonical_segment_id) AS canonical_segment_id,
    l.timestamp
FROM latest AS l
LEFT JOIN latest AS onward ON onward.segment_id = l.canonical_segment_id";

/// One window over all rows of an external id.
pub const EXTERNAL_ID_MAPPING: &str = "
CREATE TABLE plain.external_id_mapping AS
WITH ranked AS (
    SELECT
        coalesce(g.canonical_segment_id, u.segment_id) AS canonical_segment_id,
        u.external_id_type,
        u.external_id_value,
        u.external_id_hash,
        u.timestamp,
        row_number() OVER (
            PARTITION BY u.external_id_type, u.external_id_value
            ORDER BY u.timestamp DESC NULLS LAST, u.seq DESC
        ) AS nth
    FROM acme.external_id_mapping_updates AS u
    LEFT JOIN acme.id_graph AS g ON g.segment_id = u.segment_id
)
SELECT canonical_segment_id, external_id_type, external_id_value, external_id_hash, timestamp
FROM ranked
WHERE nth = 1";

/// What cannot be done without: every entry read, one group for each profile, one table written.
pub const FLOOR: &str = "
CREATE TABLE plain.floor AS
SELECT
    segment_id,
    max(canonical_segment_id) AS canonical_segment_id,
    max(timestamp) AS timestamp
FROM acme.id_graph_updates
GROUP BY segment_id";

/// One window for each trait.
pub fn profile_traits(traits: u64) -> String {
    let each = |write: &dyn Fn(u64) -> String| (0..traits).map(write).collect::<String>();
    let windows = each(&|number| {
        format!(
            ",\n        first_value(t.trait_{number}) OVER (
            PARTITION BY coalesce(g.canonical_segment_id, t.segment_id)
            ORDER BY t.trait_{number} IS NULL, t.timestamp DESC NULLS LAST
        ) AS trait_{number}"
        )
    });
    let columns = each(&|number| format!("\n    v.trait_{number},"));
    format!(
        "
CREATE TABLE plain.profile_traits AS
WITH valued AS (
    SELECT DISTINCT
        coalesce(g.canonical_segment_id, t.segment_id) AS canonical_segment_id{windows}
    FROM acme.identifies AS t
    LEFT JOIN acme.id_graph AS g ON g.segment_id = t.segment_id
)
SELECT
    coalesce(g.segment_id, v.canonical_segment_id) AS canonical_segment_id,{columns}
    nullif(g.canonical_segment_id, g.segment_id) AS merged_to
FROM acme.id_graph AS g
FULL JOIN valued AS v ON v.canonical_segment_id = g.segment_id"
    )
}
