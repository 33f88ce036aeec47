//! `${env:NAME}`, `${env:NAME:-default}`, `${file:PATH}` and `$$` in the values of a configuration.

use processors::document::{Data, Mistake, Mistakes, Node, Position};

/// From this length on a substituted value is hidden wherever a message holds it; a shorter one only where it stood.
const TELLING: usize = 4;

/// A value that came from outside the configuration.
#[derive(Debug)]
pub(super) struct Substitution {
    at: Position,
    value: String,
    reference: String,
}

/// Replaces references by what they refer to, and remembers what that was.
#[derive(Debug, Default)]
pub(super) struct Expander {
    substitutions: Vec<Substitution>,
    files: Vec<String>,
    mistakes: Mistakes,
}

impl Substitution {
    /// A message about a place, without the value.
    pub(super) fn hide(&self, at: Position, message: &str) -> String {
        if self.value.is_empty() {
            return message.to_owned();
        }
        let mut hidden = message.to_owned();
        if self.value.len() >= TELLING {
            hidden = hidden.replace(&self.value, &self.reference);
        }
        if at == self.at {
            // What a message quotes of a value, it quotes in backticks.
            let parts = hidden.split('`').enumerate().map(|(number, part)| {
                let quoted = number % 2 == 1 && !part.is_empty();
                let ours = quoted && (self.value.contains(part) || part.contains(&self.value));
                if ours { self.reference.clone() } else { part.to_owned() }
            });
            hidden = parts.collect::<Vec<_>>().join("`");
        }
        hidden
    }
}

impl Expander {
    /// Expands all values below a node. Keys stay as they are.
    pub(super) fn expand(&mut self, node: &mut Node) {
        let at = node.at;
        match &mut node.data {
            Data::Null => {}
            Data::Scalar(text, plain) => {
                if text.contains('$') {
                    *text = self.expanded(text, at);
                    if *plain && matches!(text.as_str(), "" | "~" | "null") {
                        node.data = Data::Null;
                    }
                }
            }
            Data::Sequence(list) => list.iter_mut().for_each(|node| self.expand(node)),
            Data::Mapping(entries) => entries.iter_mut().for_each(|(_, value)| self.expand(value)),
        }
    }

    /// What was put in, the files it came from, and what could not be.
    pub(super) fn done(self) -> (Vec<Substitution>, Vec<String>, Vec<Mistake>) {
        (self.substitutions, self.files, self.mistakes.sorted())
    }

    fn expanded(&mut self, text: &str, at: Position) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            out.push_str(before);
            if let Some(behind) = after.strip_prefix('$') {
                out.push('$');
                rest = behind;
            } else if let Some(inner) = after.strip_prefix('{') {
                let Some((reference, behind)) = inner.split_once('}') else {
                    self.mistakes.add("", at, "`${` without its `}`: a dollar sign itself is written `$$`");
                    return out;
                };
                if let Some(value) = self.value(reference, at) {
                    out.push_str(&value);
                }
                rest = behind;
            } else {
                out.push('$');
                rest = after;
            }
        }
        out.push_str(rest);
        out
    }

    fn value(&mut self, reference: &str, at: Position) -> Option<String> {
        let value = if let Some(asked) = reference.strip_prefix("env:") {
            let (name, default) = asked.split_once(":-").map_or((asked, None), |(name, default)| (name, Some(default)));
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
            if name.is_empty() || !name.bytes().all(fits) {
                self.mistakes.add("", at, "`${env:NAME}` takes the name of an environment variable");
                return None;
            }
            match (std::env::var(name), default) {
                (Ok(value), _) => value,
                // The default stands in the configuration itself.
                (Err(_), Some(default)) => return Some(default.to_owned()),
                (Err(_), None) => {
                    let message = format!(
                        "the environment variable `{name}` is not set: `${{env:{name}:-default}}` would give a default"
                    );
                    self.mistakes.add("", at, message);
                    return None;
                }
            }
        } else if let Some(path) = reference.strip_prefix("file:") {
            self.files.push(path.to_owned());
            match std::fs::read_to_string(path) {
                Ok(text) => text.trim_end_matches(['\r', '\n']).to_owned(),
                Err(error) => {
                    self.mistakes.add("", at, format!("the file `{path}` cannot be read: {}", error.kind()));
                    return None;
                }
            }
        } else {
            let message = format!(
                "`${{{reference}}}` refers to nothing: write `${{env:NAME}}`, `${{file:PATH}}`, or `$$` for a dollar sign"
            );
            self.mistakes.add("", at, message);
            return None;
        };
        let reference = format!("${{{reference}}}");
        self.substitutions.push(Substitution { at, value: value.clone(), reference });
        Some(value)
    }
}
