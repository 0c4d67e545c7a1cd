//! Boxes and lines between them, laid out from left to right: a picture of SVG as data.

use serde::Serialize;
use unicode_width::UnicodeWidthStr;

/// A box of a picture that is still to be laid out.
#[derive(Debug, Clone)]
pub(super) struct Node {
    /// How far from the left, 0 first.
    pub(super) layer: usize,
    pub(super) title: String,
    /// What it is, in small letters.
    pub(super) note: String,
    /// The page about it.
    pub(super) href: Option<String>,
    /// `landed` or `model`, and `many` for a box that stands for several.
    pub(super) class: &'static str,
    pub(super) rows: Vec<String>,
}

/// An end of a line: a box, or a row of it.
pub(super) type End = (usize, Option<usize>);

/// A line from one box to another, further to the right.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Link {
    pub(super) from: End,
    pub(super) to: End,
    /// Whether values go along it; without, rows are only filtered or joined by what is read.
    pub(super) carries: bool,
}

/// A picture with every place in it, in pixels.
#[derive(Debug, Serialize)]
pub(super) struct Picture {
    width: usize,
    height: usize,
    boxes: Vec<Placed>,
    lines: Vec<Line>,
}

#[derive(Debug, Serialize)]
struct Placed {
    x: usize,
    y: usize,
    width: usize,
    height: usize,
    title: String,
    note: String,
    href: Option<String>,
    class: &'static str,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    y: usize,
    text: String,
}

#[derive(Debug, Serialize)]
struct Line {
    x1: usize,
    y1: usize,
    x2: usize,
    y2: usize,
    /// Where the line bends.
    middle: usize,
    carries: bool,
}

/// Of a letter of the fixed-width font at its size in the picture, rounded up.
const LETTER: usize = 8;
const HEAD: usize = 46;
const ROW: usize = 22;
const FOOT: usize = 6;
const SIDE: usize = 14;
const BETWEEN_BOXES: usize = 18;
const BETWEEN_LAYERS: usize = 96;
const MARGIN: usize = 2;
/// The most letters of a name that are shown.
const LETTERS: usize = 36;

impl Picture {
    /// Lays boxes out: a column for each layer, in the order given.
    pub(super) fn new(nodes: &[Node], links: &[Link]) -> Self {
        let layers = nodes.iter().map(|node| node.layer + 1).max().unwrap_or_default();
        let in_layer = |layer: usize| nodes.iter().filter(move |node| node.layer == layer);
        let tallest = (0..layers).map(|layer| {
            let heights = in_layer(layer).map(|node| height(node) + BETWEEN_BOXES);
            heights.sum::<usize>().saturating_sub(BETWEEN_BOXES)
        });
        let tallest = tallest.max().unwrap_or_default();
        let mut columns = Vec::new();
        let mut x = MARGIN;
        for layer in 0..layers {
            let width = in_layer(layer).map(width).max().unwrap_or_default();
            // All begin at the top: a line that passes a layer then mostly passes below its boxes.
            columns.push((x, width, MARGIN));
            x += width + BETWEEN_LAYERS;
        }
        let mut boxes = Vec::new();
        for node in nodes {
            let Some((x, width, next)) = columns.get_mut(node.layer) else { continue };
            boxes.push(placed(node, *x, *next, *width));
            *next += height(node) + BETWEEN_BOXES;
        }
        let lines = links.iter().filter_map(|link| line(&boxes, link)).collect();
        Self {
            width: (x + MARGIN).saturating_sub(BETWEEN_LAYERS),
            height: tallest + 2 * MARGIN,
            boxes,
            lines,
        }
    }
}

fn height(node: &Node) -> usize {
    let rows = node.rows.len() * ROW;
    HEAD + if rows == 0 { 0 } else { rows + FOOT }
}

fn width(node: &Node) -> usize {
    let texts = node.rows.iter().chain([&node.title, &node.note]);
    let letters = texts.map(|text| shortened(text).width()).max().unwrap_or_default();
    letters * LETTER + 2 * SIDE
}

fn shortened(text: &str) -> String {
    if text.width() <= LETTERS {
        return text.to_owned();
    }
    let mut short = String::new();
    for char in text.chars() {
        if short.width() >= LETTERS - 1 {
            break;
        }
        short.push(char);
    }
    short + "…"
}

fn placed(node: &Node, x: usize, y: usize, width: usize) -> Placed {
    let rows = node.rows.iter().enumerate();
    let rows = rows.map(|(index, text)| Row { y: y + HEAD + index * ROW, text: shortened(text) });
    Placed {
        x,
        y,
        width,
        height: height(node),
        title: shortened(&node.title),
        note: shortened(&node.note),
        href: node.href.clone(),
        class: node.class,
        rows: rows.collect(),
    }
}

fn line(boxes: &[Placed], link: &Link) -> Option<Line> {
    let (from, to) = (boxes.get(link.from.0)?, boxes.get(link.to.0)?);
    let (x1, x2) = (from.x + from.width, to.x);
    let height = |placed: &Placed, row: Option<usize>| match row {
        Some(row) => placed.rows.get(row).map(|row| row.y + ROW / 2),
        None => Some(placed.y + HEAD / 2),
    };
    Some(Line {
        x1,
        y1: height(from, link.from.1)?,
        x2,
        y2: height(to, link.to.1)?,
        // It bends in front of the box that it goes to, whatever it passes on the way.
        middle: x2.saturating_sub(BETWEEN_LAYERS / 2).max(x1),
        carries: link.carries,
    })
}
