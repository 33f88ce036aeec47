//! What keys mean: which rules a value falls under because of the keys that lead to it.
//!
//! A key pattern is a row of lower-case words that a normalised key path must end with: `patient name` matches
//! `patient.name`, `lastPatientName` and `{"patient": {"name": ..}}`. `<person>` stands for a set of words, `(a|b)`
//! for alternatives, `?` makes the group before it optional, `*` stands for any words, `=` in front asks for the
//! whole path. Words that only qualify a value may follow: `ssn_value`, `ssn_2` and `ssn_md5` are all `ssn`.

use super::dialect;
use aho_corasick::AhoCorasick;
use regex_automata::{Input, MatchKind, PatternSet, meta};
use regex_syntax::hir::Hir;
use std::collections::HashMap;
use std::ops::Range;

/// Words that may follow an identifier's key and leave it one: its parts, its forms, hashes of it.
const QUALIFIERS: &str = "value|val|raw|text|txt|str|string|num|number|no|nr|nbr|digits|part|parts|field|input|param|\
                          arg|md|sha|hash|hashed|hmac|encoded|formatted|normalized|original|orig|old|new|previous|\
                          prev|current|entered|last|primary|secondary|alternate|values|keyword|exact|eq|ne|in|nin|\
                          gt|gte|lt|lte|like|match|term|terms|regex|contains|[0-9]{1,3}";

/// How a text under a key is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum KeyClass {
    /// Like any text.
    #[default]
    Plain,
    /// Prose that people wrote or read: looked at hardest.
    FreeText,
    /// A technical value: only rules that need no context apply.
    Opaque,
    /// An id of a trace or span, if it has the exact shape of one: never edited.
    Kept,
}

/// What a key path says about the value below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct KeyMeaning {
    /// How the value is looked at.
    pub(crate) class: KeyClass,
    /// The rules the value falls under, by index.
    pub(crate) rules: Vec<u16>,
    /// The rules by shape whose context the path gives, by index.
    pub(crate) nearby: Vec<u16>,
    /// The rules that find nothing here, by index.
    pub(crate) except: Vec<u16>,
}

impl KeyMeaning {
    /// A key that says nothing.
    pub(crate) const NOTHING: Self =
        Self { class: KeyClass::Plain, rules: Vec::new(), nearby: Vec::new(), except: Vec::new() };
}

/// One key pattern, read.
#[derive(Clone, Debug)]
pub(crate) struct KeyPattern {
    /// Matches normalised paths.
    words: String,
    /// Matches the key as texts spell it, for the scan.
    pub(crate) spelled: Hir,
    /// Whether the whole path is asked for: such a key is not looked for inside texts.
    pub(crate) whole: bool,
}

impl KeyPattern {
    /// Reads a pattern; `sets` are the named word sets.
    pub(crate) fn parse(text: &str, sets: &HashMap<String, Vec<String>>) -> Result<Self, String> {
        let (whole, body) = match text.strip_prefix('=') {
            Some(body) => (true, body),
            None => (false, text),
        };
        let mut words = String::new();
        let mut spelled = String::new();
        let mut chars = body.trim().chars();
        while let Some(char) = chars.next() {
            match char {
                '(' => {
                    words.push_str("(?:");
                    spelled.push_str("(?:");
                }
                'a'..='z' | '0'..='9' | ')' | '|' | '?' => {
                    words.push(char);
                    spelled.push(char);
                }
                ' ' | '.' | '_' | '-' => {
                    words.push_str(" ?");
                    spelled.push_str("[ _.-]?");
                }
                '*' => {
                    words.push_str("(?:[a-z0-9]+ ?)+");
                    spelled.push_str("[a-z0-9_.-]{1,24}");
                }
                '<' => {
                    let name: String = chars.by_ref().take_while(|char| *char != '>').collect();
                    let set = sets.get(&name).ok_or_else(|| format!("no set is called `{name}`"))?;
                    words.push_str(&alternatives(set, " ?"));
                    spelled.push_str(&alternatives(set, "[ _.-]?"));
                }
                other => {
                    return Err(format!("`{other}` has no place in a key pattern: lower-case words, ( | ) ? * <set>"));
                }
            }
        }
        if words.is_empty() {
            return Err("an empty key pattern".into());
        }
        let spelled = dialect::parse(&format!("(?i){spelled}")).map_err(|error| error.message)?.hir;
        let words = if whole { format!("^(?:{words})$") } else { format!("(?:^| )(?:{words})(?: (?:{QUALIFIERS}))*$") };
        Ok(Self { words, spelled, whole })
    }
}

fn alternatives(set: &[String], space: &str) -> String {
    let words: Vec<String> = set.iter().map(|word| word.replace(' ', space)).collect();
    format!("(?:{})", words.join("|"))
}

/// All key patterns of a rule set.
#[derive(Debug)]
pub(crate) struct Keys {
    /// What each pattern of `patterns` says.
    says: Vec<Says>,
    patterns: meta::Regex,
    /// Whole paths without alternatives: most of the technical ones.
    exact: HashMap<Box<str>, KeyClass>,
    /// Rules by shape and the words one of which a path must hold to be their context.
    nearby: Vec<(u16, AhoCorasick)>,
}

#[derive(Clone, Copy, Debug)]
enum Says {
    Rule(u16),
    Except(u16),
    Class(KeyClass),
}

/// Collects key patterns for [`Keys`].
#[derive(Debug, Default)]
pub(crate) struct KeysBuilder {
    says: Vec<Says>,
    patterns: Vec<String>,
    exact: HashMap<Box<str>, KeyClass>,
    nearby: Vec<(u16, AhoCorasick)>,
}

impl KeysBuilder {
    /// A text below a path that holds one of these words is searched by `rule`.
    pub(crate) fn nearby(&mut self, rule: u16, words: &AhoCorasick) {
        self.nearby.push((rule, words.clone()));
    }

    /// A value below `pattern` falls under `rule`.
    pub(crate) fn rule(&mut self, rule: u16, pattern: &KeyPattern) {
        self.says.push(Says::Rule(rule));
        self.patterns.push(pattern.words.clone());
    }

    /// A value below `pattern` does not fall under `rule`, whatever else its keys say.
    pub(crate) fn except(&mut self, rule: u16, pattern: &KeyPattern) {
        self.says.push(Says::Except(rule));
        self.patterns.push(pattern.words.clone());
    }

    /// A value below `pattern` is looked at as `class` says.
    pub(crate) fn class(&mut self, class: KeyClass, pattern: &KeyPattern) {
        self.says.push(Says::Class(class));
        self.patterns.push(pattern.words.clone());
    }

    /// The value of exactly this normalised path is looked at as `class` says.
    pub(crate) fn exact(&mut self, class: KeyClass, path: &str) {
        self.exact.insert(path.into(), class);
    }

    /// Compiles the patterns.
    pub(crate) fn build(self) -> Result<Keys, String> {
        let patterns = meta::Regex::builder()
            .configure(
                meta::Config::new()
                    .match_kind(MatchKind::All)
                    .nfa_size_limit(Some(64 << 20))
                    .hybrid_cache_capacity(16 << 20),
            )
            .syntax(regex_automata::util::syntax::Config::new().unicode(false).utf8(false))
            .build_many(&self.patterns)
            .map_err(|error| error.to_string())?;
        Ok(Keys { says: self.says, patterns, exact: self.exact, nearby: self.nearby })
    }
}

impl Keys {
    /// What a normalised path means. About a microsecond: callers remember.
    pub(crate) fn meaning(&self, path: &str) -> KeyMeaning {
        let mut matched = PatternSet::new(self.patterns.pattern_len());
        self.patterns.which_overlapping_matches(&Input::new(path), &mut matched);
        let mut meaning = KeyMeaning::default();
        for pattern in matched.iter() {
            match self.says.get(pattern.as_usize()) {
                Some(Says::Rule(rule)) => meaning.rules.push(*rule),
                Some(Says::Except(rule)) => meaning.except.push(*rule),
                Some(Says::Class(class)) => meaning.class = *class,
                None => {}
            }
        }
        if let Some(class) = self.exact.get(path) {
            // A key known to be technical falls under no rule, however it ends.
            meaning.class = *class;
            meaning.rules.clear();
        }
        meaning.rules.sort_unstable();
        meaning.rules.dedup();
        meaning.rules.retain(|rule| !meaning.except.contains(rule));
        let near =
            self.nearby.iter().filter(|(_, finder)| words(path.as_bytes(), 0..path.len(), finder).next().is_some());
        meaning.nearby = near.map(|(rule, _)| *rule).collect();
        meaning
    }
}

/// Where in `text[range]` one of the words stands, as a word of `text`.
pub(crate) fn words<'t>(
    text: &'t [u8],
    range: Range<usize>,
    finder: &'t AhoCorasick,
) -> impl Iterator<Item = Range<usize>> + 't {
    let joins = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    finder
        .find_overlapping_iter(aho_corasick::Input::new(text).range(range))
        .map(|found| found.start()..found.end())
        .filter(move |word| {
            !joins(word.start.checked_sub(1).and_then(|before| text.get(before))) && !joins(text.get(word.end))
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tape::normalise;

    fn keys() -> Keys {
        let sets = HashMap::from([("person".to_owned(), vec!["patient".to_owned(), "next of kin".to_owned()])]);
        let read = |text: &str| KeyPattern::parse(text, &sets).unwrap();
        let mut builder = KeysBuilder::default();
        builder.rule(0, &read("<person> name"));
        builder.rule(1, &read("ssn"));
        builder.rule(1, &read("social security( number)?"));
        builder.rule(2, &read("=user.id"));
        builder.rule(3, &read("name"));
        builder.except(3, &read("(host|pod) name"));
        builder.exact(KeyClass::Opaque, "db name");
        builder.class(KeyClass::FreeText, &read("=gen_ai.*"));
        builder.build().unwrap()
    }

    fn meaning(key: &str) -> (KeyClass, Vec<u16>) {
        let mut path = String::new();
        normalise(key.as_bytes(), &mut path);
        let meaning = keys().meaning(&path);
        (meaning.class, meaning.rules)
    }

    #[test]
    fn paths_end_with_what_they_mean() {
        use KeyClass::{FreeText, Opaque, Plain};
        for (key, expected) in [
            ("patient.name", (Plain, vec![0, 3])),
            ("lastPatientName", (Plain, vec![0, 3])),
            ("nextOfKin_name", (Plain, vec![0, 3])),
            ("patientname", (Plain, vec![0])),
            ("ssn", (Plain, vec![1])),
            ("form.ssn.parts", (Plain, vec![1])),
            ("ssn_md5", (Plain, vec![1])),
            ("socialSecurityNumber", (Plain, vec![1])),
            ("ssn_present", (Plain, vec![])),
            ("session", (Plain, vec![])),
            ("user.id", (Plain, vec![2])),
            ("app.user.id", (Plain, vec![])),
            ("k8s.pod.name", (Plain, vec![])),
            ("db.name", (Opaque, vec![])),
            ("gen_ai.input.messages", (FreeText, vec![])),
            ("gen_ai", (Plain, vec![])),
        ] {
            assert_eq!(meaning(key), expected, "{key}");
        }
    }

    #[test]
    fn a_bad_pattern_says_why() {
        let sets = HashMap::new();
        for text in ["", "Name", "<person> name", "(a", "a+"] {
            assert!(KeyPattern::parse(text, &sets).is_err(), "{text}");
        }
    }
}
