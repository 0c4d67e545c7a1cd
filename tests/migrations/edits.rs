//! Random projects, one edit apart.

use std::collections::BTreeMap;
use std::fmt::Write;

use proptest::prelude::*;
use proptest::sample::select;

const NAMES: [&str; 6] = ["plan", "order", "visits", "score", "is_vip", "seen"];
const OPTIONAL: [&str; 4] =
    ["user_traits", "user_identifiers", "profile_merges", "resolved_events"];

/// One edit of a project file.
#[derive(Debug, Clone)]
pub enum Edit {
    Trait(&'static str, &'static str),
    Untrait(&'static str),
    Rename(&'static str, &'static str),
    Forget(&'static str),
    Describe(&'static str, &'static str),
    Retype(&'static str, &'static str),
    Context(&'static str),
    Event(&'static str),
    Property(&'static str, &'static str, &'static str),
    Model(&'static str),
    Kept(&'static str, &'static str),
    AllKept(&'static str),
    NullMeans,
    TraitsFrom,
    Removals,
    LoadTime,
}

pub fn any_edit() -> impl Strategy<Value = Edit> {
    let name = || select(&NAMES[..]);
    let kind = || select(&["varchar", "integer", "float", "boolean", "timestamp"][..]);
    let kept = || select(&["table", "view"][..]);
    let model = select(
        &[
            "id_graph",
            "external_id_mapping",
            "profile_traits",
            "user_traits",
            "user_identifiers",
            "profile_merges",
            "resolved_events",
        ][..],
    );
    let event = || select(&["Signed Up", "Order Completed"][..]);
    prop_oneof![
        4 => (name(), kind()).prop_map(|(name, kind)| Edit::Trait(name, kind)),
        2 => name().prop_map(Edit::Untrait),
        3 => (name(), name()).prop_map(|(from, to)| Edit::Rename(from, to)),
        1 => name().prop_map(Edit::Forget),
        1 => (name(), select(&["Words", "It's \"so\""][..])).prop_map(|(name, text)| Edit::Describe(name, text)),
        2 => (name(), select(&["varchar", "float"][..])).prop_map(|(name, kind)| Edit::Retype(name, kind)),
        1 => select(&["url", "ip"][..]).prop_map(Edit::Context),
        2 => event().prop_map(Edit::Event),
        2 => (event(), name(), kind()).prop_map(|(event, name, kind)| Edit::Property(event, name, kind)),
        3 => select(&OPTIONAL[..]).prop_map(Edit::Model),
        3 => (model, kept()).prop_map(|(model, kept)| Edit::Kept(model, kept)),
        2 => select(&["incremental", "table", "view"][..]).prop_map(Edit::AllKept),
        1 => Just(Edit::NullMeans),
        1 => Just(Edit::TraitsFrom),
        1 => Just(Edit::Removals),
        1 => Just(Edit::LoadTime),
    ]
}

/// Edits of columns, each with something to change.
pub fn of_columns() -> Vec<Edit> {
    use Edit as E;
    vec![
        E::Trait("plan", "varchar"),
        E::Model("user_traits"),
        E::Model("resolved_events"),
        E::Trait("visits", "integer"),
        E::Retype("visits", "varchar"),
        E::Describe("plan", "It's \"so\""),
        E::Context("url"),
        E::Event("Signed Up"),
        E::Property("Signed Up", "score", "float"),
        E::Rename("plan", "order"),
        E::Rename("order", "seen"),
        E::Rename("seen", "plan"),
        E::Rename("plan", "seen"),
        E::Forget("seen"),
        E::Rename("seen", "order"),
        E::Untrait("order"),
        E::Trait("order", "varchar"),
    ]
}

/// Edits of how models are kept and of what they mean.
pub fn of_models() -> Vec<Edit> {
    use Edit as E;
    vec![
        E::Model("user_traits"),
        E::AllKept("incremental"),
        E::Trait("visits", "float"),
        E::Trait("score", "float"),
        E::Rename("score", "order"),
        E::Rename("order", "plan"),
        E::LoadTime,
        E::Untrait("visits"),
        E::AllKept("view"),
        E::Trait("seen", "timestamp"),
        E::NullMeans,
        E::Removals,
        E::TraitsFrom,
        E::Rename("plan", "order"),
        E::AllKept("table"),
        E::Rename("order", "visits"),
        E::Event("Signed Up"),
        E::Model("resolved_events"),
        E::Event("Signed Up"),
    ]
}

/// A project file, in parts.
#[derive(Debug, Clone)]
pub struct Sketch {
    pub traits: Vec<Column>,
    /// The types that landed columns of this name have been given.
    landed: BTreeMap<String, &'static str>,
    context: Vec<&'static str>,
    pub events: BTreeMap<&'static str, Vec<(&'static str, &'static str)>>,
    models: BTreeMap<&'static str, &'static str>,
    unset: bool,
    pub updates: bool,
    pub removals: bool,
    received: bool,
}

#[derive(Debug, Clone)]
pub struct Column {
    pub name: &'static str,
    pub kind: &'static str,
    description: Option<&'static str>,
    /// The names that it had before, the newest first.
    before: Vec<&'static str>,
}

impl Sketch {
    pub fn first() -> Self {
        let email =
            Column { name: "email", kind: "varchar", description: None, before: Vec::new() };
        Self {
            traits: vec![email],
            landed: BTreeMap::new(),
            context: Vec::new(),
            events: BTreeMap::new(),
            models: [
                ("id_graph", "table"),
                ("external_id_mapping", "table"),
                ("profile_traits", "table"),
            ]
            .into(),
            unset: false,
            updates: false,
            removals: false,
            received: false,
        }
    }

    /// Makes an edit; whether there was anything to change.
    pub fn change(&mut self, edit: &Edit) -> bool {
        let before = self.yaml();
        match *edit {
            Edit::Trait(name, kind) => self.add(name, kind, 0),
            Edit::Untrait(name) => self.traits.retain(|one| one.name != name),
            Edit::Rename(from, to) => {
                if let Some(place) = self.traits.iter().position(|one| one.name == from)
                    && from != to
                    && (!self.has(to) || self.traits[place].before.contains(&to))
                    && self.reads(self.updates, to, self.traits[place].kind)
                {
                    let mut was = self.traits.remove(place);
                    // Called as once before, again.
                    was.before.retain(|one| *one != to);
                    self.add(to, was.kind, place);
                    if let Some(one) = self.traits.iter_mut().find(|one| one.name == to) {
                        one.before = [vec![from], was.before].concat();
                    }
                }
            }
            Edit::Forget(name) => {
                for one in self.traits.iter_mut().filter(|one| one.name == name) {
                    one.before.clear();
                }
            }
            Edit::Describe(name, text) => {
                for one in self.traits.iter_mut().filter(|one| one.name == name) {
                    one.description = Some(text);
                }
            }
            Edit::Retype(name, kind) => {
                // The landed column stays as it is.
                for one in self.traits.iter_mut().filter(|one| one.name == name) {
                    if widens(one.kind, kind) {
                        one.kind = kind;
                    }
                }
            }
            Edit::Context(name) => toggle(&mut self.context, name),
            Edit::Event(name) => {
                if self.events.remove(name).is_none() {
                    self.events.insert(name, Vec::new());
                }
            }
            Edit::Property(event, name, kind) => {
                let kind = self.landed.entry(format!("{event} {name}")).or_insert(kind);
                if let Some(properties) = self.events.get_mut(event)
                    && !properties.iter().any(|(one, _)| *one == name)
                {
                    properties.insert(0, (name, kind));
                }
            }
            Edit::Model(name) => {
                let usual = self.models["id_graph"];
                let usual = if name == "resolved_events" { "view" } else { usual };
                if self.models.remove(name).is_none() {
                    self.models.insert(name, usual);
                }
            }
            Edit::Kept(name, kept) => {
                if self.models.contains_key(name)
                    && !(name == "id_graph"
                        && self.models.values().any(|one| *one == "incremental"))
                {
                    self.models.insert(name, kept);
                }
            }
            Edit::AllKept(kept) => {
                for (name, one) in &mut self.models {
                    if *name != "resolved_events" {
                        *one = kept;
                    }
                }
            }
            Edit::NullMeans => self.unset = !self.unset,
            Edit::TraitsFrom => {
                let other = !self.updates;
                let names = |one: &Column| [vec![one.name], one.before.clone()].concat();
                let is_read = |one: &Column| {
                    names(one).into_iter().all(|name| self.reads(other, name, one.kind))
                };
                if self.traits.iter().all(is_read) {
                    self.updates = other;
                    for one in &self.traits {
                        for name in names(one) {
                            self.landed.entry(landed(other, name)).or_insert(one.kind);
                        }
                    }
                }
            }
            Edit::Removals => self.removals = !self.removals,
            Edit::LoadTime => self.received = !self.received,
        }
        // Not every warehouse computes a table from the graph as a view.
        if self.models["profile_traits"] == "table" && self.models["id_graph"] == "view" {
            self.models.insert("id_graph", "table");
        }
        self.yaml() != before
    }

    /// Whether a trait is called so, or was.
    fn has(&self, name: &str) -> bool {
        self.traits.iter().any(|one| one.name == name || one.before.contains(&name))
    }

    /// Whether the landed column of a trait, if there is one, can be read as this type.
    fn reads(&self, updates: bool, name: &str, kind: &str) -> bool {
        self.landed.get(&landed(updates, name)).is_none_or(|had| widens(had, kind))
    }

    /// Whether a view would show what lands behind it: where it was not there, it is NULL until the view is made again.
    pub fn has_views(&self) -> bool {
        self.models.values().any(|kept| *kept == "view")
    }

    /// What lands in the columns of traits, those of before included: the type that the first value had.
    pub fn lands(&self) -> Vec<(&'static str, &'static str)> {
        let names = |one: &Column| {
            let all = std::iter::once(one.name).chain(one.before.iter().copied());
            let kind = one.kind;
            all.map(move |name| (name, kind)).collect::<Vec<_>>()
        };
        let all = self.traits.iter().flat_map(names);
        let lands = |(name, kind)| {
            (name, self.landed.get(&landed(self.updates, name)).copied().unwrap_or(kind))
        };
        all.map(lands).collect()
    }

    /// Adds a trait, not behind the others.
    fn add(&mut self, name: &'static str, kind: &'static str, place: usize) {
        if !self.has(name) {
            let kind = if self.reads(self.updates, name, kind) { kind } else { "varchar" };
            self.landed.entry(landed(self.updates, name)).or_insert(kind);
            self.traits.insert(place, Column { name, kind, description: None, before: Vec::new() });
        }
    }

    pub fn yaml(&self) -> String {
        let mut yaml = String::from("space: acme\n");
        let mut line = |text: String| writeln!(yaml, "{text}").expect("a string");
        line(format!("context: [{}]", self.context.join(", ")));
        let from = if self.updates { "profile_traits_updates" } else { "identifies" };
        let null = if self.unset { "unset" } else { "unknown" };
        line(format!("traits:\n  from: {from}\n  null_means: {null}\n  columns:"));
        for Column { name, kind, description, before } in &self.traits {
            let mut more = String::new();
            if let Some(text) = description {
                write!(more, ", description: {text:?}").expect("a string");
            }
            match before.as_slice() {
                [] => {}
                [one] => write!(more, ", renamed_from: {one}").expect("a string"),
                all => write!(more, ", renamed_from: [{}]", all.join(", ")).expect("a string"),
            }
            line(format!("    {name}: {{ type: {kind}{more} }}"));
        }
        if !self.events.is_empty() {
            line("events:".to_owned());
        }
        for (event, properties) in &self.events {
            let more = if properties.is_empty() { "" } else { "\n    properties:" };
            line(format!("  {event}:{more}"));
            for (name, kind) in properties {
                line(format!("      {name}: {kind}"));
            }
        }
        line("models:".to_owned());
        for (model, kept) in &self.models {
            // Those names are Segment's in its space.
            let name = match *model {
                "user_traits" => "name: long_traits, ",
                "user_identifiers" => "name: long_identifiers, ",
                "profile_merges" => "name: merges, ",
                _ => "",
            };
            line(format!("  {model}: {{ {name}materialized: {kept} }}"));
        }
        line(format!("external_ids: {{ removals: {} }}", self.removals));
        let load_time = if self.received { "received_at" } else { "uuid_ts" };
        line(format!("incremental: {{ load_time: {load_time} }}"));
        yaml
    }
}

/// The landed column of a trait.
fn landed(updates: bool, name: &str) -> String {
    format!("{updates} {name}")
}

/// Whether every value of one type is one of another.
fn widens(from: &str, to: &str) -> bool {
    from == to || to == "varchar" || (from == "integer" && to == "float")
}

fn toggle(names: &mut Vec<&'static str>, name: &'static str) {
    match names.iter().position(|one| *one == name) {
        Some(place) => drop(names.remove(place)),
        None => names.insert(0, name),
    }
}
