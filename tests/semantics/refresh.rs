//! What a refresh takes in, what it leaves alone, and what a full one forgets, one case at a time.

use idgraph::engine::Cell;

use crate::built::{Built, compare, table_of};
use crate::model::{Landed, Row, tables};
use crate::scenario::{entry, event, mapping, without_events};

const MAPPINGS: &str = "external_id_mapping_updates";

fn project() -> String {
    let yaml = without_events().replace("KEPT", "incremental");
    format!("{yaml}\nincremental: {{ lookback: 0m }}\n")
}

/// A database with all that has landed in it so far.
struct Fed(Built, Landed);

impl Fed {
    fn on_all() -> Vec<Self> {
        Built::on_all(&project()).into_iter().map(|built| Self(built, Landed::default())).collect()
    }

    fn land(&mut self, table: &str, rows: impl IntoIterator<Item = Row>) {
        let landed = Landed::default().and(table, rows);
        self.0.land(&landed);
        for (table, rows) in landed.0 {
            self.1.add(&table, rows);
        }
    }

    #[track_caller]
    fn holds(&mut self) {
        let expected = tables(&self.1, &self.0.settings());
        if let Err(why) = compare::same(self.0.name(), &expected, &self.0.tables(), &self.1) {
            panic!("{why}");
        }
    }

    /// Many profiles of one segment, and `p` that `q` and `r` were merged into, each with a trait of its own.
    fn crowd(&mut self) {
        let many: Vec<String> = (0..40).map(|number| format!("s{number}")).collect();
        self.land("id_graph_updates", many.iter().map(|one| entry(one, one, 2)));
        self.land(
            "identifies",
            many.iter().map(|one| event(one, 2).with("email", format!("{one}@x"))),
        );
        self.land(MAPPINGS, many.iter().map(|one| mapping(one, "email", &format!("{one}@x"), 2)));
        self.land("id_graph_updates", [entry("q", "p", 2), entry("r", "p", 2)]);
        self.land(
            "identifies",
            [
                event("p", 2).with("plan", "gold"),
                event("q", 2).with("email", "q@x"),
                event("r", 2).with("visits", 7),
            ],
        );
        self.land(MAPPINGS, [mapping("q", "email", "q@x", 2), mapping("r", "user_id", "r", 2)]);
        self.0.apply();
        // What is at the watermark is read again each time: past the crowd, one profile by itself.
        self.land("id_graph_updates", [entry("z", "z", 8)]);
        self.land("identifies", [event("z", 8).with("email", "z@x")]);
        self.land(MAPPINGS, [mapping("z", "email", "z@x", 8)]);
        self.0.apply();
        self.holds();
    }

    /// How many keys the last refresh computed, by model. On SQLite, where its work tables are still there.
    fn affected(&mut self) -> Vec<(&'static str, i64)> {
        let models = [
            "id_graph",
            "external_id_mapping",
            "profile_traits",
            "user_traits",
            "user_identifiers",
            "profile_merges",
        ];
        let counted = models.map(|model| {
            self.0.run("DROP TABLE IF EXISTS acme.counted");
            let sql = format!(
                "CREATE TABLE acme.counted AS SELECT count(*) FROM temp.{}_affected",
                table_of(model)
            );
            self.0.run(&sql);
            let file = rusqlite::Connection::open(self.0.folder().join("acme.db")).expect("open");
            (model, file.query_row("SELECT * FROM counted", [], |row| row.get(0)).expect("a count"))
        });
        counted.to_vec()
    }
}

#[test]
fn each_landed_table_is_read_from_its_own_watermark() {
    for mut fed in Fed::on_all() {
        fed.land("id_graph_updates", [entry("p", "p", 10)]);
        fed.land("identifies", [event("o", 4).with("email", "old@x")]);
        fed.0.apply();
        // Behind what was read of the graph, and not behind what was read of traits.
        fed.land("identifies", [event("o", 5).with("email", "new@x")]);
        fed.0.apply();
        fed.holds();
    }
}

/// Segment may load a batch twice: nothing in the tables changes, and all the same it has been read.
#[test]
fn a_batch_without_changes_moves_the_watermarks() {
    let batch = |loaded: u32| {
        let late = event("-", loaded).get("uuid_ts").clone();
        let landed = Landed::default()
            .and("id_graph_updates", [entry("q", "p", 2).with("uuid_ts", late.clone())])
            .and("identifies", [event("q", 2).with("email", "q@x").with("uuid_ts", late.clone())]);
        landed.and(MAPPINGS, [mapping("q", "email", "q@x", 2).with("uuid_ts", late)])
    };
    for mut fed in Fed::on_all() {
        let marks = |fed: &mut Fed| -> Vec<Vec<Cell>> {
            let sql =
                "SELECT model, landed, loaded_until FROM acme.idgraph_watermarks ORDER BY 1, 2";
            fed.0.engine.query(sql).expect("watermarks").rows
        };
        let land = |fed: &mut Fed, batch: Landed| {
            for (table, rows) in batch.0 {
                fed.land(&table, rows);
            }
            fed.0.apply();
            fed.holds();
        };
        land(&mut fed, batch(3));
        // The long forms show when a value was loaded.
        let content = |fed: &mut Fed| {
            ["id_graph", "external_id_mapping", "profile_traits"].map(|table| {
                let rows = fed.0.rows(table);
                let mut rows: Vec<String> = rows.iter().map(|row| format!("{row:?}")).collect();
                rows.sort();
                rows
            })
        };
        let before = (marks(&mut fed), content(&mut fed));
        fed.0.apply();
        assert_eq!(marks(&mut fed), before.0, "without a batch they stay");
        land(&mut fed, batch(5));
        assert_eq!(content(&mut fed), before.1, "{}", fed.0.name());
        let after = marks(&mut fed);
        assert_eq!(after.len(), before.0.len());
        assert!(after.iter().filter(|row| row[2] != Cell::Null).count() > 6, "{after:?}");
        for (old, new) in before.0.iter().zip(&after) {
            // A trait's mark has no time.
            let until = |row: &[Cell]| row[2].text().unwrap_or_default();
            assert_eq!(old[..2], new[..2]);
            assert_eq!(until(old).replace("-03", "-05"), until(new), "{}: {new:?}", fed.0.name());
        }
    }
}

#[test]
fn a_row_of_the_year_2099_hides_nothing_that_lands_after_it() {
    for mut fed in Fed::on_all() {
        let future = "2099-01-01 00:00:00";
        fed.land("id_graph_updates", [entry("q", "q", 3).with("uuid_ts", future)]);
        fed.land("identifies", [event("q", 3).with("email", "q@x").with("uuid_ts", future)]);
        fed.land(MAPPINGS, [mapping("q", "email", "q@x", 3).with("uuid_ts", future)]);
        fed.0.apply();
        fed.land("id_graph_updates", [entry("q", "p", 4)]);
        fed.land("identifies", [event("q", 4).with("email", "p@x")]);
        fed.land(MAPPINGS, [mapping("p", "email", "q@x", 4)]);
        fed.0.apply();
        fed.holds();
    }
}

#[test]
fn a_model_reads_no_further_than_the_graph_that_it_saw() {
    for mut fed in Fed::on_all() {
        fed.crowd();
        fed.land("id_graph_updates", [entry("s1", "s2", 9), entry("s4", "s4", 10)]);
        // The others first, over the graph of before: what they have not seen they must read again.
        let others = [
            "external_id_mapping",
            "profile_traits",
            "user_traits",
            "user_identifiers",
            "profile_merges",
        ];
        fed.0.refresh(false, &others);
        fed.0.refresh(false, &["id_graph"]);
        fed.0.refresh(false, &others);
        fed.holds();
    }
}

/// Takes profiles out of the landed tables: `z` is the newest, `q` and `r` were merged into one that stays.
fn erase(fed: &mut Fed) {
    const ERASED: [&str; 4] = ["q", "r", "s7", "z"];
    for (table, rows) in &mut fed.1.0 {
        rows.retain(|row| !ERASED.contains(&row.text("segment_id").unwrap_or_default()));
        let list = ERASED.join("', '");
        fed.0.run(&format!("DELETE FROM acme.{table} WHERE segment_id IN ('{list}')"));
    }
}

/// No table of ours has anything of them in any column.
#[track_caller]
fn no_trace(fed: &mut Fed) {
    fed.holds();
    let catalog = fed.0.engine.catalog(&["acme"]).expect("the catalog");
    for found in catalog.objects.values().filter(|found| found.is_ours) {
        let rows = fed.0.engine.rows("acme", found, &Vec::new(), None).expect("rows");
        for cell in rows.rows.iter().flatten().filter_map(Cell::text) {
            // `z` alone has the eighth: not even when it landed is kept.
            let traces = ["q", "r", "s7", "z", "q@x", "s7@x", "z@x", "2022-01-08 00:00:00"];
            assert!(!traces.contains(&cell.as_str()), "{}: {cell} in {}", fed.0.name(), found.name);
        }
    }
}

#[test]
fn a_full_refresh_leaves_no_trace_of_what_was_erased() {
    for mut fed in Fed::on_all() {
        fed.crowd();
        erase(&mut fed);
        // The graph alone, and then the others as on any day: they must notice.
        fed.0.refresh(true, &["id_graph"]);
        fed.0.refresh(false, &[]);
        no_trace(&mut fed);
        fed.0.refresh(true, &[]);
        no_trace(&mut fed);
        let written = fed.0.refresh(false, &[]);
        assert!(fed.0.name() != "postgres" || written.written().is_empty(), "{written:?}");
    }
}

#[test]
fn a_full_refresh_mends_what_other_hands_did_to_a_table() {
    for kept in ["incremental", "table"] {
        for built in Built::on_all(&without_events().replace("KEPT", kept)) {
            let mut fed = Fed(built, Landed::default());
            fed.crowd();
            for table in ["id_graph", "external_id_mapping", "profile_traits", "long_traits"] {
                // All rows twice, and those of one profile three times.
                fed.0.run(&format!("INSERT INTO acme.{table} SELECT * FROM acme.{table}"));
                let of_p = format!("FROM acme.{table} WHERE canonical_segment_id = 'p'");
                fed.0.run(&format!("INSERT INTO acme.{table} SELECT * {of_p}"));
            }
            fed.0.run("DELETE FROM acme.identifiers");
            fed.0.run("UPDATE acme.merges SET canonical_segment_id = segment_id");
            fed.0.refresh(true, &[]);
            fed.holds();
        }
    }
}

#[test]
fn an_apply_of_tables_leaves_no_trace_of_what_was_erased() {
    for built in Built::on_all(&without_events().replace("KEPT", "table")) {
        let mut fed = Fed(built, Landed::default());
        fed.crowd();
        erase(&mut fed);
        fed.0.apply();
        no_trace(&mut fed);
    }
}

#[test]
fn a_trait_that_goes_takes_its_rows_and_one_that_comes_brings_its_history() {
    let with = project();
    let without = with.replace("plan: varchar, ", "");
    assert_ne!(with, without);
    for mut fed in Fed::on_all() {
        fed.crowd();
        fed.0.edit(&without);
        let gone = fed.0.apply();
        let expected = tables(&fed.1, &fed.0.settings());
        let got = fed.0.rows("user_traits");
        let differing = compare::difference("user_traits", &expected["user_traits"], &got);
        assert_eq!(differing, None, "{}", fed.0.name());
        if fed.0.name() == "sqlite" {
            assert_eq!(fed.affected()[3], ("user_traits", 4), "p, q, r and z");
        } else {
            assert_eq!(gone.written(), [("acme.long_traits", 1)]);
        }
        fed.0.run("UPDATE acme.profile_traits SET plan = NULL");
        fed.0.edit(&with);
        let come = fed.0.apply();
        fed.holds();
        if fed.0.name() == "sqlite" {
            assert_eq!(fed.affected()[2..4], [("profile_traits", 4), ("user_traits", 4)]);
        } else {
            let written = [("acme.profile_traits", 1), ("acme.long_traits", 1)];
            assert_eq!(come.written(), written, "one row changed, and one new");
        }
    }
}

/// Where a warehouse does not keep them from it, two runs at once leave notes twice.
#[test]
fn a_trait_that_comes_brings_its_history_where_notes_are_there_twice() {
    let with = project();
    let without = with.replace("plan: varchar, ", "");
    let mut fed = Fed(Built::on_postgres(&without), Landed::default());
    fed.0.run("ALTER TABLE acme.identifies ADD COLUMN plan text");
    let watermarks = "acme.idgraph_watermarks";
    fed.0.run(&format!("ALTER TABLE {watermarks} DROP CONSTRAINT idgraph_watermarks_pkey"));
    fed.land("identifies", [event("p", 2).with("email", "p@x"), event("z", 9)]);
    fed.0.run("UPDATE acme.identifies SET plan = 'gold' WHERE segment_id = 'p'");
    fed.0.apply();
    fed.0.run(&format!("INSERT INTO {watermarks} SELECT * FROM {watermarks}"));
    fed.0.edit(&with);
    fed.0.apply();
    for row in fed.1.0.values_mut().flatten().filter(|row| row.text("segment_id") == Some("p")) {
        *row = row.clone().with("plan", "gold");
    }
    fed.holds();
    let twice =
        "SELECT model FROM acme.idgraph_watermarks GROUP BY model, landed HAVING count(*) > 1";
    assert_eq!(fed.0.engine.query(twice).expect("watermarks").rows.len(), 0, "healed");
}

#[test]
fn what_changed_is_computed_and_only_that() {
    let mut fed = Fed(Built::on_sqlite(&project()), Landed::default());
    fed.crowd();
    let counts =
        |fed: &mut Fed| fed.affected().into_iter().map(|(_, count)| count).collect::<Vec<_>>();
    fed.0.apply();
    assert_eq!(counts(&mut fed), [1, 1, 1, 1, 1, 1], "z alone");
    // A trait of a merged profile: it and who was merged with it, and z. An external id that moves: it, and z's.
    fed.land("identifies", [event("q", 9).with("visits", 9)]);
    fed.land(MAPPINGS, [mapping("s3", "email", "s2@x", 9)]);
    fed.0.apply();
    fed.holds();
    assert_eq!(counts(&mut fed), [1, 2, 4, 4, 2, 1]);
    // A merge of two profiles, of one and of three segments, and z; their ids, of which p has
    // none, with the one at the watermark.
    fed.land("id_graph_updates", [entry("s1", "q", 10)]);
    fed.0.apply();
    fed.holds();
    assert_eq!(counts(&mut fed), [5, 5, 5, 5, 5, 5]);
}
