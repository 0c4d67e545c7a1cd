//! Merges that follow each other, with none of the entries that Segment repeats for them.

use crate::Arguments;
use crate::data::{self, Sizes};
use crate::report::{self, at_most, median, seconds};
use crate::support::postgres::Server;
use crate::warehouse::{Outcome, Warehouse};

/// Merges that Segment allows a profile.
const LENGTH: u64 = 100;

/// Measures and prints; says how much memory idgraph held at most.
pub fn measure(server: &Server, arguments: &Arguments) -> Outcome<Option<u64>> {
    let profiles = arguments.rows.min(1_000_000);
    let sizes = Sizes { graph: profiles, traits: 1 };
    report::section(
        "Depth",
        &format!("id_graph of {profiles} profiles in chains of {LENGTH}, and in one cycle."),
        &["merges", "idgraph", "against one hop", "target", ""],
    );
    let landed =
        [data::one_hop(profiles, LENGTH), data::chains(profiles, LENGTH), data::cycle(profiles)];
    let mut cases = Vec::new();
    for rows in landed {
        cases.push((Warehouse::new(server, sizes, &[rows])?, Vec::new()));
    }
    let mut memory = None;
    for _ in 0..arguments.runs {
        for (warehouse, times) in &mut cases {
            warehouse.drop_models()?;
            let run = warehouse.idgraph(&["apply", "--yes"])?;
            memory = memory.max(run.memory);
            times.push(*run.models.get("id_graph").ok_or("idgraph says nothing of id_graph")?);
        }
    }
    let medians: Vec<_> = cases.iter().map(|(_, times)| median(times)).collect();
    let names = ["one hop to the head of the chain", "100 hops", "one cycle"];
    for ((index, name), (_, times)) in names.iter().enumerate().zip(&cases) {
        let ratio =
            medians.get(index).zip(medians.first()).map_or(f64::NAN, |(one, other)| one / other);
        let (target, verdict) = match index {
            0 => ("", String::new()),
            1 => ("≤ 3", at_most(ratio, 3.0)),
            _ => ("ends", "met".to_owned()),
        };
        report::row(&[*name, &seconds(times), &format!("{ratio:.2}"), target, &verdict]);
    }
    Ok(memory)
}
