//! Segment takes all rows of a deleted profile out of its tables: `status`, `refresh` and `verify` say so of incremental models, and a
//! full refresh leaves nothing of it. Nothing else makes them say it.

mod built;
mod model;
#[allow(dead_code, unused_imports, reason = "scenarios by name are those of tests/semantics")]
#[path = "semantics/scenario.rs"]
mod scenario;
mod support;

use std::collections::BTreeMap;

use built::{Built, compare, table_of};
use idgraph::engine::Cell;
use model::{Landed, Row, tables};
use scenario::{entry, event, mapping, without_events};
use serde_json::Value as Json;
use support::command::{Run, idgraph};

const MAPPINGS: &str = "external_id_mapping_updates";
const WORDS: &str = "no landed row leads to";

/// A database, the project of a team that works on it, and what has landed there.
struct Team {
    built: Built,
    folder: tempfile::TempDir,
    landed: Landed,
}

impl Team {
    fn on_all() -> Vec<Self> {
        let yaml = without_events().replace("KEPT", "incremental");
        let yaml = format!("{yaml}\nincremental: {{ lookback: 1d }}\n");
        let new = |built: Built| {
            let folder = tempfile::tempdir().expect("a folder");
            let target = match built.name() {
                "postgres" => format!("{{ engine: postgres, url: \"{}\" }}", built.url()),
                _ => format!(
                    "{{ engine: sqlite, path: \"{}\" }}",
                    built.folder().join("acme.db").display()
                ),
            };
            let text = format!("{yaml}targets:\n  it: {target}\n");
            std::fs::write(folder.path().join("idgraph.yml"), text).expect("write");
            Self { built, folder, landed: Landed::default() }
        };
        let mut teams: Vec<Self> = Built::on_all(&yaml).into_iter().map(new).collect();
        teams.iter_mut().for_each(Self::begin);
        teams
    }

    /// 200 profiles of one segment, and `p` that `q` and `r` were merged into, taken in by two refreshes.
    fn begin(&mut self) {
        let many: Vec<String> = (0..200).map(|number| format!("s{number}")).collect();
        let mail = |one: &str| format!("{one}@x");
        self.land("id_graph_updates", many.iter().map(|one| entry(one, one, 2)));
        self.land("identifies", many.iter().map(|one| event(one, 2).with("email", mail(one))));
        self.land(MAPPINGS, many.iter().map(|one| mapping(one, "email", &mail(one), 2)));
        self.land("id_graph_updates", [entry("q", "p", 2), entry("r", "p", 2), entry("z", "z", 3)]);
        self.land(
            "identifies",
            [event("p", 2).with("plan", "gold"), event("r", 2).with("visits", 7)],
        );
        self.land(MAPPINGS, [mapping("q", "email", "q@x", 2), mapping("z", "email", "z@x", 3)]);
        self.run("apply", &["--yes"]).fine();
        self.land("id_graph_updates", [entry("y", "y", 9)]);
        self.land("identifies", [event("y", 9).with("email", "y@x")]);
        self.run("refresh", &[]).fine();
        self.is_quiet("begun");
        self.holds("begun");
    }

    fn run(&mut self, command: &str, further: &[&str]) -> Run {
        self.settle();
        let arguments = [&[command, "--target", "it"], further].concat();
        idgraph(self.folder.path(), &arguments)
    }

    /// Postgres counts what a session has deleted up to ten seconds later, unless it is told to do so now.
    fn settle(&mut self) {
        if self.built.name() == "postgres" {
            self.built.engine.query("SELECT pg_stat_force_next_flush()::text").expect("a flush");
            self.built.run("SELECT 1");
        }
    }

    fn land(&mut self, table: &str, rows: impl IntoIterator<Item = Row>) {
        let landed = Landed::default().and(table, rows);
        self.built.land(&landed);
        for (table, rows) in landed.0 {
            self.landed.add(&table, rows);
        }
    }

    /// Takes rows away, here and there.
    fn delete(&mut self, table: &str, ids: &[&str]) {
        let list = ids.join("', '");
        self.built.run(&format!("DELETE FROM acme.{table} WHERE segment_id IN ('{list}')"));
        let rows = self.landed.0.get_mut(table).expect(table);
        rows.retain(|row| !ids.contains(&row.text("segment_id").unwrap_or_default()));
    }

    fn delete_everywhere(&mut self, ids: &[&str]) {
        for table in ["id_graph_updates", MAPPINGS, "identifies"] {
            self.delete(table, ids);
        }
    }

    /// Every table is what the reference model says.
    #[track_caller]
    fn holds(&mut self, when: &str) {
        let expected = tables(&self.landed, &self.built.settings());
        let what = format!("{}, {when}", self.built.name());
        let got = self.built.tables();
        if let Err(why) = compare::same(&what, &expected, &got, &self.landed) {
            panic!("{why}");
        }
    }

    /// What `status` says, by table.
    #[track_caller]
    fn status(&mut self) -> BTreeMap<String, u64> {
        let text = self.run("status", &[]).fine().stdout;
        let json = self.run("status", &["--format", "json"]).fine().stdout;
        let json: Json = serde_json::from_str(&json).expect("JSON");
        let gone = json["gone"].as_array().expect("a list");
        let pair = |one: &Json| Some((one["table"].as_str()?.to_owned(), one["rows"].as_u64()?));
        let gone: BTreeMap<String, u64> = gone.iter().filter_map(pair).collect();
        assert_eq!(text.contains(WORDS), !gone.is_empty(), "{text}");
        gone
    }

    #[track_caller]
    fn is_quiet(&mut self, when: &str) {
        let name = self.built.name();
        assert_eq!(self.status(), BTreeMap::new(), "{name}, {when}");
        let refreshed = self.run("refresh", &[]).fine();
        assert!(!refreshed.stderr.contains(WORDS), "{name}, {when}: {}", refreshed.stderr);
        assert_eq!(self.status(), BTreeMap::new(), "{name}, {when}, refreshed");
    }

    /// Nothing of these profiles is in any table of ours.
    #[track_caller]
    fn no_trace(&mut self, traces: &[&str]) {
        let catalog = self.built.engine.catalog(&["acme"]).expect("the catalog");
        let ours = catalog.objects.values().filter(|found| found.is_ours);
        for found in ours {
            let rows = self.built.engine.rows("acme", found, &Vec::new(), None).expect("rows");
            for cell in rows.rows.iter().flatten().filter_map(Cell::text) {
                assert!(!traces.contains(&cell.as_str()), "{cell} in {}", found.name);
            }
        }
    }
}

/// How many rows each table will lose.
fn lost(before: &model::Tables, after: &model::Tables) -> BTreeMap<String, u64> {
    let count = |table: &String, rows: &Vec<Row>| (rows.len() - after[table].len()) as u64;
    let lost = before.iter().map(|(table, rows)| (table_of(table).to_owned(), count(table, rows)));
    lost.filter(|(_, rows)| *rows > 0).collect()
}

#[test]
fn deleted_profiles_are_said_until_a_full_refresh_takes_them_out() {
    for mut team in Team::on_all() {
        let name = team.built.name();
        let before = team.built.tables();
        team.delete_everywhere(&["s7", "s8"]);
        let after = tables(&team.landed, &team.built.settings());
        let lost = lost(&before, &after);
        let wanted = [
            ("external_id_mapping", 2),
            ("id_graph", 2),
            ("identifiers", 2),
            ("long_traits", 2),
            ("merges", 2),
            ("profile_traits", 2),
        ];
        let wanted: BTreeMap<String, u64> =
            wanted.iter().map(|(table, rows)| ((*table).to_owned(), *rows)).collect();
        assert_eq!(lost, wanted);
        let all = "warning: no landed row leads to 2 rows of acme.id_graph, 2 rows of acme.external_id_mapping, 2 rows of \
            acme.profile_traits, 2 rows of acme.long_traits, 2 rows of acme.identifiers and 2 rows of acme.merges any more, as when \
            Segment has deleted a profile: `idgraph refresh --target it --full` takes them out";
        for round in ["at once", "and again", "with news"] {
            assert_eq!(team.status(), lost, "{name}, {round}");
            if round == "with news" {
                // As many that land late, which a count alone would not tell from those.
                for table in ["id_graph_updates", "identifies", MAPPINGS] {
                    let late = (0..9).map(|number| {
                        let segment = format!("l{number}");
                        match table {
                            MAPPINGS => mapping(&segment, "email", &format!("{segment}@x"), 9),
                            "identifies" => event(&segment, 9).with("email", "l@x"),
                            _ => entry(&segment, &segment, 9),
                        }
                    });
                    team.land(table, late.collect::<Vec<_>>());
                }
            }
            let refreshed = team.run("refresh", &[]).fine();
            assert_eq!(refreshed.stderr.matches(all).count(), 1, "{name}: {}", refreshed.stderr);
        }
        let run = team.run("verify", &[]).exits(1);
        assert_eq!(
            run.stdout.matches("2 that no landed row leads to any more").count(),
            6,
            "{}",
            run.stdout
        );
        for words in [
            "that were\ndeleted in Segment.",
            "`idgraph refresh --target it --full` takes them out",
        ] {
            assert!(run.stdout.contains(words), "{words} is not in\n{}", run.stdout);
        }
        let json = team.run("verify", &["--format", "json"]).exits(1).stdout;
        let json: Json = serde_json::from_str(&json).expect("JSON");
        assert!(
            json["models"].as_array().unwrap().iter().all(|model| model["gone"] == 2),
            "{json}"
        );
        // One model alone does not make the others right.
        team.run("refresh", &["--full", "--select", "external_id_mapping"]).fine();
        let left = team.status();
        assert_eq!((left.len(), left.get("external_id_mapping")), (5, None), "{name}: {left:?}");
        team.run("refresh", &["--full"]).fine();
        team.holds("healed");
        team.no_trace(&["s7", "s8", "s7@x", "s8@x"]);
        team.is_quiet("healed");
        team.run("verify", &[]).fine();
    }
}

/// One that others were merged into, one that stays while those merged into it go, and rows of traits alone.
#[test]
fn what_is_left_of_a_merged_profile_is_said() {
    for mut team in Team::on_all() {
        let name = team.built.name();
        team.delete_everywhere(&["q", "r"]);
        // `p` stands in the rows of both, and by a row of its own in `identifies`.
        let gone = team.status();
        let wanted = [
            ("external_id_mapping", 1),
            ("id_graph", 3),
            ("identifiers", 1),
            ("merges", 3),
            ("profile_traits", 2),
        ];
        let wanted: BTreeMap<String, u64> =
            wanted.iter().map(|(table, rows)| ((*table).to_owned(), *rows)).collect();
        assert_eq!(gone, wanted, "{name}");
        team.run("refresh", &["--full"]).fine();
        team.holds("healed");
        team.no_trace(&["q", "r", "q@x"]);
        team.is_quiet("healed");
        team.delete("identifies", &["s5"]);
        assert_eq!(team.status(), BTreeMap::from([("long_traits".to_owned(), 1)]), "{name}");
        team.run("refresh", &[])
            .fine()
            .says(&["no landed row leads to 1 row of acme.long_traits any more"]);
        team.run("refresh", &["--full"]).fine();
        team.holds("healed of traits");
        team.is_quiet("healed of traits");
    }
}

#[test]
fn what_lands_late_or_twice_or_changes_in_place_is_no_deletion() {
    for mut team in Team::on_all() {
        let late = |row: Row| row.with("uuid_ts", "2022-01-08 12:00:00");
        team.land("id_graph_updates", [late(entry("u", "u", 1))]);
        team.land("identifies", [late(event("u", 1).with("email", "u@x"))]);
        team.is_quiet("late");
        team.holds("late");
        // A batch once more: the same rows, loaded later, and the same to the byte.
        let again: Vec<Row> = team.landed.rows("identifies").iter().take(20).cloned().collect();
        team.land(
            "identifies",
            again.iter().cloned().map(|row| row.with("uuid_ts", "2022-01-09 12:00:00")),
        );
        team.land("identifies", again);
        team.is_quiet("twice");
        team.holds("twice");
        // Segment's loader takes a row out and puts it in again.
        for table in ["id_graph_updates", "identifies", MAPPINGS] {
            let rows: Vec<Row> = team.landed.rows(table).to_vec();
            let of_s9: Vec<Row> =
                rows.into_iter().filter(|row| row.text("segment_id") == Some("s9")).collect();
            team.delete(table, &["s9"]);
            team.land(
                table,
                of_s9.into_iter().map(|row| row.with("uuid_ts", "2022-01-10 00:00:00")),
            );
        }
        team.is_quiet("put in again");
        team.holds("put in again");
        // All of a table with another load time.
        for table in ["id_graph_updates", "identifies", MAPPINGS] {
            let stamp = "2022-01-11 00:00:00";
            team.built.run(&format!("UPDATE acme.{table} SET uuid_ts = '{stamp}'"));
            for row in team.landed.0.get_mut(table).expect(table) {
                *row = row.clone().with("uuid_ts", stamp);
            }
        }
        team.is_quiet("re-stamped");
        team.holds("re-stamped");
        // Changed in place: the next refresh takes in what that leaves behind, so `status` says nothing before it either.
        for (table, column, was, is) in [
            ("id_graph_updates", "canonical_segment_id", "p", "p2"),
            ("id_graph_updates", "segment_id", "z", "z2"),
            (MAPPINGS, "external_id_value", "s3@x", "s3@y"),
        ] {
            let stamp = "2022-01-13 00:00:00";
            team.built.run(&format!(
                "UPDATE acme.{table} SET {column} = '{is}', uuid_ts = '{stamp}' WHERE {column} = '{was}'"
            ));
            let rows = team.landed.0.get_mut(table).expect(table);
            for row in rows.iter_mut().filter(|row| row.text(column) == Some(was)) {
                *row = row.clone().with(column, is).with("uuid_ts", stamp);
            }
            team.is_quiet(&format!("{column} changed in place"));
            team.holds(&format!("{column} changed in place"));
        }
    }
}

#[test]
fn a_table_that_was_emptied_or_made_again_is_read_in_full_and_no_deletion() {
    for mut team in Team::on_all() {
        let rows: Vec<Row> = team.landed.rows(MAPPINGS).iter().take(9).cloned().collect();
        team.built.run(&format!("DELETE FROM acme.{MAPPINGS}"));
        team.landed.0.remove(MAPPINGS);
        team.is_quiet("emptied");
        team.holds("emptied");
        team.built.run(&format!("DROP TABLE acme.{MAPPINGS}"));
        team.is_quiet("dropped");
        team.built.land_tables();
        team.land(MAPPINGS, rows);
        team.is_quiet("made again");
        team.holds("made again");
        if team.built.name() == "postgres" {
            team.built.run("TRUNCATE acme.id_graph_updates");
            let graph = team.landed.0.remove("id_graph_updates").unwrap_or_default();
            team.land("id_graph_updates", graph.into_iter().take(50));
            team.is_quiet("truncated");
            team.holds("truncated");
        }
    }
}

/// On Postgres nothing is read while nothing was deleted: then a look would find what was put into a model by hand.
#[test]
fn without_a_deletion_nothing_is_looked_for() {
    for mut team in Team::on_all() {
        let is_postgres = team.built.name() == "postgres";
        team.built.run(
            "INSERT INTO acme.merges (segment_id, canonical_segment_id) VALUES ('stray', 'stray')",
        );
        assert_eq!(team.status().is_empty(), is_postgres);
        let refreshed = team.run("refresh", &[]).fine();
        assert_eq!(refreshed.stderr.contains(WORDS), !is_postgres, "{}", refreshed.stderr);
        // Of any profile, and a row that is counted as deleted though that was taken back.
        team.built.run("BEGIN");
        team.built.run("DELETE FROM acme.id_graph_updates WHERE segment_id = 's1'");
        team.built.run("ROLLBACK");
        assert_eq!(team.status(), BTreeMap::from([("merges".to_owned(), 1)]));
        team.run("refresh", &["--full"]).fine();
        team.is_quiet("healed");
        team.built.run("DROP TABLE acme.idgraph_refreshes");
        team.is_quiet("where nothing is noted");
    }
}
