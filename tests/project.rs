//! Project files are read, whatever is in them: the example, odd but valid files, hostile ones.

use std::path::Path;
use std::time::{Duration, Instant};

use idgraph::diagnostic::Result;
use idgraph::project::{
    EngineNeeds, Known, LogicalType, Materialization, Model, Needs, Project, TraitKind, TraitSource,
};

const EXAMPLE: &str = include_str!("rendered/idgraph.yml");

fn known() -> Known {
    let engine = |name: &str, needs| EngineNeeds { name: name.to_owned(), needs };
    Known {
        dialects: ["postgres", "snowflake", "bigquery", "sqlite"].map(str::to_owned).to_vec(),
        engines: vec![engine("postgres", Needs::Url), engine("sqlite", Needs::Path)],
    }
}

fn parse(text: &str) -> Result<Project> {
    Project::parse(Path::new("idgraph.yml"), text, &known())
}

/// The codes of a text's mistakes, every message rendered on the way.
fn codes(text: &str) -> Vec<&'static str> {
    match parse(text) {
        Ok(_) => Vec::new(),
        Err(error) => {
            assert!(!error.to_string().is_empty());
            error.iter().map(|one| one.code()).collect()
        }
    }
}

#[test]
fn the_example_is_read() {
    let project = Project::read(Path::new("tests/rendered/idgraph.yml"), &known()).unwrap();
    assert_eq!(project.space.value, "acme");
    assert_eq!(project.models_schema.value, "acme");
    assert_eq!(project.folder(), Path::new("tests/rendered"));
    let dialects: Vec<_> = project.dialects.iter().map(|one| one.value.as_str()).collect();
    assert_eq!(dialects, ["postgres", "snowflake", "bigquery", "sqlite"]);
    let context: Vec<_> = project.context.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(context, ["context_url", "context_page_title"]);
    assert_eq!(project.traits_from, TraitSource::Identifies);
    let traits: Vec<_> =
        project.traits.iter().map(|one| (one.name.as_str(), one.logical_type)).collect();
    assert_eq!(
        traits,
        [
            ("email", LogicalType::Varchar),
            ("plan", LogicalType::Varchar),
            ("lifetime_value", LogicalType::Float),
            ("is_vip", LogicalType::Boolean),
            ("order", LogicalType::Integer),
        ]
    );
    assert_eq!(project.traits[1].description.as_deref(), Some("Current plan"));
    assert_eq!(project.traits[2].kind, TraitKind::Computed);
    assert_eq!(project.traits[2].key, "lifetimeValue");
    let place = &project.traits[2].place;
    assert_eq!(&place.source.text[place.span.clone()], "lifetimeValue");
    assert_eq!(project.events[0].name, "Order Completed");
    assert_eq!(project.events[0].table, "order_completed");
    assert_eq!(project.events[0].properties[1].name, "order_id");
    let models: Vec<_> = project.models.iter().map(|one| (one.model, one.materialized)).collect();
    assert_eq!(
        models,
        [
            (Model::IdGraph, Materialization::Table),
            (Model::ExternalIdMapping, Materialization::Table),
            (Model::ProfileTraits, Materialization::Table),
            (Model::ResolvedEvents, Materialization::View),
        ]
    );
    assert_eq!(project.targets["local"].path.as_ref().unwrap().value, "acme.db");
    assert_eq!(project.targets["warehouse"].url.as_ref().unwrap().value, "${DATABASE_URL}");
    assert_eq!(project.targets["warehouse"].engine.value, "postgres");
}

#[test]
fn a_project_may_be_two_lines() {
    let project = parse("space: acme\ndialects: [postgres]\n").unwrap();
    assert_eq!(project.models_schema, project.space);
    let models: Vec<_> = project.models.iter().map(|one| one.model).collect();
    assert_eq!(models, [Model::IdGraph, Model::ExternalIdMapping, Model::ProfileTraits]);
    assert!(project.traits.is_empty() && project.events.is_empty() && project.targets.is_empty());
}

#[test]
fn sections_may_be_left_empty() {
    let text = "space: acme\nmodels_schema: marts\ndialects: [postgres]\nsources:\ncontext:\ntraits:\n  columns:\n\
                events:\n  Signed Up:\nmodels:\n  user_traits:\n  resolved_events:\ntargets:\n";
    let project = parse(text).unwrap();
    assert_eq!(project.events[0].table, "signed_up");
    let models: Vec<_> = project.models.iter().map(|one| (one.model, one.materialized)).collect();
    assert_eq!(models[3], (Model::UserTraits, Materialization::Table));
    assert_eq!(models[4], (Model::ResolvedEvents, Materialization::View));
}

#[test]
fn line_ends_of_windows_a_mark_at_the_start_and_document_markers_are_fine() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("idgraph.yml");
    let windows = EXAMPLE.replace('\n', "\r\n");
    std::fs::write(&path, format!("\u{feff}---\r\n{windows}...\r\n")).unwrap();
    let project = Project::read(&path, &known()).unwrap();
    for column in &project.traits {
        assert_eq!(&column.place.source.text[column.place.span.clone()], column.key);
    }
}

#[test]
fn places_are_right_beside_letters_of_many_bytes() {
    let text = "# 日本語 é\r\nspace: \"日本\"\ndialects: [postgres]\n\
                traits: { columns: { 'é a': varchar, \"ü1\": float } } # 🙂\nevents:\n  Añadido 🙂 b: {}\n";
    let project = parse(text).unwrap();
    let shown =
        |place: &idgraph::diagnostic::Place| place.source.text[place.span.clone()].to_owned();
    assert_eq!(shown(&project.space.place), "\"日本\"");
    assert_eq!(shown(&project.traits[0].place), "'é a'");
    assert_eq!(shown(&project.traits[1].place), "\"ü1\"");
    assert_eq!(shown(&project.events[0].place), "Añadido 🙂 b");
    assert_eq!(project.events[0].table, "a_adido_b");
}

#[test]
fn an_alias_is_shown_where_it_is_used() {
    let text = "space: &name acme\nmodels_schema: *name\ndialects: [postgres]\n";
    let project = parse(text).unwrap();
    assert_eq!(project.models_schema.value, "acme");
    assert_eq!(&text[project.models_schema.place.span.clone()], "*name");

    let text = "space: acme\ndialects: [postgres]\ntraits:\n  columns:\n\
                \x20   a: &a { type: varchar }\n    b: *a\nevents:\n  E: { properties: { c: *a, d: { type: *a } } }\n";
    let error = parse(text).unwrap_err();
    assert_eq!(error.iter().count(), 1);
    assert!(error.to_string().contains("--> idgraph.yml:8:40"), "{error}");
}

#[test]
fn hostile_names_become_harmless_or_stay_quoted() {
    let text = "space: 'x\"; drop schema y; --'\ndialects: [postgres]\n\
                traits: { columns: { 'x\"; drop table y; --': varchar } }\n";
    let project = parse(text).unwrap();
    assert_eq!(project.space.value, "x\"; drop schema y; --");
    assert_eq!(project.traits[0].name, "x_drop_table_y");
}

#[test]
fn a_bomb_of_aliases_is_refused_at_once() {
    let started = Instant::now();
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..40 {
        let items = [format!("*a{}", level - 1).as_str(); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{items}]\n"));
    }
    assert_eq!(codes(&text), ["too-many-aliases"]);

    // Wide rather than deep: few aliases, each to a long list.
    let text = format!("a: &a [{}]\nb: [{}]\n", "x,".repeat(100_000), "*a,".repeat(100_000));
    assert_eq!(codes(&text), ["too-many-aliases"]);
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

#[test]
fn deep_nesting_is_refused_at_once() {
    let started = Instant::now();
    for text in [
        "[".repeat(100_000),
        "{a: ".repeat(100_000),
        "- ".repeat(100_000),
        "? ".repeat(100_000),
        "[{a: ".repeat(1000),
        (0..2000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect(),
        format!("space: acme\ntraits: {}{}", "[".repeat(500), "]".repeat(500)),
    ] {
        assert_eq!(codes(&text), ["too-deep"], "{}", &text[..20]);
    }
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

#[test]
fn a_large_project_is_read() {
    let mut text = "space: acme\ndialects: [postgres]\nevents:\n".to_owned();
    for event in 0..500 {
        text.push_str(&format!("  Event Number {event}:\n    properties:\n"));
        for property in 0..100 {
            text.push_str(&format!("      someProperty{property}: varchar\n"));
        }
    }
    let started = Instant::now();
    let project = parse(&text).unwrap();
    assert_eq!(project.events.len(), 500);
    assert_eq!(project.events[499].properties.len(), 100);
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
}

#[test]
fn no_damage_to_a_file_makes_it_panic() {
    for end in (0..EXAMPLE.len()).filter(|end| EXAMPLE.is_char_boundary(*end)) {
        codes(&EXAMPLE[..end]);
    }
    // A small generator of its own: the same damage on every run.
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = move |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    let pieces = [
        "\t",
        "\r",
        "\n",
        "\u{85}",
        "\u{2028}",
        "é",
        "🙂",
        "\"",
        "'",
        "\\",
        "*a",
        "&a ",
        "!x ",
        "!!int ",
        "<<: *a",
        "---\n",
        "...\n",
        "%YAML 1.1\n",
        "|",
        ">-\n",
        "?",
        "? ",
        ": ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        ",",
        "#",
        "@",
        "`",
        "~",
        "null",
        "true",
        "1e999",
        "0x1f",
        "-.inf",
        "\u{feff}",
        "\u{7f}",
        "://a:b@",
        "${",
        "\0",
    ];
    for _ in 0..3000 {
        let mut text = EXAMPLE.to_owned();
        for _ in 0..=random(3) {
            let mut at = random(text.len() + 1);
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            let piece = pieces[random(pieces.len())];
            if random(2) == 0 {
                text.insert_str(at, piece);
            } else {
                let mut end = (at + random(12)).min(text.len());
                while !text.is_char_boundary(end) {
                    end += 1;
                }
                text.replace_range(at..end, piece);
            }
        }
        codes(&text);
    }
}

#[test]
fn no_flipped_byte_makes_it_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("idgraph.yml");
    for at in 0..EXAMPLE.len() {
        let mut bytes = EXAMPLE.as_bytes().to_vec();
        bytes[at] ^= 1 << (at % 8);
        std::fs::write(&path, &bytes).unwrap();
        if let Err(error) = Project::read(&path, &known()) {
            assert!(!error.to_string().is_empty());
        }
    }
}

#[test]
fn the_schema_describes_the_file_for_editors() {
    let schema = idgraph::project::json_schema();
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(schema["title"], "idgraph.yml");
    assert_eq!(schema["required"], serde_json::json!(["space", "dialects"]));
    let properties = schema["properties"].as_object().unwrap();
    let keys: Vec<_> = properties.keys().map(String::as_str).collect();
    assert_eq!(
        keys,
        [
            "space",
            "models_schema",
            "catalog",
            "dialects",
            "sources",
            "ignore",
            "context",
            "traits",
            "events",
            "models",
            "external_ids",
            "extensions",
            "incremental",
            "dynamic_tables",
            "schedule",
            "targets",
            "default_target"
        ]
    );
    for (name, key) in properties {
        assert!(key["description"].as_str().is_some_and(|text| text.len() > 20), "{name}");
    }
}
