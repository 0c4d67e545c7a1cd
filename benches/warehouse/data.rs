//! The landed rows, made by SQL from their numbers alone: the same on every machine and in every run.

/// What a landed table of traits holds besides the text traits: every tenth a number, a boolean, an integer.
const TYPES: [&str; 10] = [
    "varchar", "varchar", "float", "varchar", "boolean", "varchar", "varchar", "integer",
    "varchar", "varchar",
];

/// Sizes that follow from the number of rows in `id_graph_updates`.
#[derive(Clone, Copy)]
pub struct Sizes {
    /// Rows of `id_graph_updates`.
    pub graph: u64,
    /// Traits of a profile.
    pub traits: u64,
}

impl Sizes {
    /// Profiles, five in each group of ten graph rows.
    pub fn profiles(self) -> u64 {
        self.graph / 2
    }

    /// Rows of `external_id_mapping_updates`.
    pub fn external_ids(self) -> u64 {
        self.graph / 2
    }

    /// Rows of `identifies`.
    pub fn identifies(self) -> u64 {
        self.graph / 4
    }

    /// The project file of such a warehouse.
    pub fn project(self) -> String {
        let mut traits = String::new();
        for number in 0..self.traits {
            traits += &format!("    trait_{number}: {}\n", logical_type(number));
        }
        format!(
            "space: acme\n\
             dialects: [postgres]\n\
             traits:\n  columns:\n{traits}\
             incremental: {{ lookback: 3h }}\n\
             models:\n\
             \x20 id_graph: {{ materialized: incremental }}\n\
             \x20 external_id_mapping: {{ materialized: incremental }}\n\
             \x20 profile_traits: {{ materialized: incremental }}\n\
             targets:\n\
             \x20 bench: {{ engine: postgres, url: \"${{IDGRAPH_BENCH_URL}}\" }}\n"
        )
    }

    /// The history: 300 days of landed rows.
    ///
    /// Each group of five profiles lands ten graph rows: five new profiles, three merges (2 into 1, then 1 and 3
    /// into 0), the entry that repeats 2's merge for 0, and a row landed twice. In every twentieth group the
    /// repeated entry never lands. Of five external ids three differ. Every fourth group has ten
    /// rows of traits, three traits in ten not NULL.
    pub fn history(self) -> [String; 3] {
        let groups = self.graph / 10;
        let span = format!("interval '300 days' * (n::float8 / {groups})");
        [
            graph(&numbers(0, groups), &span),
            external_ids(
                "n",
                &numbers(0, self.external_ids()),
                &format!("interval '300 days' * (n::float8 / {})", self.external_ids()),
            ),
            self.identifies_sql(
                &format!("(n * 7919) % {0} * 20 + n / {0} % 5", (self.graph / 40).max(1)),
                &numbers(0, self.identifies()),
                &format!("interval '300 days' * (n::float8 / {})", self.identifies()),
            ),
        ]
    }

    /// What lands in the `nth` day after the history: `new` graph rows and what belongs to them. Nine in ten are of
    /// new profiles, one in ten merges profiles of any age.
    pub fn batch(self, nth: u64, new: u64) -> Vec<String> {
        // Beyond every profile of the history and of the batches before.
        let first = 1_000_000_000 + nth * 10_000_000;
        let (groups, people) = ((new * 9 / 100).max(1), first * 5);
        let after = |n: &str, count: u64| {
            format!("interval '300 days' + interval '1 day' * ({nth} + ({n})::float8 / {count})")
        };
        let (old_groups, merges) = (self.graph / 10, new / 20);
        let old = |factor: u64| format!("(n * {factor} + {nth} * 31) % {old_groups} * 5");
        let merged = format!("CASE WHEN row.k = 2 THEN {} + 1 ELSE {} END", old(7907), old(7907));
        let any = format!("(n * 104729 + {nth} * 17) % {}", self.profiles());
        let (ids, identifies) =
            (self.external_ids() * new / self.graph, self.identifies() * new / self.graph);
        vec![
            graph(&numbers(first, groups), &after(&format!("n - {first}"), groups)),
            format!(
                "INSERT INTO acme.id_graph_updates {GRAPH_COLUMNS}\n\
                 SELECT {}\n\
                 FROM {}\n\
                 CROSS JOIN (VALUES (1), (2)) AS row (k)\n\
                 CROSS JOIN LATERAL (SELECT {merged} AS profile, {} AS target,\n\
                 {} + n * 10 + row.k AS number,\n\
                 {START} + {} + row.k * interval '1 second' AS at) AS made\n\
                 WHERE made.profile <> made.target",
                graph_values(),
                numbers(0, merges),
                old(6007),
                first * 100,
                after("n", merges.max(1)),
            ),
            // Half of the rows speak of profiles that were there before.
            external_ids(
                &format!("CASE WHEN n % 2 = 0 THEN {any} ELSE {people} + n - {first} END"),
                &numbers(first, ids),
                &after(&format!("n - {first}"), ids.max(1)),
            ),
            self.identifies_sql(
                &format!("CASE WHEN n % 2 = 0 THEN {any} ELSE {people} + (n - {first}) % {groups} * 5 END"),
                &numbers(first, identifies),
                &after(&format!("n - {first}"), identifies.max(1)),
            ),
        ]
    }

    fn identifies_sql(self, profile: &str, numbers: &str, after: &str) -> String {
        let traits = (0..self.traits).map(|number| format!("trait_{number}")).collect::<Vec<_>>();
        let values = (0..self.traits).map(|number| {
            let factor = 1_299_709 + 2 * number;
            let some = format!("(n * {factor} + {number} * 7) % 10007");
            let value = match logical_type(number) {
                "varchar" => format!("'value ' || ({some})"),
                "float" => format!("({some}) / 8.0"),
                "boolean" => format!("({some}) % 2 = 0"),
                _ => some.clone(),
            };
            format!("CASE WHEN ({some}) % 10 < 3 THEN {value} END")
        });
        let values = values.collect::<Vec<_>>().join(",\n");
        format!(
            "INSERT INTO acme.identifies\n\
             (id, segment_id, event_source_id, event_id, anonymous_id, user_id, sent_at, original_timestamp,\n\
             received_at, uuid_ts, timestamp, {})\n\
             SELECT 'identify_' || n, {}, '{SOURCE}', md5('event' || n), md5('anonymous' || made.profile), NULL,\n\
             made.at, made.at, made.at, made.at + interval '5 minutes', made.at,\n{values}\n\
             FROM {numbers}\n\
             CROSS JOIN LATERAL (SELECT {profile} AS profile, {START} + {after} AS at) AS made",
            traits.join(", "),
            segment_id("made.profile"),
        )
    }
}

/// Profiles that each point to the next within chains of `length`, without the entries that Segment repeats.
pub fn chains(profiles: u64, length: u64) -> String {
    pointing(profiles, &format!("CASE WHEN n % {length} = 0 THEN n ELSE n - 1 END"))
}

/// The same profiles, each pointing to the head of its chain at once.
pub fn one_hop(profiles: u64, length: u64) -> String {
    pointing(profiles, &format!("n - n % {length}"))
}

/// Profiles that all point to the next, the last to the first.
pub fn cycle(profiles: u64) -> String {
    pointing(profiles, &format!("(n + 1) % {profiles}"))
}

fn pointing(profiles: u64, target: &str) -> String {
    format!(
        "INSERT INTO acme.id_graph_updates {GRAPH_COLUMNS}\n\
         SELECT {}\n\
         FROM {}\n\
         CROSS JOIN LATERAL (SELECT n AS profile, {target} AS target, n AS number,\n\
         {START} + n * interval '1 second' AS at) AS made",
        graph_values(),
        numbers(0, profiles),
    )
}

/// The first landed row's time.
const START: &str = "timestamptz '2026-01-01 00:00:00+00'";

const SOURCE: &str = "qWvLx2mT8sZr4bNc6yHkDe";

const GRAPH_COLUMNS: &str = "(id, segment_id, canonical_segment_id, triggering_event_type, triggering_event_id,\n\
     triggering_event_source_id, triggering_event_source_slug, seq, received_at, uuid_ts, timestamp)";

fn logical_type(number: u64) -> &'static str {
    TYPES.iter().cycle().nth((number % 10) as usize).copied().unwrap_or("varchar")
}

fn numbers(first: u64, count: u64) -> String {
    format!("generate_series(CAST({first} AS bigint), {first} + {count} - 1) AS n")
}

/// Ids as long as Segment's, in no order.
fn segment_id(number: &str) -> String {
    format!("'use_' || left(md5(({number})::text), 27)")
}

fn graph_values() -> String {
    format!(
        "'graph_' || made.number, {}, {}, 'identify', md5('event' || made.number), '{SOURCE}', 'website',\n\
         lpad(made.number::text, 19, '0'), made.at, made.at + interval '5 minutes', made.at",
        segment_id("made.profile"),
        segment_id("made.target")
    )
}

/// Ten rows for each number: `k` and `target` within the group, `second` when.
fn graph(numbers: &str, after: &str) -> String {
    format!(
        "INSERT INTO acme.id_graph_updates {GRAPH_COLUMNS}\n\
         SELECT {}\n\
         FROM {numbers}\n\
         CROSS JOIN (VALUES (0, 0, 0, 0), (1, 1, 1, 1), (2, 2, 2, 2), (3, 3, 3, 3), (4, 4, 4, 4),\n\
         (5, 2, 1, 5), (6, 1, 0, 6), (7, 2, 0, 6), (8, 3, 0, 8), (8, 3, 0, 9)) AS row (number, k, target, second)\n\
         CROSS JOIN LATERAL (SELECT n * 5 + row.k AS profile, n * 5 + row.target AS target,\n\
         n * 10 + CASE WHEN row.number = 7 AND n % 20 = 0 THEN 8 ELSE row.number END AS number,\n\
         {START} + {after} + row.second * interval '1 second' AS at) AS made\n\
         WHERE NOT (row.number = 7 AND n % 20 = 0)",
        graph_values()
    )
}

fn external_ids(profile: &str, numbers: &str, after: &str) -> String {
    format!(
        "INSERT INTO acme.external_id_mapping_updates\n\
         (id, segment_id, external_id_type, external_id_value, external_id_hash, triggering_event_type,\n\
         triggering_event_id, triggering_event_source_id, triggering_event_source_slug, seq, received_at, uuid_ts,\n\
         timestamp)\n\
         SELECT 'external_' || n, {}, said.type, said.value, encode(sha256(convert_to(said.value, 'UTF8')), 'hex'),\n\
         'identify', md5('event' || n), '{SOURCE}', 'website', lpad(n::text, 19, '0'), made.at,\n\
         made.at + interval '5 minutes', made.at\n\
         FROM {numbers}\n\
         CROSS JOIN LATERAL (SELECT {profile} AS profile, {START} + {after} AS at) AS made\n\
         CROSS JOIN LATERAL (SELECT\n\
         (ARRAY['email', 'user_id', 'anonymous_id', 'ios.id'])[1 + (made.profile / 5 % 4)::int] AS type,\n\
         md5('value' || made.profile - made.profile % 5 + least(made.profile % 5, 2)) AS value) AS said",
        segment_id("made.profile")
    )
}
