//! A text that is being made: its parts, and what each of them is.

use serde_json::{Value, json};

/// What a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// Neither of the others.
    Text,
    /// An identifier: its type in the words of the gold, and more closely.
    Identifier(&'static str, Option<&'static str>),
    /// What may go or stay, and why.
    Neutral(&'static str),
}

/// The parts of a text, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Draft {
    parts: Vec<(String, What)>,
}

impl Draft {
    /// Adds a part.
    pub(super) fn put(&mut self, text: impl Into<String>, what: What) {
        self.parts.push((text.into(), what));
    }

    /// How many identifiers it holds.
    pub(super) fn identifiers(&self) -> usize {
        self.parts.iter().filter(|(_, what)| matches!(what, What::Identifier(..))).count()
    }

    /// The same text as a part of another, each of its letters written so.
    pub(super) fn inside(self, before: &str, encode: impl Fn(&str) -> String, behind: &str) -> Self {
        let mut outer = Self::default();
        outer.put(before, What::Text);
        outer.parts.extend(self.parts.into_iter().map(|(text, what)| (encode(&text), what)));
        outer.put(behind, What::Text);
        outer
    }

    /// The text.
    pub(super) fn text(&self) -> String {
        self.parts.iter().map(|(text, _)| text.as_str()).collect()
    }

    /// Its identifiers and its neutral parts, in code points.
    pub(super) fn spans(&self) -> (Vec<Value>, Vec<Value>) {
        let (mut spans, mut neutral) = (Vec::new(), Vec::new());
        let mut start = 0;
        for (text, what) in &self.parts {
            let end = start + text.chars().count();
            match what {
                What::Text => {}
                What::Identifier(kind, None) => spans.push(json!({ "start": start, "end": end, "type": kind })),
                What::Identifier(kind, Some(sub)) => {
                    spans.push(json!({ "start": start, "end": end, "type": kind, "sub": sub }));
                }
                What::Neutral(why) => neutral.push(json!({ "start": start, "end": end, "why": why })),
            }
            start = end;
        }
        (spans, neutral)
    }
}
