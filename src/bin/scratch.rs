use idgraph::{diagnostic::*, dialect::*, project::*, render, warehouse::Warehouse};
fn main() {
    let source = Source::new("idgraph.yml", "x");
    let place = Place { source: source.clone(), span: 0..0 };
    let p = |s: &str| Placed { value: s.to_string(), place: place.clone() };
    let col = |k: &str, n: &str, t| Column {
        key: k.into(),
        name: n.into(),
        logical_type: t,
        kind: TraitKind::Custom,
        description: None,
        place: place.clone(),
    };
    let mats = std::env::args().nth(2).map_or(Materialization::Table, |_| Materialization::View);
    let project = Project {
        path: "idgraph.yml".into(),
        source: source.clone(),
        space: p("acme"),
        models_schema: p("acme"),
        dialects: vec![],
        context: vec![col("url", "context_url", LogicalType::Varchar)],
        traits_from: TraitSource::Identifies,
        traits: vec![
            col("email", "email", LogicalType::Varchar),
            col("plan", "plan", LogicalType::Varchar),
            col("lifetimeValue", "lifetime_value", LogicalType::Float),
            col("is_vip", "is_vip", LogicalType::Boolean),
            col("order", "order", LogicalType::Integer),
        ],
        events: vec![Event {
            name: "Order Completed".into(),
            table: "order_completed".into(),
            properties: vec![col("total", "total", LogicalType::Float)],
            place: place.clone(),
        }],
        models: Model::ALL
            .iter()
            .map(|m| ModelChoice {
                model: *m,
                materialized: if *m == Model::ResolvedEvents {
                    Materialization::View
                } else {
                    mats
                },
                place: place.clone(),
            })
            .collect(),
        targets: Default::default(),
    };
    let lib = Library::embedded();
    let w = Warehouse::of(&project);
    let d = std::env::args().nth(1).unwrap();
    match Dialect::load(&lib, &d).and_then(|d| render::render(&w, &d, &lib, "idgraph.yml")) {
        Ok(files) => {
            for f in files {
                println!("=== {}\n{}", f.name, f.text);
            }
        }
        Err(e) => println!("{e}"),
    }
}
