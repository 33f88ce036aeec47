//! The words of all rules' contexts, looked for in a key path in one go: each new key of a batch is asked for them, and a rule at a
//! time that would be most of what a key costs.

use super::keys::is_word;
use aho_corasick::{AhoCorasick, BuildError, Input};
use std::collections::BTreeMap;

/// Which rules have which words in their context.
#[derive(Debug, Default)]
pub(super) struct Nearby {
    /// In small letters.
    rules: BTreeMap<String, Vec<u16>>,
    /// Finds the words of `rules`, by their number there, and who is found by each.
    sealed: Option<(AhoCorasick, Vec<Vec<u16>>)>,
}

impl Nearby {
    /// One of these words is the context of `rule`. Counts once it is sealed.
    pub(super) fn add(&mut self, rule: u16, words: &[String]) {
        for word in words {
            self.rules.entry(word.to_ascii_lowercase()).or_default().push(rule);
        }
    }

    /// Ends the adding.
    ///
    /// # Errors
    /// If these are more words than can be looked for at once.
    pub(super) fn seal(&mut self) -> Result<(), BuildError> {
        if self.rules.is_empty() {
            return Ok(());
        }
        let finder = AhoCorasick::builder().ascii_case_insensitive(true).build(self.rules.keys())?;
        self.sealed = Some((finder, std::mem::take(&mut self.rules).into_values().collect()));
        Ok(())
    }

    /// The rules of which a word stands in `path` by itself, in their order.
    pub(super) fn of(&self, path: &str) -> Vec<u16> {
        debug_assert!(self.rules.is_empty(), "sealed");
        let mut found = Vec::new();
        let Some((finder, rules)) = &self.sealed else { return found };
        for word in finder.find_overlapping_iter(Input::new(path)) {
            if is_word(path.as_bytes(), word.start()..word.end()) {
                found.extend(rules.get(word.pattern().as_usize()).into_iter().flatten());
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_count_by_themselves_whoever_else_has_them() {
        let mut nearby = Nearby::default();
        nearby.add(4, &["date of birth".into(), "Birth".into()]);
        nearby.add(2, &["birth".into(), "ssn".into()]);
        assert!(nearby.seal().is_ok());
        for (path, rules) in [
            ("patient birth", &[2, 4][..]),
            ("date of birth", &[2, 4]),
            ("births", &[]),
            ("my ssn value", &[2]),
            ("assn", &[]),
            ("", &[]),
        ] {
            assert_eq!(nearby.of(path), rules, "{path}");
        }
        assert!(Nearby::default().of("birth").is_empty());
    }
}
