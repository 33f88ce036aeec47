//! YAML with positions, read strictly: every mistake is kept with its line and column, so that one run shows them
//! all. Packs and the collector's configuration are read through this.

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, SpannedEventReceiver};
use std::collections::HashMap;

/// The most nodes that aliases may add to a document.
const ALIAS_BUDGET: usize = 100_000;

/// A place in a file, counted from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line.
    pub line: usize,
    /// The column, in characters.
    pub column: usize,
}

/// Something wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mistake {
    /// The file as the user named it.
    pub file: String,
    /// Where in it.
    pub at: Position,
    /// What is wrong and what would be right. Quotes names from the file, never a secret and never data.
    pub message: String,
}

impl std::fmt::Display for Mistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}:{}: {}", self.file, self.at.line, self.at.column, self.message)
    }
}

/// All mistakes of one reading, in the order they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mistakes {
    list: Vec<Mistake>,
}

impl Mistakes {
    /// Notes a mistake.
    pub fn add(&mut self, file: &str, at: Position, message: impl Into<String>) {
        self.list.push(Mistake { file: file.into(), at, message: message.into() });
    }

    /// Takes over the mistakes of another reading.
    pub fn extend(&mut self, other: Self) {
        self.list.extend(other.list);
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The mistakes, sorted by place.
    #[must_use]
    pub fn sorted(mut self) -> Vec<Mistake> {
        self.list.sort();
        self.list.dedup();
        self.list
    }
}

impl std::fmt::Display for Mistakes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.clone().sorted().iter().try_for_each(|mistake| writeln!(f, "{mistake}"))
    }
}

impl std::error::Error for Mistakes {}

/// A node of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Where it begins.
    pub at: Position,
    /// What it is.
    pub data: Data,
}

/// What a node is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Data {
    /// Nothing: an empty value, `~` or `null`.
    Null,
    /// A scalar and whether it was written without quotes, so that `true` and `5` may be read as such.
    Scalar(String, bool),
    /// A list.
    Sequence(Vec<Node>),
    /// A mapping, in order.
    Mapping(Vec<(Node, Node)>),
}

impl Node {
    /// Reads one document. A stream of several, or a document that is not YAML, is one mistake.
    ///
    /// # Errors
    /// The mistakes, in `file`.
    pub fn parse(file: &str, text: &str) -> Result<Self, Mistakes> {
        let mut builder = Builder { budget: ALIAS_BUDGET, ..Builder::default() };
        let outcome = Parser::new_from_str(text).load(&mut builder, true);
        let mut mistakes = Mistakes::default();
        if let Err(error) = outcome {
            mistakes.add(file, position_of(&error), error.info());
        }
        for (at, message) in builder.mistakes {
            mistakes.add(file, at, message);
        }
        let mut roots = builder.roots.into_iter();
        let root = roots.next().unwrap_or(Self { at: Position { line: 1, column: 1 }, data: Data::Null });
        if let Some(second) = roots.next() {
            mistakes.add(file, second.at, "a second document: one file holds one");
        }
        if mistakes.is_empty() { Ok(root) } else { Err(mistakes) }
    }

    /// The scalar's text, quoted or not.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match &self.data {
            Data::Scalar(text, _) => Some(text),
            Data::Null | Data::Sequence(_) | Data::Mapping(_) => None,
        }
    }

    /// The value of `key` in a mapping.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        match &self.data {
            Data::Mapping(entries) => entries.iter().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value),
            Data::Null | Data::Scalar(..) | Data::Sequence(_) => None,
        }
    }

    /// What the node is, for a message.
    #[must_use]
    pub fn describe(&self) -> &'static str {
        match self.data {
            Data::Null => "nothing",
            Data::Scalar(..) => "a scalar",
            Data::Sequence(_) => "a list",
            Data::Mapping(_) => "a mapping",
        }
    }
}

fn position_of(error: &ScanError) -> Position {
    let marker = error.marker();
    Position { line: marker.line(), column: marker.col() + 1 }
}

fn position(span: Span) -> Position {
    Position { line: span.start.line(), column: span.start.col() + 1 }
}

#[derive(Default)]
struct Builder {
    roots: Vec<Node>,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    budget: usize,
    mistakes: Vec<(Position, String)>,
}

/// A list or mapping that is still being read.
struct Open {
    node: Node,
    anchor: usize,
    key: Option<Node>,
}

impl SpannedEventReceiver<'_> for Builder {
    fn on_event(&mut self, event: Event<'_>, span: Span) {
        let at = position(span);
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {}
            Event::Scalar(text, style, anchor, _tag) => {
                let plain = style == ScalarStyle::Plain;
                let data = if plain && matches!(&*text, "" | "~" | "null") {
                    Data::Null
                } else {
                    Data::Scalar(text.into_owned(), plain)
                };
                self.close(Node { at, data }, anchor);
            }
            Event::SequenceStart(anchor, _tag) => {
                self.open.push(Open { node: Node { at, data: Data::Sequence(Vec::new()) }, anchor, key: None });
            }
            Event::MappingStart(anchor, _tag) => {
                self.open.push(Open { node: Node { at, data: Data::Mapping(Vec::new()) }, anchor, key: None });
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    self.close(open.node, open.anchor);
                }
            }
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some(node) if size(node) <= self.budget => {
                    self.budget -= size(node);
                    let node = Node { at, ..node.clone() };
                    self.close(node, 0);
                }
                Some(_) => self.mistakes.push((at, "aliases expand to too much".into())),
                None => self.mistakes.push((at, "an alias of something that is not there".into())),
            },
        }
    }
}

impl Builder {
    /// Hands a finished node to what it belongs to.
    fn close(&mut self, node: Node, anchor: usize) {
        if anchor > 0 {
            self.anchors.insert(anchor, node.clone());
        }
        let Some(open) = self.open.last_mut() else {
            self.roots.push(node);
            return;
        };
        match &mut open.node.data {
            Data::Sequence(list) => list.push(node),
            Data::Mapping(entries) => match open.key.take() {
                None => open.key = Some(node),
                Some(key) => {
                    if let Some((first, _)) = entries.iter().find(|(other, _)| other.data == key.data) {
                        let name = key.text().unwrap_or("this key");
                        self.mistakes.push((
                            key.at,
                            format!("`{name}` stands here again: the first is in line {}", first.at.line),
                        ));
                    }
                    entries.push((key, node));
                }
            },
            Data::Null | Data::Scalar(..) => {}
        }
    }
}

fn size(node: &Node) -> usize {
    1 + match &node.data {
        Data::Null | Data::Scalar(..) => 0,
        Data::Sequence(list) => list.iter().map(size).sum(),
        Data::Mapping(entries) => entries.iter().map(|(key, value)| size(key) + size(value)).sum(),
    }
}

/// The fields of a mapping, taken one by one; what is left over at the end is unknown and a mistake.
#[derive(Debug)]
pub struct Fields<'n> {
    file: &'n str,
    at: Position,
    entries: Vec<(&'n Node, &'n Node)>,
    known: Vec<&'static str>,
}

impl<'n> Fields<'n> {
    /// Opens a mapping; anything else is a mistake and reads as an empty one. `null` is an empty mapping.
    pub fn open(file: &'n str, node: &'n Node, mistakes: &mut Mistakes) -> Self {
        let entries = match &node.data {
            Data::Mapping(entries) => entries.iter().map(|(key, value)| (key, value)).collect(),
            Data::Null => Vec::new(),
            Data::Scalar(..) | Data::Sequence(_) => {
                mistakes.add(file, node.at, format!("expected a mapping (`key: value`), found {}", node.describe()));
                Vec::new()
            }
        };
        Self { file, at: node.at, entries, known: Vec::new() }
    }

    /// Where the mapping begins.
    #[must_use]
    pub fn at(&self) -> Position {
        self.at
    }

    /// The file it stands in.
    #[must_use]
    pub fn file(&self) -> &'n str {
        self.file
    }

    /// Takes the value of `key`. A key without a value reads as absent.
    pub fn take(&mut self, key: &'static str) -> Option<&'n Node> {
        self.take_even_null(key).filter(|node| node.data != Data::Null)
    }

    /// Takes the value of `key`, even if it is null: where an empty section means "with its defaults".
    pub fn take_even_null(&mut self, key: &'static str) -> Option<&'n Node> {
        self.known.push(key);
        let index = self.entries.iter().position(|(name, _)| name.text() == Some(key))?;
        Some(self.entries.swap_remove(index).1)
    }

    /// Takes the value of `key`; its absence is a mistake.
    pub fn require(&mut self, key: &'static str, mistakes: &mut Mistakes) -> Option<&'n Node> {
        let value = self.take(key);
        if value.is_none() {
            mistakes.add(self.file, self.at, format!("`{key}` is missing"));
        }
        value
    }

    /// Takes a scalar's text; anything but a scalar is a mistake.
    pub fn text(&mut self, key: &'static str, mistakes: &mut Mistakes) -> Option<(&'n str, Position)> {
        let node = self.take(key)?;
        let text = node.text();
        if text.is_none() {
            mistakes.add(self.file, node.at, format!("`{key}` takes a text, found {}", node.describe()));
        }
        Some((text?, node.at))
    }

    /// Takes `true` or `false`.
    pub fn boolean(&mut self, key: &'static str, mistakes: &mut Mistakes) -> Option<bool> {
        let node = self.take(key)?;
        match &node.data {
            Data::Scalar(text, true) if text == "true" => Some(true),
            Data::Scalar(text, true) if text == "false" => Some(false),
            Data::Null | Data::Scalar(..) | Data::Sequence(_) | Data::Mapping(_) => {
                mistakes.add(self.file, node.at, format!("`{key}` takes true or false"));
                None
            }
        }
    }

    /// Takes a list of texts; a single text reads as a list of one.
    pub fn texts(&mut self, key: &'static str, mistakes: &mut Mistakes) -> Vec<(&'n str, Position)> {
        let Some(node) = self.take(key) else { return Vec::new() };
        let nodes: &[Node] = match &node.data {
            Data::Sequence(list) => list,
            Data::Scalar(..) => std::slice::from_ref(node),
            Data::Null | Data::Mapping(_) => &[],
        };
        if nodes.is_empty() && !matches!(node.data, Data::Sequence(_)) {
            mistakes.add(self.file, node.at, format!("`{key}` takes a list of texts, found {}", node.describe()));
        }
        let mut texts = Vec::with_capacity(nodes.len());
        for node in nodes {
            match node.text() {
                Some(text) => texts.push((text, node.at)),
                None => mistakes.add(self.file, node.at, format!("expected a text, found {}", node.describe())),
            }
        }
        texts
    }

    /// Takes a list; anything else is a mistake.
    pub fn list(&mut self, key: &'static str, mistakes: &mut Mistakes) -> &'n [Node] {
        let Some(node) = self.take(key) else { return &[] };
        match &node.data {
            Data::Sequence(list) => list,
            Data::Null | Data::Scalar(..) | Data::Mapping(_) => {
                mistakes.add(self.file, node.at, format!("`{key}` takes a list, found {}", node.describe()));
                &[]
            }
        }
    }

    /// Takes whatever has not been taken: for mappings whose keys the user chooses.
    pub fn rest(&mut self) -> Vec<(&'n Node, &'n Node)> {
        std::mem::take(&mut self.entries)
    }

    /// Notes every key that nobody took, with the nearest known one.
    pub fn finish(self, mistakes: &mut Mistakes) {
        for (key, _) in &self.entries {
            let name = key.text().unwrap_or("?");
            let hint = match nearest(name, &self.known) {
                Some(known) => format!(": did you mean `{known}`?"),
                None => format!(": known are {}", self.known.join(", ")),
            };
            mistakes.add(self.file, key.at, format!("unknown key `{name}`{hint}"));
        }
    }
}

/// The known word nearest to `word`, if it is near enough to be meant.
#[must_use]
pub fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    known
        .iter()
        .map(|candidate| (distance(word, candidate), *candidate))
        .min()
        .filter(|(distance, candidate)| *distance * 3 <= candidate.len().max(word.len()))
        .map(|(_, candidate)| candidate)
}

/// Edit distance in bytes.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (index, a) in left.bytes().enumerate() {
        let mut diagonal = index;
        let mut last = index + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(right.bytes()) {
            let next = (diagonal + usize::from(a != b)).min(last + 1).min(*cell + 1);
            diagonal = *cell;
            *cell = next;
            last = next;
        }
        if let Some(first) = row.first_mut() {
            *first = index + 1;
        }
    }
    row.last().copied().unwrap_or(left.len())
}

#[cfg(test)]
mod tests;
