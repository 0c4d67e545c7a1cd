//! A refresh against a build in full, and against the same refresh with a tenth of the history.

use crate::Arguments;
use crate::data::Sizes;
use crate::report::{self, at_most, median, seconds};
use crate::support::postgres::Server;
use crate::warehouse::{MODELS, Outcome, Warehouse};

/// Times of one history: of the full build and of the refreshes, by model.
struct Refreshed<'a> {
    warehouse: Warehouse<'a>,
    full: Vec<f64>,
    refresh: Vec<Vec<f64>>,
    memory: Option<u64>,
}

/// How many batches are refreshed at least: they take little time beside the build.
const REFRESHES: u64 = 3;

/// Measures and prints; says how much memory idgraph held at most.
pub fn measure(
    server: &Server,
    arguments: &Arguments,
    warehouse: Warehouse<'_>,
) -> Outcome<Option<u64>> {
    let new = arguments.rows / 100;
    let sizes = Sizes { graph: arguments.rows / 10, ..warehouse.sizes };
    let short = Warehouse::new(server, sizes, &sizes.history())?;
    let mut histories = [Refreshed::new(warehouse)?, Refreshed::new(short)?];
    for nth in 0..arguments.runs.max(REFRESHES) {
        for history in &mut histories {
            history.refresh(nth, new)?;
        }
    }
    let [long, short] = &histories;
    report::section(
        "Refreshing",
        &format!(
            "After {new} new rows of `id_graph_updates` (1 % of {}), {} of `external_id_mapping_updates` and {} of \
             `identifies`, against the full build before; and the same with a tenth of the history.",
            long.warehouse.sizes.graph,
            new * sizes.external_ids() / sizes.graph,
            new * sizes.identifies() / sizes.graph
        ),
        &[
            "table",
            "full",
            "refresh",
            "refresh / full",
            "target",
            "",
            "a tenth of the history",
            "ratio",
            "target",
            "",
        ],
    );
    for (index, model) in MODELS.iter().enumerate() {
        let (Some(full), Some(times), Some(less)) =
            (long.full.get(index), long.refresh.get(index), short.refresh.get(index))
        else {
            continue;
        };
        let share = median(times) / full;
        let growth = median(times) / median(less);
        report::row(&[
            (*model).to_owned(),
            format!("{full:.2} s"),
            seconds(times),
            format!("{:.1} %", share * 100.0),
            "≤ 5 %".to_owned(),
            at_most(share, 0.05),
            seconds(less),
            format!("{growth:.2}"),
            "≤ 1.5".to_owned(),
            at_most(growth, 1.5),
        ]);
    }
    Ok(long.memory.max(short.memory))
}

impl<'a> Refreshed<'a> {
    fn new(mut warehouse: Warehouse<'a>) -> Outcome<Self> {
        warehouse.drop_models()?;
        let run = warehouse.idgraph(&["apply", "--yes"])?;
        let full = MODELS.map(|model| run.models.get(model).copied().unwrap_or(f64::NAN)).to_vec();
        let refresh = vec![Vec::new(); MODELS.len()];
        Ok(Self { warehouse, full, refresh, memory: run.memory })
    }

    fn refresh(&mut self, nth: u64, new: u64) -> Outcome<()> {
        for sql in self.warehouse.sizes.batch(nth, new) {
            self.warehouse.run(&sql)?;
        }
        let run = self.warehouse.idgraph(&["refresh"])?;
        self.memory = self.memory.max(run.memory);
        for (times, model) in self.refresh.iter_mut().zip(MODELS) {
            times.push(*run.models.get(model).ok_or(format!("idgraph says nothing of {model}"))?);
        }
        Ok(())
    }
}
