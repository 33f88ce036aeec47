//! Where the parts of a configuration come from, and how a place in the merged whole is told in terms of its files.

use super::expand::{Expander, Substitution};
use super::merge::merge;
use super::{DEFAULT, Origin};
use crate::settings::Notes;
use processors::document::{Data, Mistake, Mistakes, Node, Position};

/// In a merged document the lines of a file begin at its number times this: a position tells its file.
const STRIDE: usize = 1 << 32;
/// How large a configuration file may be, in bytes.
const LARGEST: u64 = 4 << 20;

/// The parts of a configuration.
#[derive(Debug, Default)]
pub(super) struct Sources {
    names: Vec<String>,
    substitutions: Vec<Substitution>,
    /// The files that values came from.
    pub(super) files: Vec<String>,
    /// References to nothing.
    unresolved: Vec<Mistake>,
}

impl Sources {
    /// Reads, merges and expands all parts. `None` if one cannot be read at all.
    pub(super) fn load(&mut self, origin: &Origin, notes: &mut Notes) -> Option<Node> {
        let mut parts = Vec::new();
        if origin.files.is_empty() {
            parts.push(self.parse("default.yaml", DEFAULT, notes));
        }
        for file in &origin.files {
            let text = match read(file) {
                Ok(text) => Some(text),
                Err(message) => {
                    notes.mistake(file, Position { line: 1, column: 1 }, message);
                    None
                }
            };
            parts.push(text.and_then(|text| self.parse(file, &text, notes)));
        }
        // A value that cannot be laid over the files keeps nothing from being told about them.
        let sets: Vec<Node> = origin.sets.iter().filter_map(|set| self.set(set, notes)).collect();
        let files: Option<Vec<Node>> = parts.into_iter().collect();
        let mut root = files?.into_iter().chain(sets).reduce(merge)?;
        let mut expander = Expander::default();
        expander.expand(&mut root);
        (self.substitutions, self.files, self.unresolved) = expander.done();
        Some(root)
    }

    fn parse(&mut self, name: &str, text: &str, notes: &mut Notes) -> Option<Node> {
        let parsed = Node::parse(name, text);
        let number = self.names.len();
        self.names.push(name.to_owned());
        match parsed {
            Ok(mut node) => {
                shift(&mut node, &|at| Position { line: at.line + number * STRIDE, ..at });
                Some(node)
            }
            Err(mistakes) => {
                notes.mistakes.extend(mistakes);
                None
            }
        }
    }

    /// Reads `a::b=c`. The value is YAML, its place the whole argument.
    fn set(&mut self, argument: &str, notes: &mut Notes) -> Option<Node> {
        let path = argument.split('=').next().unwrap_or_default();
        let name = format!("--set {path}");
        let start = Position { line: 1, column: 1 };
        let Some((_, value)) = argument.split_once('=').filter(|_| path.split("::").all(|key| !key.is_empty())) else {
            notes.mistake(&name, start, "takes a path and a value, like `exporters::debug=null`");
            return None;
        };
        let mut node = self.parse(&name, value, notes)?;
        let line = (self.names.len() - 1) * STRIDE + 1;
        let at = Position { line, column: 1 };
        shift(&mut node, &|_| at);
        for key in path.rsplit("::") {
            let key = Node { at, data: Data::Scalar(key.to_owned(), true) };
            node = Node { at, data: Data::Mapping(vec![(key, node)]) };
        }
        Some(node)
    }

    /// Mistakes as lines, in the order of their places, without any substituted value.
    pub(super) fn lines(&self, mistakes: Mistakes) -> Vec<String> {
        let line = |mut mistake: Mistake| {
            for substitution in &self.substitutions {
                mistake.message = substitution.hide(mistake.at, &mistake.message);
            }
            if mistake.file.is_empty() {
                let number = mistake.at.line / STRIDE;
                mistake.file = self.names.get(number).cloned().unwrap_or_default();
                mistake.at.line %= STRIDE;
            }
            mistake.to_string()
        };
        mistakes.sorted().into_iter().map(line).collect()
    }

    /// Takes out what only follows from a reference to nothing, and puts in that the reference is one.
    pub(super) fn settle(&mut self, mistakes: Mistakes) -> Mistakes {
        let unresolved = std::mem::take(&mut self.unresolved);
        let follows =
            |mistake: &Mistake| mistake.file.is_empty() && unresolved.iter().any(|cause| cause.at == mistake.at);
        let mut settled = Mistakes::default();
        for mistake in mistakes.sorted().into_iter().filter(|mistake| !follows(mistake)).chain(unresolved.clone()) {
            settled.add(&mistake.file, mistake.at, mistake.message);
        }
        settled
    }
}

fn read(file: &str) -> Result<String, String> {
    let size = std::fs::metadata(file).map_err(|error| format!("cannot be read: {}", error.kind()))?.len();
    if size > LARGEST {
        return Err("is larger than a configuration has reason to be".into());
    }
    std::fs::read_to_string(file).map_err(|error| format!("cannot be read: {}", error.kind()))
}

fn shift(node: &mut Node, to: &dyn Fn(Position) -> Position) {
    node.at = to(node.at);
    match &mut node.data {
        Data::Null | Data::Scalar(..) => {}
        Data::Sequence(list) => list.iter_mut().for_each(|node| shift(node, to)),
        Data::Mapping(entries) => entries.iter_mut().for_each(|(key, value)| {
            shift(key, to);
            shift(value, to);
        }),
    }
}
