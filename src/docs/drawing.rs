//! Which boxes and lines a picture of lineage has: of all tables, of all columns, of what is around one table.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::dictionary::{Column, Dictionary, Kind, Number, Table};
use super::picture::{Link, Node, Picture};
use crate::project::words::many;

/// From so many events on, one box stands for all of them.
const MANY_EVENTS: usize = 4;
/// From so many columns on that are passed on under their own names, one row stands for all of them.
const MANY_COLUMNS: usize = 9;
/// From so many columns on that nothing is made from, one row stands for all of them.
const MANY_UNUSED: usize = 4;

/// The page that lists the events, below the root of the site.
pub(super) const EVENTS: &str = "events/1.html";

/// All tables.
pub(super) fn tables(dictionary: &Dictionary) -> Picture {
    whole(dictionary, MANY_EVENTS, false)
}

/// All tables with their columns; events in one box.
pub(super) fn columns(dictionary: &Dictionary) -> Picture {
    whole(dictionary, 1, true)
}

fn whole(dictionary: &Dictionary, many: usize, with_columns: bool) -> Picture {
    let mut drawing = Drawing::new(dictionary, "");
    let events: Vec<usize> = dictionary.of(|kind| kind == Kind::Event).collect();
    let views: Vec<usize> = dictionary.of(|kind| matches!(kind, Kind::Resolved(_))).collect();
    let grouped: [&[usize]; 2] = if events.len() >= many { [&events, &views] } else { [&[], &[]] };
    let layers = layers(dictionary);
    let layer = |number: usize| layers.get(number).copied().unwrap_or_default();
    let labels = labels(dictionary);
    for (number, table) in dictionary.tables.iter().enumerate() {
        if table.kind == Kind::State || grouped.iter().any(|group| group.contains(&number)) {
            continue;
        }
        drawing.table(number, layer(number));
        if with_columns {
            for column in 0..table.columns.len() {
                let label = labels.get(&(number, column)).copied();
                drawing.row(number, column, label.unwrap_or(Label::Column(column)));
            }
        }
    }
    for (group, what) in grouped.into_iter().zip(["landed events", "views of events"]) {
        if let Some(first) = group.first() {
            let layer = group.iter().map(|number| layer(*number)).max().unwrap_or_default();
            drawing.many(group, layer, format!("{} {what}", group.len()), *first);
        }
    }
    for (number, table) in dictionary.tables.iter().enumerate() {
        drawing.links(number, table, None);
    }
    drawing.finish()
}

/// For the columns of landed tables, and what is made from them, the rows that stand for several.
fn labels(dictionary: &Dictionary) -> HashMap<Number, Label> {
    let mut labels = HashMap::new();
    for number in dictionary.of(|kind| kind == Kind::Landed) {
        let Some(table) = dictionary.tables.get(number) else { continue };
        for (index, group) in groups(dictionary, table).into_iter().enumerate() {
            let (Some(group), Some(column)) = (group, table.columns.get(index)) else { continue };
            let only_events = column.to.iter().all(|(reader, _)| dictionary.is_resolved(*reader));
            let group = match group {
                // The box of all events has no rows that a line could go to.
                Label::Passed(count, _) if only_events => Label::Unused(count),
                group => group,
            };
            labels.extend(column.to.iter().map(|end| (*end, group)));
            labels.insert((number, index), group);
        }
    }
    labels
}

/// How far each table is from the landed ones.
fn layers(dictionary: &Dictionary) -> Vec<usize> {
    let mut layers: Vec<usize> = Vec::new();
    for table in &dictionary.tables {
        // A table reads only what is built before it.
        let below = table.reads.iter().filter_map(|read| layers.get(*read)).max();
        layers.push(below.map_or(usize::from(!table.is_landed()), |below| below + 1));
    }
    layers
}

/// What a table is made from and what is made from it, by column; nothing for a table that stands alone.
pub(super) fn around(dictionary: &Dictionary, number: usize) -> Option<Picture> {
    let table = dictionary.tables.get(number)?;
    if table.reads.is_empty() && table.readers.is_empty() {
        return None;
    }
    let mut drawing = Drawing::new(dictionary, "../");
    for read in &table.reads {
        drawing.table(*read, 0);
    }
    let layer = usize::from(!table.reads.is_empty());
    drawing.table(number, layer);
    let is_view = |number: &usize| dictionary.is_resolved(*number);
    let (views, others): (Vec<usize>, Vec<usize>) =
        table.readers.iter().partition(|one| is_view(one));
    for reader in &others {
        drawing.table(*reader, layer + 1);
    }
    match views.first() {
        Some(first) if views.len() >= MANY_EVENTS => {
            drawing.many(&views, layer + 1, format!("{} views of events", views.len()), *first);
        }
        _ => views.iter().for_each(|view| drawing.table(*view, layer + 1)),
    }
    let groups = groups(dictionary, table);
    for (index, column) in table.columns.iter().enumerate() {
        let group = groups.get(index).copied().flatten();
        drawing.row(number, index, group.unwrap_or(Label::Column(index)));
        // At the other end of its lines, it stands for the same.
        let ends = column.from.iter().flatten().chain(&column.to);
        for (other, at) in ends.filter(|(other, _)| *other != number) {
            drawing.row(*other, *at, group.unwrap_or(Label::Column(*at)));
        }
    }
    for one in table.reads.iter().chain(&table.readers).chain([&number]) {
        if let Some(other) = dictionary.tables.get(*one) {
            drawing.links(*one, other, Some(number));
        }
    }
    Some(drawing.finish())
}

/// The tables that a column comes from and goes to.
type Ends = (Vec<usize>, Vec<usize>);

/// What a row stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Label {
    /// A column, by its number in its table.
    Column(usize),
    /// So many columns, all passed on as they are; told from others by the first of them.
    Passed(usize, usize),
    /// So many columns that nothing is made from.
    Unused(usize),
}

/// For each column of a table, the row that stands for it and others, when there are many alike.
fn groups(dictionary: &Dictionary, table: &Table) -> Vec<Option<Label>> {
    let mut alike: BTreeMap<Option<Ends>, Vec<usize>> = BTreeMap::new();
    for (index, column) in table.columns.iter().enumerate() {
        if let Some(kind) = ends(dictionary, column) {
            alike.entry(kind).or_default().push(index);
        }
    }
    let mut groups = vec![None; table.columns.len()];
    for (kind, columns) in alike {
        let count = columns.len();
        let Some(first) = columns.first().copied() else { continue };
        let label = match kind {
            Some(_) if count >= MANY_COLUMNS => Label::Passed(count, first),
            None if count >= MANY_UNUSED => Label::Unused(count),
            _ => continue,
        };
        for column in columns {
            if let Some(group) = groups.get_mut(column) {
                *group = Some(label);
            }
        }
    }
    groups
}

/// The tables that a column is passed on from and to under its own name, both empty for one that is connected to
/// nothing; `None` for one that is computed, or that something is computed from.
fn ends(dictionary: &Dictionary, column: &Column) -> Option<Option<Ends>> {
    let from = column.from.as_ref()?;
    if from.is_empty() && column.to.is_empty() {
        return Some(None);
    }
    let same = |number: &Number| {
        let (_, other) = dictionary.column(*number)?;
        let is_alone = other.from.as_ref().is_none_or(|from| from.len() < 2);
        (other.name == column.name && is_alone).then_some(number.0)
    };
    let from = from.iter().map(same).collect::<Option<Vec<_>>>()?;
    let to = column.to.iter().map(same).collect::<Option<Vec<_>>>()?;
    (from.len() < 2).then_some(Some((from, to)))
}

/// A picture that is being put together.
struct Drawing<'a> {
    dictionary: &'a Dictionary,
    /// The way from the page to the root of the site.
    root: &'static str,
    nodes: Vec<Node>,
    /// The box of each table.
    boxes: HashMap<usize, usize>,
    /// The rows of each box, by what they say.
    rows: HashMap<(usize, Label, String), usize>,
    /// The row of each column.
    places: HashMap<Number, (usize, usize)>,
    links: BTreeSet<Link>,
}

impl<'a> Drawing<'a> {
    fn new(dictionary: &'a Dictionary, root: &'static str) -> Self {
        Self {
            dictionary,
            root,
            nodes: Vec::new(),
            boxes: HashMap::new(),
            rows: HashMap::new(),
            places: HashMap::new(),
            links: BTreeSet::new(),
        }
    }

    /// A box for one table.
    fn table(&mut self, number: usize, layer: usize) {
        let Some(table) = self.dictionary.tables.get(number) else { return };
        self.boxes.insert(number, self.nodes.len());
        self.nodes.push(Node {
            layer,
            title: table.name.clone(),
            note: table.kind_word().to_owned(),
            href: Some(format!("{}{}", self.root, table.page())),
            class: if table.is_landed() { "landed" } else { "model" },
            rows: Vec::new(),
        });
    }

    /// A box for many tables.
    fn many(&mut self, numbers: &[usize], layer: usize, title: String, first: usize) {
        let Some(first) = self.dictionary.tables.get(first) else { return };
        self.boxes.extend(numbers.iter().map(|number| (*number, self.nodes.len())));
        self.nodes.push(Node {
            layer,
            title,
            note: format!("{}, …", first.name),
            href: Some(format!("{}{EVENTS}", self.root)),
            class: if first.is_landed() { "landed many" } else { "model many" },
            rows: Vec::new(),
        });
    }

    /// The row of a column in the box of its table.
    fn row(&mut self, table: usize, column: usize, label: Label) {
        let Some(node) = self.boxes.get(&table).copied() else { return };
        let Some((_, of)) = self.dictionary.column((table, column)) else { return };
        let (label, text) = match label {
            // The same column of many tables is one row.
            Label::Column(_) => (Label::Column(0), of.name.clone()),
            Label::Passed(count, _) => (label, format!("… {} as they are", many(count, "column"))),
            Label::Unused(count) => (label, format!("… {} more", many(count, "column"))),
        };
        let Some(rows) = self.nodes.get_mut(node).map(|node| &mut node.rows) else { return };
        let row = *self.rows.entry((node, label, text.clone())).or_insert_with(|| {
            rows.push(text);
            rows.len() - 1
        });
        self.places.insert((table, column), (node, row));
    }

    /// The lines to a table; with `about`, only those from or to that one.
    fn links(&mut self, number: usize, table: &Table, about: Option<usize>) {
        let Some(node) = self.boxes.get(&number).copied() else { return };
        let is_about = |other: usize| about.is_none_or(|one| one == number || one == other);
        let mut connected = BTreeSet::new();
        for (at, column) in table.columns.iter().enumerate() {
            let Some((node, row)) = self.places.get(&(number, at)).copied() else { continue };
            let to = (node, Some(row));
            for from in column.from.iter().flatten().filter(|from| is_about(from.0)) {
                if let Some((other, row)) = self.places.get(from).copied() {
                    connected.insert(other);
                    self.links.insert(Link { from: (other, Some(row)), to, carries: true });
                }
            }
            // The SQL does not tell: whatever it reads.
            if column.from.is_none() {
                for read in table.reads.iter().filter(|read| is_about(**read)) {
                    if let Some(other) = self.boxes.get(read).copied() {
                        connected.insert(other);
                        self.links.insert(Link { from: (other, None), to, carries: true });
                    }
                }
            }
        }
        for read in table.reads.iter().filter(|read| is_about(**read)) {
            let Some(other) = self.boxes.get(read).copied() else { continue };
            if other != node && !connected.contains(&other) {
                let mut froms = table.columns.iter().map(|column| column.from.as_ref());
                let carries = froms.any(|from| {
                    from.is_none_or(|from| from.iter().any(|(table, _)| table == read))
                });
                self.links.insert(Link { from: (other, None), to: (node, None), carries });
            }
        }
    }

    fn finish(self) -> Picture {
        let links: Vec<Link> = self.links.into_iter().collect();
        Picture::new(&self.nodes, &links)
    }
}
