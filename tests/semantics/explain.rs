//! `explain` says of every profile what the reference model says, by the same landed rows, and where the tables as
//! they stand say something else.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use idgraph::diagnostic::Diagnostics;
use idgraph::dialect::Library;
use idgraph::engine::{self, Interrupt};
use idgraph::explain::{Asked, Entry, Explanation, LandedRow, explain};
use proptest::prelude::*;

use crate::built::Built;
use crate::generate;
use crate::model::{Graph, Landed, Row, external_id_mapping, later, profile_traits};
use crate::random::{UPDATES, holds, project};
use crate::scenario::{entry, event, mapping};
use crate::verify::SMALL;

fn try_explain(built: &mut Built, segment: &str) -> Result<Explanation, Diagnostics> {
    let explanation = ask(built, Asked::Segment(segment))?;
    // What it holds leads back to it.
    if let Some(held) = explanation.external_ids.last() {
        let holder = ask(built, Asked::ExternalId(&held.kind, &held.value))?;
        assert_eq!(holder.segment_id, explanation.canonical_segment_id, "{held:?}");
    }
    Ok(explanation)
}

fn ask(built: &mut Built, asked: Asked<'_>) -> Result<Explanation, Diagnostics> {
    let of = (&built.warehouse, &built.dialect, &Library::embedded());
    let engine = built.engine.as_mut();
    engine::read(engine, &Interrupt::default(), |engine| explain(engine, of, asked))
}

/// What is said of a profile, without the tables as they stand.
#[derive(Debug, PartialEq)]
struct Said {
    canonical: String,
    way: Vec<(String, String, LandedRow)>,
    cycle: Option<BTreeSet<String>>,
    merged: BTreeSet<String>,
    external_ids: BTreeMap<(String, String), LandedRow>,
    traits: BTreeMap<String, LandedRow>,
}

fn said(of: &Explanation) -> Said {
    let way = |entry: &Entry| {
        let row = LandedRow {
            id: entry.id.clone(),
            segment_id: Some(entry.segment_id.clone()),
            timestamp: entry.timestamp.clone(),
            seq: entry.seq.clone(),
        };
        (entry.segment_id.clone(), entry.canonical_segment_id.clone(), row)
    };
    Said {
        canonical: of.canonical_segment_id.clone(),
        way: of.entries.iter().map(way).collect(),
        cycle: of.cycle.as_ref().map(|cycle| cycle.members.iter().cloned().collect()),
        merged: of.merged.iter().map(|entry| entry.segment_id.clone()).collect(),
        external_ids: of
            .external_ids
            .iter()
            .map(|one| ((one.kind.clone(), one.value.clone()), one.row.clone()))
            .collect(),
        traits: of
            .traits
            .iter()
            .filter(|one| one.value.is_some())
            .filter_map(|one| Some((one.name.clone(), one.row.clone()?)))
            .collect(),
    }
}

/// The same by the model; `None` for a profile that nothing names.
fn expected(built: &Built, landed: &Landed, segment: &str) -> Option<Said> {
    let settings = built.settings();
    let graph = Graph::of(landed);
    let named =
        |table: &str| landed.rows(table).iter().any(|row| row.text("segment_id") == Some(segment));
    let known = ["external_id_mapping_updates", settings.traits_from.as_str()];
    if !graph.profiles.contains_key(segment) && !known.into_iter().any(named) {
        return None;
    }
    let with_seq = settings.traits_from == UPDATES;
    let row = |row: &Row, with_seq: bool| LandedRow {
        id: row.text("id").map(str::to_owned),
        segment_id: row.text("segment_id").map(str::to_owned),
        timestamp: row.text("timestamp").map(str::to_owned),
        seq: row.text("seq").filter(|_| with_seq).map(str::to_owned),
    };
    let canonical = graph.resolve(segment);
    let mut way: Vec<(String, String, LandedRow)> = Vec::new();
    let mut cycle = None;
    let mut here = segment.to_owned();
    let entries = landed.rows("id_graph_updates");
    loop {
        if let Some(begin) = way.iter().position(|(passed, ..)| *passed == here) {
            cycle = Some(way[begin..].iter().map(|(passed, ..)| passed.clone()).collect());
            break;
        }
        let own = entries.iter().filter(|row| row.text("segment_id") == Some(&here));
        let Some(latest) = later::latest(later::GRAPH, own) else { break };
        let next = latest.text("canonical_segment_id").unwrap_or(&here).to_owned();
        way.push((here.clone(), next.clone(), row(latest, true)));
        if next == here {
            break;
        }
        here = next;
    }
    let held = external_id_mapping::held(landed, &graph, &settings).into_iter();
    let decided = profile_traits::decided(landed, &graph, &settings);
    Some(Said {
        way,
        cycle,
        merged: graph
            .profiles
            .iter()
            .filter(|(id, profile)| profile.canonical == canonical && **id != canonical)
            .map(|(id, _)| id.clone())
            .collect(),
        external_ids: held
            .filter(|held| held.canonical == canonical)
            .map(|held| ((held.kind.to_owned(), held.value.to_owned()), row(held.decided_by, true)))
            .collect(),
        traits: decided
            .get(&canonical)
            .into_iter()
            .flatten()
            .map(|(name, decided_by)| (name.clone(), row(decided_by, with_seq)))
            .collect(),
        canonical,
    })
}

/// Holds what is said of some profiles against the model.
fn agrees(built: &mut Built, landed: &Landed, segments: &[&str]) -> Result<(), String> {
    for segment in segments {
        let expected = expected(built, landed, segment);
        let got = match try_explain(built, segment) {
            Ok(explanation) => Some(said(&explanation)),
            Err(error) if error.to_string().contains("unknown-profile") => None,
            Err(error) => return Err(format!("{}: {segment:?}: {error}", built.name())),
        };
        if got != expected {
            return Err(format!(
                "{}: {segment:?}\n{got:#?}\nnot {expected:#?}\nlanded:\n{landed}",
                built.name()
            ));
        }
    }
    Ok(())
}

const ASKED: &[&str] = &["a", "A", "é'\"", "", "p1", "p5", "stray", "nobody"];

fn random(yaml: &str, landed: impl Strategy<Value = Landed>) {
    let engines = RefCell::new(Built::on_all(yaml));
    holds(5, landed, |landed| {
        engines.borrow_mut().iter_mut().try_for_each(|built| {
            // Nothing is built: what is explained is what landed.
            built.clear();
            built.land(landed);
            agrees(built, landed, ASKED)
        })
    });
}

#[test]
fn every_profile_is_explained_as_the_model_says() {
    random(&project(UPDATES, "table"), generate::landed(UPDATES));
    random(&project("identifies", "view"), generate::landed("identifies"));
}

#[test]
fn external_ids_taken_away_and_traits_unset_are_explained() {
    let unset = "from: profile_traits_updates\n  null_means: unset";
    let yaml = project(UPDATES, "table").replace("from: profile_traits_updates", unset);
    let yaml = format!("{yaml}\nexternal_ids: {{ removals: true }}");
    random(&yaml, generate::with_removals(UPDATES));
}

#[test]
fn hostile_ids_are_ids() {
    let long = "x".repeat(4000);
    let ids = ["'; DROP TABLE acme.id_graph; --", "\\", "$1", "🎉", "a\nb", "%", &long];
    let mut landed = Landed::default();
    for (number, id) in ids.iter().enumerate() {
        let number = u32::try_from(number).unwrap_or(0);
        let merge = entry("q", id, 1 + number).with("segment_id", format!("of {number}"));
        landed.add("id_graph_updates", [merge.with("id", format!("m{number}"))]);
        let trait_row = event(id, 1).with("plan", *id).with("id", format!("t{number}"));
        landed.add(UPDATES, [trait_row]);
        let known = mapping(id, "email", id, 1).with("id", format!("e{number}"));
        landed.add("external_id_mapping_updates", [known]);
    }
    for built in &mut Built::on_all(SMALL) {
        built.build(&landed);
        agrees(built, &landed, &ids).unwrap();
        for id in ids {
            let explanation = try_explain(built, id).unwrap();
            assert_eq!(explanation.traits[1].value.as_deref(), Some(id));
            assert_eq!(explanation.differences, []);
        }
    }
}

#[test]
fn where_the_tables_say_something_else_is_shown() {
    let landed = Landed::default()
        .and("id_graph_updates", [entry("p", "p", 1), entry("q", "p", 2), entry("r", "r", 2)])
        .and("external_id_mapping_updates", [mapping("q", "email", "j@x", 1)])
        .and(UPDATES, [event("p", 1).with("plan", "free")]);
    let news = Landed::default()
        .and("id_graph_updates", [entry("p", "r", 5)])
        .and("external_id_mapping_updates", [mapping("q", "email", "k@x", 5)])
        .and(UPDATES, [event("r", 5).with("plan", "pro")]);
    let shown = |explanation: &Explanation| -> Vec<String> {
        let shown = explanation.differences.iter().map(|one| {
            let text = |value: &Option<String>| value.clone().unwrap_or("-".to_owned());
            format!("{} {}: {} not {}", one.table, one.what, text(&one.is), text(&one.must_be))
        });
        shown.collect()
    };
    for built in &mut Built::on_all(SMALL) {
        built.build(&landed);
        for segment in ["p", "q", "r"] {
            assert_eq!(shown(&try_explain(built, segment).unwrap()), [""; 0]);
        }
        built.land(&news);
        let expected = [
            "id_graph canonical_segment_id: p not r",
            "profile_traits merged_to: - not r",
            "profile_traits plan: - not pro",
            "external_id_mapping email j@x: - not held",
            "external_id_mapping email k@x: - not held",
        ];
        assert_eq!(shown(&try_explain(built, "p").unwrap()), expected, "{}", built.name());
        built.apply();
        assert_eq!(shown(&try_explain(built, "p").unwrap()), [""; 0], "{}", built.name());
        built.run("INSERT INTO acme.external_id_mapping (canonical_segment_id, external_id_type, external_id_value) VALUES ('r', 'phone', '1')");
        let expected = ["external_id_mapping phone 1: held not -"];
        assert_eq!(shown(&try_explain(built, "q").unwrap()), expected, "{}", built.name());
    }
}
