//! Building in full: idgraph, the plain way, and the floor.

use crate::data::Sizes;
use crate::report::{self, at_least, at_most, median, seconds};
use crate::support::postgres::Server;
use crate::warehouse::{MODELS, Outcome, Warehouse};
use crate::{Arguments, plain};

/// Measures and prints; says how much memory idgraph held at most.
pub fn measure(
    server: &Server,
    arguments: &Arguments,
    warehouse: &mut Warehouse<'_>,
) -> Outcome<Option<u64>> {
    let wide = Sizes { graph: (arguments.rows / 20).max(1_000), traits: 200 };
    report::section(
        "Building in full",
        "`idgraph apply` where nothing is built yet, indexes included, against the plain way without any.",
        &["table", "rows read", "rows built", "idgraph", "plain", "plain / idgraph", "target", ""],
    );
    let mut more = Warehouse::new(server, wide, &wide.history())?;
    let (narrow, more) = (sides(arguments, warehouse)?, sides(arguments, &mut more)?);
    for (built, models) in [(&narrow, &MODELS[..]), (&more, &MODELS[2..])] {
        for model in models {
            let read = match *model {
                "id_graph" => built.sizes.graph,
                "external_id_mapping" => built.sizes.external_ids(),
                _ => built.sizes.identifies(),
            };
            let (index, target) = match (*model, built.sizes.traits) {
                ("id_graph", _) => (0, Some(1.5)),
                ("external_id_mapping", _) => (1, None),
                (_, 20) => (2, Some(5.0)),
                _ => (2, Some(15.0)),
            };
            let (Some(ours), Some(theirs)) = (built.ours.get(index), built.plain.get(index)) else {
                continue;
            };
            let ratio = median(theirs) / median(ours);
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
                seconds(ours),
                seconds(theirs),
                format!("{ratio:.2}"),
                target.map_or("none".to_owned(), |target| format!("≥ {target}")),
                target.map_or(String::new(), |target| at_least(ratio, target)),
            ]);
        }
    }
    report::section(
        "id_graph against the floor",
        "The floor is one hash aggregate over the same landed table into a table, without indexes.",
        &["idgraph", "floor", "idgraph / floor", "target", ""],
    );
    if let Some(ours) = narrow.ours.first() {
        let ratio = median(ours) / median(&narrow.floor);
        report::row(&[
            seconds(ours),
            seconds(&narrow.floor),
            format!("{ratio:.2}"),
            "≤ 2.5".to_owned(),
            at_most(ratio, 2.5),
        ]);
    }
    Ok(narrow.memory.max(more.memory))
}

/// Times of both sides, by model.
struct Built {
    sizes: Sizes,
    ours: Vec<Vec<f64>>,
    plain: Vec<Vec<f64>>,
    rows: Vec<(i64, i64)>,
    floor: Vec<f64>,
    memory: Option<u64>,
}

fn sides(arguments: &Arguments, warehouse: &mut Warehouse<'_>) -> Outcome<Built> {
    let sizes = warehouse.sizes;
    let empty = || vec![Vec::new(); MODELS.len()];
    let (ours, plain) = (empty(), empty());
    let mut built = Built { sizes, ours, plain, rows: Vec::new(), floor: Vec::new(), memory: None };
    for _ in 0..arguments.runs {
        warehouse.drop_models()?;
        let run = warehouse.idgraph(&["apply", "--yes"])?;
        built.memory = built.memory.max(run.memory);
        for (times, model) in built.ours.iter_mut().zip(MODELS) {
            times.push(*run.models.get(model).ok_or(format!("idgraph says nothing of {model}"))?);
        }
        built.floor.push(warehouse.make("floor", plain::FLOOR)?.0);
        let traits = plain::profile_traits(sizes.traits);
        let plain = [plain::ID_GRAPH, plain::EXTERNAL_ID_MAPPING, &traits];
        built.rows.clear();
        for ((times, model), sql) in built.plain.iter_mut().zip(MODELS).zip(plain) {
            let (time, rows) = warehouse.make(model, sql)?;
            times.push(time);
            built.rows.push((warehouse.count(&format!("acme.{model}"))?, rows));
        }
    }
    Ok(built)
}
