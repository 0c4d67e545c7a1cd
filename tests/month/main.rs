//! The first month of a project in a space that Segment's role owns, by the commands that docs/first-hour.md shows: the historical backfill
//! arrives, columns and tables land, a trait gets another type, profiles are merged and deleted, rows land late and without values. After each
//! of them every table is what the reference model says, and nothing is left to do.

#[path = "../built/mod.rs"]
mod built;
#[path = "../support/dice.rs"]
mod dice;
#[path = "../model/mod.rs"]
mod model;
mod place;
mod segment;
#[path = "../support/mod.rs"]
mod support;

use built::compare;
use dice::Dice;
use idgraph::project::LogicalType;
use idgraph::warehouse::{TableColumn, Warehouse};
use model::{Landed, Row, Value, row, tables};
use place::Place;
use segment::Segment;
use support::command::Run;

struct Month {
    place: Place,
    segment: Segment,
}

impl Month {
    fn of(place: Place) -> Self {
        let seed = Dice::seed("IDGRAPH_MONTH_SEED");
        println!("again with IDGRAPH_MONTH_SEED={seed}");
        Self { place, segment: Segment::new(seed) }
    }

    fn runs(&self, arguments: &[&str]) -> Run {
        self.place.idgraph(arguments).fine()
    }

    /// The landed rows as the project has them: its columns, and its types.
    fn seen(&self, warehouse: &Warehouse) -> Landed {
        let mut seen = Landed::default();
        for table in &warehouse.landed {
            let column = |name: &str, value: &Value| {
                // A renamed trait is read under the names that it had before, too.
                let is_before =
                    |column: &&TableColumn| column.renamed_from.contains(&name.to_owned());
                let mut columns = table.columns.iter();
                let column = columns.clone().find(|column| column.name == name);
                let column = column.or_else(|| columns.find(is_before))?;
                Some(match (value, column.logical_type) {
                    (Value::Integer(_), LogicalType::Varchar) => value.as_text(),
                    _ => value.clone(),
                })
            };
            let row = |row: &Row| {
                let known = row.0.iter().filter_map(|(name, value)| {
                    column(name, value).map(|value| (name.clone(), value))
                });
                Row(known.collect())
            };
            seen.add(&table.name, self.segment.landed.rows(&table.name).iter().map(row));
        }
        seen
    }

    /// All tables are what the reference model says.
    #[track_caller]
    fn is_right(&self, when: &str) {
        let mut built = self.place.built();
        let seen = self.seen(&Warehouse::of(&built.project));
        let (expected, got) = (tables(&seen, &built.settings()), built.tables());
        assert!(got.len() > 3 && !got["profile_traits"].is_empty(), "{when}");
        compare::same(&format!("{when}, {}", built.name()), &expected, &got, &seen)
            .unwrap_or_else(|error| panic!("{error}"));
    }

    /// What is more, there is nothing left to do.
    #[track_caller]
    fn is_settled(&self, when: &str) {
        self.is_right(when);
        self.place.idgraph(&["plan"]).fine();
    }

    /// The project takes over what has landed, and the tables follow.
    #[track_caller]
    fn takes_over(&self, when: &str) {
        self.runs(&["introspect", "--target", "it"]);
        self.runs(&["apply", "--yes"]);
        self.is_settled(when);
    }

    #[track_caller]
    fn refreshes(&self, when: &str) {
        self.runs(&["refresh"]);
        self.is_settled(when);
    }

    fn connects(&mut self) {
        let (place, segment) = (&self.place, &mut self.segment);
        Segment::makes(place, "id_graph_updates", "canonical_segment_id varchar, seq varchar");
        Segment::makes(
            place,
            "external_id_mapping_updates",
            "external_id_type varchar, external_id_value varchar, seq varchar",
        );
        Segment::makes(place, "identifies", "user_id varchar, email varchar");
        segment.people(1, 0);
        place.lands("ALTER TABLE acme.identifies ADD COLUMN plan varchar;");
        segment.identifies("p1", 0, &[("email", "p1@example.com".into())]);
        segment.lands(place, 0);
        self.takes_over("connected");
    }

    fn is_backfilled(&mut self) {
        for part in 1..=3 {
            self.segment.people(60, 9);
            self.segment.waits(1);
            self.segment.lands(&self.place, 0);
            self.refreshes(&format!("backfill {part}"));
        }
        Segment::makes(&self.place, "pages", "context_ip varchar, name varchar, url varchar");
        for number in 0..20 {
            let profile = self.segment.somebody();
            let page = row!(name: "Home", url: format!("https://acme.example/{number}"));
            self.segment.event("pages", page, &profile);
        }
        self.segment.lands(&self.place, 0);
        self.runs(&["refresh"]);
        self.takes_over("pages in the backfill");
    }

    fn learns_of_a_column(&mut self) {
        self.segment.waits(24);
        self.place.lands("ALTER TABLE acme.identifies ADD COLUMN visits bigint;");
        self.segment.learns(30, "visits", |number| Value::Integer(number as i64));
        self.segment.lands(&self.place, 0);
        self.runs(&["refresh"]);
        self.is_right("a column that the project does not list");
        let plan = self.place.idgraph(&["plan"]).exits(1);
        assert!(plan.stdout.contains("acme.identifies.visits is bigint"), "{}", plan.stdout);
        self.takes_over("the column is listed");
    }

    fn learns_of_a_table(&mut self) {
        self.segment.waits(24);
        let json = if self.place.is_postgres() { "jsonb" } else { "varchar" };
        Segment::makes(
            &self.place,
            "order_completed",
            &format!("event varchar, event_text varchar, total numeric(38,6), coupons {json}"),
        );
        for number in 0..20 {
            let profile = self.segment.somebody();
            let order = row!(
                event: "order_completed",
                event_text: "Order Completed",
                total: number as f64 + 0.5,
                coupons: (number % 2 == 0).then_some("[1, 2]"),
            );
            self.segment.event("order_completed", order, &profile);
        }
        self.segment.lands(&self.place, 0);
        self.runs(&["refresh"]);
        self.is_right("a table that the project does not list");
        self.takes_over("the table is listed");
        self.segment.learns(10, "visits", |_| Value::Null);
        self.segment.lands(&self.place, 0);
        self.refreshes("NULLs of a trait");
    }

    /// The project says of a trait that it is text.
    fn changes_a_type(&mut self) {
        let text = self.place.project();
        let changed = text.replace("visits: integer", "visits: varchar");
        assert_ne!(changed, text);
        self.place.write(&changed);
        let run = self.place.idgraph(&["apply", "--yes"]).exits(2);
        let models = self.place.models();
        let column = format!("error[type-changed]: {models}.profile_traits.visits is ");
        run.says(&[&column]);
        self.place.runs(&format!("ALTER TABLE {models}.profile_traits DROP COLUMN visits"));
        if self.place.is_postgres() {
            self.place.runs("DROP VIEW acme_models.identifies_resolved");
        }
        self.runs(&["apply", "--yes"]);
        self.is_settled("another type");
        self.segment.waits(1);
        self.segment.learns(10, "visits", |number| Value::Integer(100 + number as i64));
        self.segment.lands(&self.place, 0);
        self.refreshes("values of another type");
    }

    /// The sources send `tier`, and what they have sent so far stays in `plan`.
    fn is_renamed(&mut self) {
        self.segment.waits(1);
        self.place.lands("ALTER TABLE acme.identifies ADD COLUMN tier varchar;");
        self.segment.learns(20, "tier", |number| ["gold", "silver"][number % 2].into());
        self.segment.lands(&self.place, 0);
        let text = self.place.project();
        let renamed = "tier: { type: varchar, renamed_from: plan }";
        let changed = text.replace("plan: varchar", renamed);
        assert_ne!(changed, text);
        self.place.write(&changed);
        let models = self.place.models();
        // Without migrations, what has another name is dropped by hand.
        self.place.runs(&format!("ALTER TABLE {models}.profile_traits DROP COLUMN plan"));
        self.place.runs(&format!("DROP VIEW {models}.identifies_resolved"));
        self.takes_over("another name");
        self.segment.learns(5, "plan", |_| "late".into());
        self.segment.learns(5, "tier", |_| "gold".into());
        self.segment.lands(&self.place, 0);
        self.refreshes("values under both names");
    }

    fn merges(&mut self) {
        self.segment.waits(5);
        for _ in 0..6 {
            let (from, to) = (self.segment.somebody(), self.segment.somebody());
            self.segment.points(&from, &to, 0);
        }
        // A chain, the later end first.
        self.segment.points("p5", "p6", 0);
        self.segment.points("p6", "p7", 1);
        self.segment.lands(&self.place, 0);
        self.refreshes("merges");
    }

    fn deletes_people(&mut self) {
        assert_eq!(self.segment.deletes(&self.place, 2), 2, "one in a hundred");
        self.runs(&["refresh"]);
        let status = self.runs(&["status"]);
        let said = format!("no landed row leads to 2 rows of {}.id_graph", self.place.models());
        assert!(status.stdout.contains(&said), "{}", status.stdout);
        self.place.idgraph(&["verify"]).exits(1);
        self.runs(&["refresh", "--full"]);
        self.is_settled("deleted people");
        let status = self.runs(&["status"]);
        assert!(!status.stdout.contains("no landed row leads to"), "{}", status.stdout);
        self.runs(&["verify"]);
    }

    /// A table is dropped so that Segment makes it again, with other types.
    fn lands_a_table_anew(&mut self) {
        self.place.runs(&format!("DROP VIEW {}.order_completed_resolved", self.place.models()));
        self.segment.drops(&self.place, "order_completed");
        self.runs(&["apply", "--yes"]);
        self.is_settled("a dropped table");
        self.segment.waits(3);
        Segment::makes(&self.place, "order_completed", "event varchar, total double precision");
        for number in 0..8 {
            let profile = self.segment.somebody();
            let order = row!(event: "order_completed", total: number as f64 + 0.25);
            self.segment.event("order_completed", order, &profile);
        }
        self.segment.lands(&self.place, 0);
        self.takes_over("a table made again");
    }

    fn is_late(&mut self) {
        self.segment.waits(10);
        self.segment.people(3, 0);
        self.segment.lands(&self.place, 0);
        self.refreshes("people as ever");
        self.segment.people(3, 5);
        self.segment.points("p8", "p9", 30);
        self.segment.lands(&self.place, 2);
        self.refreshes("late, within the lookback");
        self.segment.people(3, 8);
        self.segment.lands(&self.place, 100);
        self.runs(&["refresh"]);
        self.place.idgraph(&["verify"]).exits(1);
        self.runs(&["refresh", "--full"]);
        self.is_settled("later than the lookback");
    }

    fn lacks_values(&mut self) {
        self.segment.waits(2);
        for column in ["segment_id", "canonical_segment_id", "timestamp", "uuid_ts"] {
            self.segment.without("id_graph_updates", column);
        }
        for column in ["segment_id", "external_id_value", "external_id_type", "timestamp"] {
            self.segment.without("external_id_mapping_updates", column);
        }
        for column in ["segment_id", "email", "timestamp", "uuid_ts", "received_at"] {
            self.segment.without("identifies", column);
        }
        for column in ["segment_id", "id", "timestamp"] {
            self.segment.without("order_completed", column);
        }
        self.segment.lands(&self.place, 0);
        self.refreshes("rows without values");
    }

    fn passes(mut self) {
        self.connects();
        self.is_backfilled();
        self.learns_of_a_column();
        self.learns_of_a_table();
        self.changes_a_type();
        self.is_renamed();
        self.merges();
        self.deletes_people();
        self.lands_a_table_anew();
        self.is_late();
        self.lacks_values();
        self.refreshes("nothing has landed");
        self.runs(&["verify"]);
        self.runs(&["introspect", "--target", "it", "--check"]);
    }
}

#[test]
fn a_month_on_postgres_where_segment_owns_the_space() {
    Month::of(Place::postgres()).passes();
}

#[test]
fn a_month_on_sqlite() {
    Month::of(Place::sqlite()).passes();
}
