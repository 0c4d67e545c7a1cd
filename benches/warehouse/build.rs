//! Building in full: idgraph, the plain way, and the floor.

use crate::data::Sizes;
use crate::report::{self, at_least, at_most, median, seconds};
use crate::support::postgres::Server;
use crate::warehouse::{MODELS, Outcome, Warehouse};
use crate::{Arguments, plain};

/// Graph rows where there are 200 traits, at most: the plain way takes the better part of a minute.
const WIDE: u64 = 50_000;

/// Measures and prints; says how much memory idgraph held at most.
pub fn measure(
    server: &Server,
    arguments: &Arguments,
    warehouse: &mut Warehouse<'_>,
) -> Outcome<Option<u64>> {
    let wide = Sizes { graph: (arguments.rows / 20).clamp(1_000, WIDE), traits: 200 };
    report::section(
        "Building in full",
        "`idgraph apply` where nothing is built yet, against the plain way. idgraph makes a table's indexes last: the \
         time of the table alone is without that of making them again, and the verdict is on that. With indexes, the \
         plain table has the same.",
        &[
            "table",
            "rows read",
            "rows built",
            "idgraph, table alone",
            "plain, table alone",
            "plain / idgraph",
            "target",
            "",
            "idgraph with indexes",
            "plain with indexes",
            "plain / idgraph",
        ],
    );
    let mut more = Warehouse::new(server, wide, &wide.history())?;
    let (narrow, more) = (sides(arguments, warehouse)?, sides(arguments, &mut more)?);
    for (built, models) in [(&narrow, &MODELS[..]), (&more, &MODELS[2..])] {
        for model in models {
            let (index, read, target) = match (*model, built.sizes.traits) {
                ("id_graph", _) => (0, built.sizes.graph, Some(1.5)),
                ("external_id_mapping", _) => (1, built.sizes.external_ids(), None),
                (_, 20) => (2, built.sizes.identifies(), Some(5.0)),
                _ => (2, built.sizes.identifies(), Some(15.0)),
            };
            let (Some(ours), Some(theirs)) = (built.ours.get(index), built.plain.get(index)) else {
                continue;
            };
            let (alone, all) = (theirs.alone() / ours.alone(), theirs.all() / ours.all());
            let name = match index {
                2 => format!("{model}, {} traits", built.sizes.traits),
                _ => (*model).to_owned(),
            };
            let rows = match built.rows.get(index) {
                Some((ours, theirs)) if ours == theirs => ours.to_string(),
                Some((ours, theirs)) => format!("{ours}, plain {theirs}"),
                None => String::new(),
            };
            report::row(&[
                name,
                read.to_string(),
                rows,
                seconds(&ours.table),
                seconds(&theirs.table),
                format!("{alone:.2}"),
                target.map_or("none".to_owned(), |target| format!("≥ {target}")),
                target.map_or(String::new(), |target| at_least(alone, target)),
                seconds(&ours.indexed),
                seconds(&theirs.indexed),
                format!("{all:.2}"),
            ]);
        }
    }
    report::section(
        "id_graph against the floor",
        "The floor is one hash aggregate over the same landed table into a table; with indexes, it has the same.",
        &[
            "idgraph, table alone",
            "floor, table alone",
            "idgraph / floor",
            "target",
            "",
            "idgraph with indexes",
            "floor with indexes",
            "idgraph / floor",
        ],
    );
    if let Some(ours) = narrow.ours.first() {
        let floor = &narrow.floor;
        let ratio = ours.alone() / floor.alone();
        report::row(&[
            seconds(&ours.table),
            seconds(&floor.table),
            format!("{ratio:.2}"),
            "≤ 2.5".to_owned(),
            at_most(ratio, 2.5),
            seconds(&ours.indexed),
            seconds(&floor.indexed),
            format!("{:.2}", ours.all() / floor.all()),
        ]);
    }
    Ok(narrow.memory.max(more.memory))
}

/// Times of one table.
#[derive(Default)]
struct Times {
    /// Without its indexes.
    table: Vec<f64>,
    /// With them.
    indexed: Vec<f64>,
}

impl Times {
    fn alone(&self) -> f64 {
        median(&self.table)
    }

    fn all(&self) -> f64 {
        median(&self.indexed)
    }

    fn add(&mut self, table: f64, indexes: f64) {
        self.table.push(table);
        self.indexed.push(table + indexes);
    }
}

/// Times of both sides, by model.
struct Built {
    sizes: Sizes,
    ours: [Times; MODELS.len()],
    plain: [Times; MODELS.len()],
    rows: Vec<(i64, i64)>,
    floor: Times,
    memory: Option<u64>,
}

fn sides(arguments: &Arguments, warehouse: &mut Warehouse<'_>) -> Outcome<Built> {
    let sizes = warehouse.sizes;
    let (ours, plain, floor) = Default::default();
    let mut built = Built { sizes, ours, plain, rows: Vec::new(), floor, memory: None };
    for _ in 0..arguments.runs {
        warehouse.drop_models()?;
        let run = warehouse.idgraph(&["apply", "--yes"])?;
        built.memory = built.memory.max(run.memory);
        for (times, model) in built.ours.iter_mut().zip(MODELS) {
            let all = *run.models.get(model).ok_or(format!("idgraph says nothing of {model}"))?;
            let indexes = warehouse.index_again(model)?;
            times.add(all - indexes, indexes);
        }
        let floor = warehouse.make("floor", plain::FLOOR, "id_graph")?;
        built.floor.add(floor.table, floor.indexes);
        let traits = plain::profile_traits(sizes.traits);
        let plain = [plain::ID_GRAPH, plain::EXTERNAL_ID_MAPPING, &traits];
        built.rows.clear();
        for ((times, model), sql) in built.plain.iter_mut().zip(MODELS).zip(plain) {
            let made = warehouse.make(model, sql, model)?;
            times.add(made.table, made.indexes);
            built.rows.push((warehouse.count(&format!("acme.{model}"))?, made.rows));
        }
    }
    Ok(built)
}
