//! Named pieces of patterns: what a name looks like is written once, and `(?P>full_name)` puts it in.

use super::parse::{Pack, Spot};
use crate::document::Mistakes;
use std::borrow::Cow;
use std::collections::HashMap;

/// How deep fragments may use each other: beyond, they go in circles.
const MAX_DEPTH: usize = 6;
/// The longest pattern that may come of it, in bytes.
const MAX_PATTERN: usize = 64 << 10;

/// The fragments of all packs.
#[derive(Debug, Default)]
pub(super) struct Fragments {
    texts: HashMap<String, String>,
}

impl Fragments {
    /// Collects the fragments of `packs`; each must be a pattern of its own.
    pub(super) fn of(packs: &[(&str, Pack)], mistakes: &mut Mistakes) -> Self {
        let mut all = Self::default();
        for (file, pack) in packs {
            for (name, text) in &pack.fragments {
                if all.texts.insert(name.value.clone(), text.value.clone()).is_some() {
                    mistakes.add(file, name.at, format!("another fragment is called `{}`", name.value));
                }
            }
        }
        for (file, pack) in packs {
            for (_, text) in &pack.fragments {
                all.prove(file, text, mistakes);
            }
        }
        all
    }

    fn prove(&self, file: &str, text: &Spot<String>, mistakes: &mut Mistakes) {
        let read = self
            .expand(&text.value)
            .and_then(|whole| super::dialect::parse(&whole).map(|_| ()).map_err(|error| error.message));
        if let Err(message) = read {
            mistakes.add(file, text.at, message);
        }
    }

    /// `pattern` with every `(?P>name)` replaced by that fragment, in a group.
    ///
    /// # Errors
    ///
    /// What is wrong: an unknown name, fragments in a circle, a pattern grown too long.
    pub(super) fn expand<'p>(&self, pattern: &'p str) -> Result<Cow<'p, str>, String> {
        if !pattern.contains(OPEN) {
            return Ok(Cow::Borrowed(pattern));
        }
        let mut whole = String::new();
        self.write(pattern, MAX_DEPTH, &mut whole)?;
        Ok(Cow::Owned(whole))
    }

    fn write(&self, pattern: &str, depth: usize, whole: &mut String) -> Result<(), String> {
        let mut rest = pattern;
        while let Some((before, reference)) = rest.split_once(OPEN) {
            let (name, after) = reference.split_once(')').ok_or("`(?P>` names a fragment: `(?P>full_name)`")?;
            let text = self.texts.get(name).ok_or_else(|| self.unknown(name))?;
            whole.push_str(before);
            whole.push_str("(?:");
            self.write(text, depth.checked_sub(1).ok_or("fragments use each other in a circle")?, whole)?;
            whole.push(')');
            rest = after;
        }
        whole.push_str(rest);
        if whole.len() > MAX_PATTERN { Err("with its fragments the pattern is too long".to_owned()) } else { Ok(()) }
    }

    fn unknown(&self, name: &str) -> String {
        let known: Vec<&str> = self.texts.keys().map(String::as_str).collect();
        match crate::document::nearest(name, &known) {
            Some(near) => format!("no fragment is called `{name}`; is it `{near}`?"),
            None => format!("no fragment is called `{name}`"),
        }
    }
}

const OPEN: &str = "(?P>";
