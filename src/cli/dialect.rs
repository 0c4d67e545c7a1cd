//! `idgraph dialect`: what each dialect can do, and where each fact and template comes from.

mod new;

use std::path::Path;

use clap::Subcommand;

use super::{Verdict, output};
use crate::diagnostic::Result;
use crate::dialect::{Dialect, Library};

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// Print JSON
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the dialects
    #[command(after_help = "Example: idgraph dialect list --json")]
    List,
    /// Show a dialect's facts and templates, each with the file that it comes from
    #[command(after_help = "Example: idgraph dialect show bigquery")]
    Show {
        /// The dialect
        name: String,
    },
    /// Begin a dialect of the project's own, in dialects/NAME beside the project file
    #[command(after_help = "Example: idgraph dialect new greenplum --inherits postgres")]
    New {
        /// The dialect's name, which its folder has
        name: String,
        /// The dialect that it differs from
        #[arg(long, value_name = "DIALECT")]
        inherits: String,
    },
}

pub(super) fn run(project: &Path, arguments: &Arguments) -> Result<Verdict> {
    let folder = project.parent().unwrap_or(Path::new(""));
    let library = Library::beside(folder);
    let text = match &arguments.command {
        Command::List => list(&library, arguments.json)?,
        Command::Show { name } => show(&library, name, arguments.json)?,
        Command::New { name, inherits } => {
            new::run(&library, folder, name, inherits)?;
            return Ok(Verdict::Fine);
        }
    };
    output::text(&text)?;
    Ok(Verdict::Fine)
}

fn list(library: &Library, json: bool) -> Result<String> {
    let names = library.names();
    let dialects: Vec<Dialect> =
        names.iter().map(|name| Dialect::load(library, name)).collect::<Result<_>>()?;
    if json {
        let facts: serde_json::Map<_, _> = dialects
            .iter()
            .map(|dialect| (dialect.name.clone(), serde_json::json!(dialect.facts)))
            .collect();
        return Ok(pretty(&facts.into()));
    }
    let width = names.iter().map(String::len).max().unwrap_or(0);
    let line = |dialect: &Dialect| {
        let facts = &dialect.facts;
        let chain = dialect.chain.join(" → ");
        format!(
            "{:<width$}  {} ({}); names up to {}, {} columns a table\n",
            chain,
            facts.title,
            facts.versions,
            facts.identifiers.max_length,
            facts.tables.max_columns
        )
    };
    Ok(dialects.iter().map(line).collect())
}

fn show(library: &Library, name: &str, json: bool) -> Result<String> {
    let dialect = Dialect::load(library, name)?;
    let facts = serde_json::json!(dialect.facts);
    let templates = library.templates(&dialect.chain);
    let mut origins = Vec::new();
    for template in &templates {
        if let Some(source) = library.template(&dialect.chain, template)? {
            origins.push((template.as_str(), source.name.clone()));
        }
    }
    if json {
        let facts_from: serde_json::Map<_, _> = dialect
            .origins
            .iter()
            .map(|(fact, file)| {
                (fact.clone(), serde_json::json!({ "value": at(&facts, fact), "from": file }))
            })
            .collect();
        let templates_from: serde_json::Map<_, _> = origins
            .into_iter()
            .map(|(template, file)| (template.to_owned(), file.into()))
            .collect();
        return Ok(pretty(
            &serde_json::json!({ "facts": facts_from, "templates": templates_from }),
        ));
    }
    let width = dialect
        .origins
        .iter()
        .map(|(fact, _)| fact.len())
        .chain(templates.iter().map(String::len))
        .max()
        .unwrap_or(0);
    let mut text = format!(
        "{}: {} ({})\n\nfacts\n",
        dialect.chain.join(" → "),
        dialect.facts.title,
        dialect.facts.versions
    );
    for (fact, file) in &dialect.origins {
        text.push_str(&format!("  {fact:<width$}  {}  ← {file}\n", brief(at(&facts, fact))));
    }
    text.push_str("\ntemplates\n");
    for (template, file) in origins {
        text.push_str(&format!("  {template:<width$}  ← {file}\n"));
    }
    Ok(text)
}

/// The fact at a path such as `identifiers.quote`.
fn at<'a>(facts: &'a serde_json::Value, path: &str) -> &'a serde_json::Value {
    let pointer = format!("/{}", path.replace('.', "/"));
    facts.pointer(&pointer).unwrap_or(&serde_json::Value::Null)
}

/// A fact on one line; of a long list, how long it is.
fn brief(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(items)
            if items.len() > 8 || items.iter().any(|item| item.is_object()) =>
        {
            format!("{} in all", items.len())
        }
        other => other.to_string(),
    }
}

fn pretty(value: &serde_json::Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}
