//! The project of a space, the tables that Segment lands in it, and those that idgraph builds.

use crate::dice::Dice;
use crate::model::Settings;

/// The landed table of the graph.
pub const GRAPH: &str = "id_graph_updates";
/// The landed table of the external ids.
pub const MAPPING: &str = "external_id_mapping_updates";

/// What differs between spaces.
#[derive(Debug, Clone)]
pub struct Shape {
    /// The landed table with the traits.
    pub traits_from: &'static str,
    /// Whether external ids are also taken away.
    pub removals: bool,
    /// How the tables are kept: `incremental`, or as a whole, where no watermark tells two writers of each other.
    pub kept: &'static str,
    /// An hour, or none: then rows become visible in the order of their load times, and none may be missed all the same.
    pub lookback: &'static str,
    /// Where the models are built: in the space, or in a schema of their own, which SQLite has in a second file.
    pub models_schema: &'static str,
}

/// The schema that the models have where they are not built in the space.
pub const MODELS: &str = "models";

/// A table that idgraph builds.
pub struct Built {
    pub model: &'static str,
    /// Segment makes tables of three models' names in the space itself, so these have names of their own.
    pub table: &'static str,
    pub key: &'static [&'static str],
    pub columns: &'static [&'static str],
}

/// The traits, one of each type that every engine has.
pub const TRAITS: [(&str, &str); 4] =
    [("email", "varchar"), ("visits", "integer"), ("is_vip", "boolean"), ("score", "float")];

pub const BUILT: [Built; 6] = [
    Built {
        model: "id_graph",
        table: "id_graph",
        key: &["segment_id"],
        columns: &["segment_id", "canonical_segment_id", "timestamp"],
    },
    Built {
        model: "external_id_mapping",
        table: "external_id_mapping",
        key: &["external_id_type", "external_id_value"],
        columns: &[
            "canonical_segment_id",
            "external_id_type",
            "external_id_value",
            "external_id_hash",
            "timestamp",
        ],
    },
    Built {
        model: "profile_traits",
        table: "profile_traits",
        key: &["canonical_segment_id"],
        columns: &["canonical_segment_id", "merged_to", "email", "visits", "is_vip", "score"],
    },
    Built {
        model: "user_traits",
        table: "long_traits",
        key: &["canonical_segment_id", "name"],
        columns: &[
            "canonical_segment_id",
            "name",
            "value",
            "seq",
            "received_at",
            "uuid_ts",
            "timestamp",
        ],
    },
    Built {
        model: "user_identifiers",
        table: "identifiers",
        key: &["type", "value"],
        columns: &[
            "canonical_segment_id",
            "type",
            "value",
            "seq",
            "received_at",
            "uuid_ts",
            "timestamp",
        ],
    },
    Built {
        model: "profile_merges",
        table: "merges",
        key: &["segment_id"],
        columns: &[
            "canonical_segment_id",
            "segment_id",
            "seq",
            "received_at",
            "uuid_ts",
            "timestamp",
        ],
    },
];

impl Shape {
    /// As it comes, but for how the tables are kept, if that is said.
    pub fn random(kept: Option<&'static str>, dice: &mut Dice) -> Self {
        let traits_from = *dice.pick(&["identifies", "profile_traits_updates"]);
        let drawn = *dice.pick(&["incremental", "incremental", "table"]);
        let kept = kept.unwrap_or(drawn);
        let lookback = *dice.pick(&["1h", "1h", "0m"]);
        let models_schema = *dice.pick(&["acme", MODELS]);
        Self { traits_from, removals: dice.percent(50), kept, lookback, models_schema }
    }

    /// The project file but for its target.
    pub fn project(&self) -> String {
        let lookback = match self.kept {
            "incremental" => format!("incremental: {{ lookback: {} }}\n", self.lookback),
            _ => String::new(),
        };
        let models: Vec<_> = BUILT
            .iter()
            .map(|Built { model, table, .. }| {
                format!("  {model}: {{ name: {table}, materialized: {} }}", self.kept)
            })
            .collect();
        let traits: Vec<_> = TRAITS.iter().map(|(name, kind)| format!("{name}: {kind}")).collect();
        format!(
            "space: acme\nmodels_schema: {}\ndialects: [postgres, sqlite]\n{lookback}\
             external_ids: {{ removals: {} }}\n\
             traits:\n  from: {}\n  null_means: unknown\n  columns: {{ {} }}\nmodels:\n{}\n",
            self.models_schema,
            self.removals,
            self.traits_from,
            traits.join(", "),
            models.join("\n"),
        )
    }

    /// What the model must know of it.
    pub fn settings(&self) -> Settings {
        Settings {
            traits_from: self.traits_from.to_owned(),
            traits: TRAITS.iter().map(|(name, _)| (*name).to_owned()).collect(),
            has_operation: self.removals,
            ..Settings::default()
        }
    }

    /// The landed tables.
    pub fn landed(&self) -> [&'static str; 3] {
        [GRAPH, MAPPING, self.traits_from]
    }

    /// The columns of a landed table that hold anything.
    pub fn columns(&self, table: &str) -> Vec<&'static str> {
        let mut columns = vec!["id", "segment_id", "timestamp", "uuid_ts", "received_at"];
        match table {
            GRAPH => columns.extend(["seq", "canonical_segment_id"]),
            MAPPING => {
                columns.extend(["seq", "external_id_type", "external_id_value"]);
                columns.push("external_id_hash");
                if self.removals {
                    columns.push("__operation");
                }
            }
            _ => {
                if table == "profile_traits_updates" {
                    columns.push("seq");
                }
                columns.extend(TRAITS.iter().map(|(name, _)| *name));
            }
        }
        columns
    }

    /// The statements with which Segment makes the landed tables; `types` of text, time, whole number, truth, number.
    pub fn create(&self, types: [&str; 5]) -> Vec<String> {
        let triggering = ["type", "id", "name", "source_id", "source_name", "source_slug"];
        let create = |table: &&str| {
            let mut columns: Vec<String> = self
                .columns(table)
                .into_iter()
                .map(|column| format!("{column} {}", types[kind(column) as usize]))
                .collect();
            if *table != "identifies" {
                let text = types[Kind::Text as usize];
                columns.extend(triggering.map(|name| format!("triggering_event_{name} {text}")));
            }
            format!("CREATE TABLE acme.{table} ({})", columns.join(", "))
        };
        self.landed().iter().map(create).collect()
    }
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Time,
    Whole,
    Truth,
    Number,
}

/// Of any column of any table here.
pub fn kind(column: &str) -> Kind {
    match column {
        "timestamp" | "uuid_ts" | "received_at" => Kind::Time,
        "visits" => Kind::Whole,
        "is_vip" => Kind::Truth,
        "score" => Kind::Number,
        _ => Kind::Text,
    }
}
