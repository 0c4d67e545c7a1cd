//! The pairs on Postgres.

use crate::kinds::POSTGRES;
use crate::support::command::finish;
use crate::support::postgres::Database;
use crate::support::postgres::project::{Project, count};
use crate::{Pair, land, landed, pairs, project};

const WAYS: [&str; 3] = ["table", "view", "incremental"];

/// How many profiles get a value, the last of them NULL.
const PROFILES: usize = 3;

#[test]
fn every_pair_keeps_what_landed() {
    let all = pairs(POSTGRES);
    let kept: Vec<&Pair> = all.iter().filter(|pair| pair.values.is_some()).collect();
    let kept = || kept.iter().copied();
    for way in WAYS {
        let database = Database::new();
        let mut client = database.client();
        client.batch_execute("CREATE SCHEMA acme; SET TimeZone = 'UTC'").unwrap();
        client.batch_execute(&landed("acme", "timestamptz", kept())).unwrap();
        let of = Project::new(&project("postgres", way, kept()), database.url());
        client.batch_execute(&land("acme", 0, kept())).unwrap();
        of.apply(&[]).fine();
        for number in 1..PROFILES {
            client.batch_execute(&land("acme", number, kept())).unwrap();
            of.refresh(&[]).fine();
        }
        for table in ["profile_traits", "identifies_resolved"] {
            for pair in kept() {
                values(&mut client, (way, table), pair);
            }
        }
        finish(of.command("verify", &[])).fine();
        for number in 0..PROFILES {
            let said = finish(of.command("explain", &[&format!("p{number}")])).fine().stdout;
            assert!(said.contains("The tables as they stand say the same"), "{way}: {said}");
        }
        let plan = finish(of.command("plan", &[]));
        let said = format!("{}{}", plan.stdout, plan.stderr);
        assert!(!said.contains("the project says"), "{way}: {said}");
    }
}

fn values(client: &mut postgres::Client, (way, table): (&str, &str), pair: &Pair) {
    let name = pair.name();
    let is_type = |sql_type: &str| match pair.wanted {
        "varchar" => matches!(sql_type, "text" | "character varying"),
        "timestamp" => sql_type == "timestamp with time zone",
        "integer" => sql_type == "bigint",
        "float" => sql_type == "double precision",
        _ => sql_type == "boolean",
    };
    for number in 0..PROFILES {
        let sql = format!(
            "SELECT CAST(t.{name} AS text), CAST(pg_typeof(t.{name}) AS text) FROM acme.{table} AS t WHERE t.canonical_segment_id = $1"
        );
        let row = client.query_one(&sql, &[&format!("p{number}")]).unwrap();
        let (value, sql_type): (Option<String>, String) = (row.get(0), row.get(1));
        let right = pair.values.as_ref().unwrap().get(number).copied();
        assert_eq!(value.as_deref(), right, "{way} {table}.{name} of p{number}");
        assert!(is_type(&sql_type), "{way} {table}.{name} is {sql_type}");
    }
}

#[test]
fn a_pair_that_would_lose_something_is_refused_before_anything_runs() {
    let all = pairs(POSTGRES);
    let lost: Vec<&Pair> = all.iter().filter(|pair| pair.values.is_none()).collect();
    let lost = || lost.iter().copied();
    for way in WAYS {
        let database = Database::new();
        let mut client = database.client();
        client.batch_execute("CREATE SCHEMA acme").unwrap();
        client.batch_execute(&landed("acme", "timestamptz", lost())).unwrap();
        let of = Project::new(&project("postgres", way, lost()), database.url());
        let run = of.apply(&[]).exits(2);
        for pair in lost() {
            run.stderr
                .find(&format!(
                    "acme.identifies.{} is {}, and cannot be read as {} without loss",
                    pair.name(),
                    pair.kind.said,
                    pair.wanted
                ))
                .unwrap_or_else(|| panic!("{} is not in {}", pair.name(), run.stderr));
        }
        assert!(run.stderr.contains("`type: varchar`"), "{}", run.stderr);
        let ours = "pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
            WHERE n.nspname = 'acme' AND c.relname IN ('id_graph', 'profile_traits', 'idgraph_objects')";
        assert_eq!(count(&database, ours), 0, "{way}");
    }
}

/// Segment's own columns, as nobody would have them.
#[test]
fn segments_own_columns_are_cast_too() {
    let database = Database::new();
    let mut client = database.client();
    client
        .batch_execute(
            "CREATE SCHEMA acme; SET TimeZone = 'UTC';
             CREATE TABLE acme.id_graph_updates (id bigint, segment_id uuid, canonical_segment_id uuid, seq bigint,
                 received_at timestamp, uuid_ts timestamp, timestamp timestamp);
             CREATE TABLE acme.external_id_mapping_updates (id bigint, segment_id uuid, external_id_type varchar(20),
                 external_id_value varchar, external_id_hash varchar, seq bigint, received_at timestamp, uuid_ts timestamp,
                 timestamp timestamp);
             CREATE TABLE acme.identifies (id bigint, segment_id uuid, received_at timestamp, uuid_ts timestamp,
                 timestamp timestamp, email varchar);
             INSERT INTO acme.id_graph_updates VALUES
                 (1, '00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000002', 9,
                  '2024-01-01', '2024-01-01', '2024-01-01'),
                 (2, '00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000001', 10,
                  '2024-01-01', '2024-01-01', '2024-01-01');
             INSERT INTO acme.external_id_mapping_updates VALUES
                 (1, '00000000-0000-0000-0000-000000000001', 'email', 'a@b', NULL, 9, '2024-01-01', '2024-01-01', '2024-01-01');
             INSERT INTO acme.identifies VALUES
                 (1, '00000000-0000-0000-0000-000000000001', '2024-01-01', '2024-01-01', '2024-01-01', 'a@b');",
        )
        .unwrap();
    let text = "space: acme\ndialects: [postgres]\ntraits:\n  columns:\n    email: varchar\nmodels:\n  \
        id_graph: { materialized: incremental }\n  external_id_mapping: { materialized: incremental }\n  \
        profile_traits: { materialized: incremental }\n  user_traits: { name: long_traits }\n  user_identifiers: { name: identifiers }\n  profile_merges: { name: merges }\n  resolved_events: {}\n";
    let of = Project::new(text, database.url());
    of.apply(&[]).fine();
    of.refresh(&[]).fine();
    // 10 is later than 9, which bytes alone would not say.
    let sql = "SELECT canonical_segment_id, CAST(timestamp AS text) FROM acme.id_graph WHERE segment_id LIKE '%1'";
    let row = client.query_one(sql, &[]).unwrap();
    assert_eq!(row.get::<_, String>(0), "00000000-0000-0000-0000-000000000001");
    assert_eq!(row.get::<_, String>(1), "2024-01-01 00:00:00+00");
    let sql = "SELECT id || ' ' || email FROM acme.identifies_resolved";
    assert_eq!(client.query_one(sql, &[]).unwrap().get::<_, String>(0), "1 a@b");
    finish(of.command("verify", &[])).fine();
    finish(of.command("explain", &["00000000-0000-0000-0000-000000000001"])).fine();
}

#[test]
fn a_time_of_segments_own_that_landed_as_text_is_refused() {
    let database = Database::new();
    let mut client = database.client();
    client.batch_execute("CREATE SCHEMA acme").unwrap();
    client.batch_execute(&landed("acme", "text", std::iter::empty())).unwrap();
    let text = "space: acme\ndialects: [postgres]\n";
    Project::new(text, database.url()).apply(&[]).exits(2).says(&[
        "acme.id_graph_updates.timestamp is text, and cannot be read as timestamp without loss",
        "this column is Segment's own",
    ]);
}
