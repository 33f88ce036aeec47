//! What keys mean: which rules a value falls under because of the keys that lead to it.
//!
//! A key is read from its end, word by word, and each row of words that begins at a word is looked up by its hash. So a
//! key costs some nanoseconds, however many keys the packs know: most end in a word that ends no known key. Words that
//! only qualify a value may stand behind a known key: `ssn_value`, `ssn_2` and `ssn_md5` are all `ssn`.

use super::key_pattern::KeyPattern;
use super::key_terms::{QUALIFIERS, Short};
use super::key_words::{Flags, Tails, extend, reversed};
use super::nearby::Nearby;
use crate::mark;
use crate::tape::WordsBack;
use aho_corasick::{AhoCorasick, BuildError};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::Range;

/// How many words of a key are read, and how many of them may be qualifiers.
const MAX_WORDS: usize = 8;
const MAX_QUALIFIERS: usize = 3;
/// The most digits of a position in a list.
const MAX_POSITION: usize = 3;

/// How a text under a key is looked at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum KeyClass {
    /// Like any text.
    #[default]
    Plain,
    /// Prose that people wrote or read: looked at hardest.
    FreeText,
    /// A statement for a database: its literals go.
    Statement,
    /// A technical value: only rules that need no context apply.
    Opaque,
    /// An id of a trace or span, if it has the exact shape of one: never edited.
    Kept,
    /// What this engine says it redacted, if it is written as it would write it: never edited.
    Mark,
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
    /// The rules whose domain names the key: by index, and whether it is their `only` that does.
    pub(crate) domain: Vec<(u16, bool)>,
    /// Whether nothing is looked for here.
    pub(crate) allowed: bool,
}

impl KeyMeaning {
    /// A key that says nothing.
    pub(crate) const NOTHING: Self = Self {
        class: KeyClass::Plain,
        rules: Vec::new(),
        nearby: Vec::new(),
        except: Vec::new(),
        domain: Vec::new(),
        allowed: false,
    };

    /// Whether a part of a text below such a key is to be judged as a text of its own.
    pub(crate) fn says_something(&self) -> bool {
        !self.rules.is_empty() || !self.nearby.is_empty() || self.allowed || !self.domain.is_empty()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    Rule(u16),
    Except(u16),
    Domain(u16, bool),
    Class(KeyClass),
    Allow,
}

/// Keys of these tables are hashes already.
#[derive(Clone, Copy, Debug, Default)]
struct Hashed(u64);

impl Hasher for Hashed {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash << 8 | u64::from(*byte));
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

type ByHash<V> = HashMap<u64, V, BuildHasherDefault<Hashed>>;

/// All keys that a rule set knows.
#[derive(Debug)]
pub(crate) struct Keys {
    /// What each row of words says, by its hash. Two rows of one hash would only make more of a key.
    endings: ByHash<Vec<Says>>,
    /// What rows of words may be: a known key's last word, its last two without a gap, and so on; a qualifier.
    flags: Flags,
    tails: Tails,
    /// What whole paths say.
    whole: ByHash<Vec<Says>>,
    /// What paths below others say.
    below: Vec<(String, Says)>,
    /// Rules by shape and the words one of which a path must hold to be their context.
    nearby: Nearby,
    /// Words that stand for longer ones.
    short: Short,
}

impl Keys {
    pub(crate) fn new() -> Self {
        let mut keys = Self {
            endings: ByHash::default(),
            flags: Flags::default(),
            tails: Tails::default(),
            whole: ByHash::default(),
            below: Vec::new(),
            nearby: Nearby::default(),
            short: Short::new(),
        };
        for word in QUALIFIERS {
            keys.flags.set(reversed(word), Flags::QUALIFIER);
            keys.tails.add(word);
        }
        keys.add(&KeyPattern::Whole(vec![mark::PATH.to_owned()]), Says::Class(KeyClass::Mark));
        keys
    }

    /// A value below `pattern` falls under `rule`.
    pub(crate) fn rule(&mut self, rule: u16, pattern: &KeyPattern) {
        self.add(pattern, Says::Rule(rule));
    }

    /// A value below `pattern` does not fall under `rule`, whatever else its keys say.
    pub(crate) fn except(&mut self, rule: u16, pattern: &KeyPattern) {
        self.add(pattern, Says::Except(rule));
    }

    /// The domain of `rule` names `pattern`, in its `only` or in its `except`.
    pub(crate) fn domain(&mut self, rule: u16, only: bool, pattern: &KeyPattern) {
        self.add(pattern, Says::Domain(rule, only));
    }

    /// Forgets the keys that the domain of `rule` names, in its `only` or in its `except`.
    pub(crate) fn forget_domain(&mut self, rule: u16, only: bool) {
        let stays = |says: &Says| *says != Says::Domain(rule, only);
        self.endings.values_mut().chain(self.whole.values_mut()).for_each(|all| all.retain(stays));
        self.below.retain(|(_, says)| stays(says));
    }

    /// A value below `pattern` is not looked at.
    pub(crate) fn allow(&mut self, pattern: &KeyPattern) {
        self.add(pattern, Says::Allow);
    }

    /// A value below `pattern` is looked at as `class` says.
    pub(crate) fn class(&mut self, class: KeyClass, pattern: &KeyPattern) {
        self.add(pattern, Says::Class(class));
    }

    /// A text below a path that holds one of these words is searched by `rule`.
    pub(crate) fn nearby(&mut self, rule: u16, words: &[String]) {
        self.nearby.add(rule, words);
    }

    /// Ends the adding of such words.
    ///
    /// # Errors
    /// If these are more words than can be looked for at once.
    pub(crate) fn seal(&mut self) -> Result<(), BuildError> {
        self.nearby.seal()
    }

    fn add(&mut self, pattern: &KeyPattern, says: Says) {
        match pattern {
            KeyPattern::Ending(rows) => {
                for row in rows {
                    self.ending(row, says);
                    // What finds is told by each spelling of its keys; what lets something be, by its own only.
                    if matches!(says, Says::Rule(_)) {
                        let long = self.short.written_out(row);
                        long.iter().for_each(|long| self.ending(long, says));
                        let last = long.as_deref().unwrap_or(row).rsplit(' ').next().unwrap_or(row);
                        Short::endings().filter(|(_, word)| *word == last).for_each(|(word, _)| self.tails.add(word));
                    }
                }
            }
            KeyPattern::Whole(rows) => {
                for row in rows {
                    self.whole.entry(reversed(row)).or_default().push(says);
                }
            }
            KeyPattern::Below(rows) => self.below.extend(rows.iter().map(|row| (format!("{row} "), says))),
        }
    }

    fn ending(&mut self, row: &str, says: Says) {
        self.endings.entry(reversed(row)).or_default().push(says);
        self.flags.set(reversed(row), Flags::KEY);
        self.tails.add(row);
        let mut words: &str = row;
        loop {
            self.flags.set(reversed(words), Flags::ENDING);
            match words.split_once(' ') {
                Some((_, rest)) => words = rest,
                None => break,
            }
        }
    }

    /// What a normalised path means.
    pub(crate) fn meaning(&self, path: &str) -> KeyMeaning {
        let mut meaning = KeyMeaning::default();
        for (above, says) in &self.below {
            if path.starts_with(above.as_str()) {
                note(&mut meaning, *says);
            }
        }
        self.endings_of(path.as_bytes(), path.len(), |says| note(&mut meaning, says));
        let whole = self.whole.get(&reversed(path)).map_or(&[][..], Vec::as_slice);
        if whole.iter().any(|says| matches!(says, Says::Class(_))) {
            // A key whose whole path is known falls under no rule by its end.
            meaning.rules.clear();
        }
        whole.iter().for_each(|says| note(&mut meaning, *says));
        settle(&mut meaning);
        meaning.nearby = self.nearby.of(path);
        meaning
    }

    /// Whether a key that stands in `text` and ends at `end` may be a known one: a quick no for most.
    #[inline]
    pub(crate) fn may_end(&self, text: &[u8], end: usize) -> bool {
        self.tails.may_end(text, end)
    }

    /// Writes to `meaning` which rules ask for a key that stands in `text` and ends at `end`, where one may end. It is cleared and filled
    /// again: keys in texts are too many to allocate for each. Returns from where on the text was looked at; `None` if it
    /// may have counted that it begins there.
    pub(crate) fn rules_of_key(&self, text: &[u8], end: usize, meaning: &mut KeyMeaning) -> Option<usize> {
        meaning.rules.clear();
        meaning.except.clear();
        meaning.domain.clear();
        meaning.allowed = false;
        let from = self.endings_of(text, end, |says| note(meaning, says));
        if !meaning.rules.is_empty() {
            settle(meaning);
        }
        from
    }

    /// Calls `say` with what each known row of words says that ends at `end`, or before qualifiers that end there. Returns
    /// from where on the text was looked at; `None` if it may have counted that it begins there.
    fn endings_of(&self, text: &[u8], end: usize, mut say: impl FnMut(Says)) -> Option<usize> {
        let mut from = end;
        let mut reached = None;
        for _ in 0..=MAX_QUALIFIERS {
            // The row as it is written, and with its short words written out once there is one.
            let (mut hash, mut long) = (0, None);
            let mut first: Option<(Range<usize>, u8)> = None;
            let mut words = WordsBack::new(text, from);
            for word in words.by_ref().take(MAX_WORDS) {
                let part = text.get(word.clone())?;
                long = self.written_out(part, hash, long, first.is_none());
                hash = extend(hash, part);
                let mut flags = self.flags.get(hash);
                let number = part.len() <= 3 && part.iter().all(u8::is_ascii_digit);
                first.get_or_insert((word, if number { flags | Flags::QUALIFIER } else { flags }));
                self.said(hash, flags, &mut say);
                if let Some(long) = long {
                    let written_out = self.flags.get(long);
                    self.said(long, written_out, &mut say);
                    flags |= written_out;
                }
                if flags & Flags::ENDING == 0 {
                    break;
                }
            }
            // The words before qualifiers are read again from there, less far back or further.
            let here = words.reached();
            reached = if from == end { here } else { here.min(reached) };
            match first {
                Some((word, flags)) if flags & Flags::QUALIFIER != 0 => from = word.start,
                Some(_) | None => break,
            }
        }
        reached
    }

    /// The hash of a row with its short words written out, `long` so far or as it is written, with `word` in front.
    #[inline]
    fn written_out(&self, word: &[u8], hash: u64, long: Option<u64>, last: bool) -> Option<u64> {
        let position = !last && word.len() <= MAX_POSITION && word.iter().all(u8::is_ascii_digit);
        match self.short.long(extend(0, word), word.len(), last) {
            Some(words) => {
                let so_far = long.unwrap_or(hash);
                Some(words.split(' ').rev().fold(so_far, |hash, word| extend(hash, word.as_bytes())))
            }
            // `names.0.family`: a position in a list says nothing.
            None if position => Some(long.unwrap_or(hash)),
            None => long.map(|long| extend(long, word)),
        }
    }

    /// Calls `say` with what a known row says.
    #[inline]
    fn said(&self, hash: u64, flags: u8, say: &mut impl FnMut(Says)) {
        if flags & Flags::KEY != 0
            && let Some(all) = self.endings.get(&hash)
        {
            all.iter().for_each(|says| say(*says));
        }
    }
}

fn note(meaning: &mut KeyMeaning, says: Says) {
    match says {
        Says::Rule(rule) => meaning.rules.push(rule),
        Says::Except(rule) => meaning.except.push(rule),
        Says::Domain(rule, only) => meaning.domain.push((rule, only)),
        Says::Class(class) => meaning.class = class,
        Says::Allow => meaning.allowed = true,
    }
}

fn settle(meaning: &mut KeyMeaning) {
    meaning.rules.sort_unstable();
    meaning.rules.dedup();
    let KeyMeaning { rules, except, .. } = meaning;
    rules.retain(|rule| !except.contains(rule));
}

/// Where in `text[range]` one of the words stands, as a word of `text`.
pub(crate) fn words<'t>(
    text: &'t [u8],
    range: Range<usize>,
    finder: &'t AhoCorasick,
) -> impl Iterator<Item = Range<usize>> + 't {
    finder
        .find_overlapping_iter(aho_corasick::Input::new(text).range(range))
        .map(|found| found.start()..found.end())
        .filter(move |word| is_word(text, word.clone()))
}

/// Whether a word stands by itself: no letter and no digit touches an end of it that is one.
pub(crate) fn is_word(text: &[u8], word: Range<usize>) -> bool {
    let letter = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    let (before, last) = (word.start.checked_sub(1), word.end.checked_sub(1));
    !(letter(before) && letter(Some(word.start)) || letter(last) && letter(Some(word.end)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tape::normalise;

    fn keys() -> Keys {
        let sets = HashMap::from([("person".to_owned(), vec!["patient".to_owned(), "next of kin".to_owned()])]);
        let read = |text: &str| KeyPattern::parse(text, &sets).unwrap();
        let mut keys = Keys::new();
        keys.rule(0, &read("<person> name"));
        keys.rule(1, &read("ssn"));
        keys.rule(1, &read("social security (number)?"));
        keys.rule(2, &read("=user.id"));
        keys.rule(3, &read("name"));
        keys.except(3, &read("(host|pod) name"));
        keys.class(KeyClass::Opaque, &read("=db.name"));
        keys.class(KeyClass::FreeText, &read("=gen_ai.*"));
        keys.rule(4, &read("prenom"));
        keys
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
            ("pr\u{e9}nom", (Plain, vec![4])),
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
    fn keys_in_texts_are_read_from_their_end() {
        let keys = keys();
        for (text, expected) in [
            ("lookup of next of kin name", vec![0, 3]),
            ("<Patient><Name", vec![0, 3]),
            ("Patient[name", vec![0, 3]),
            ("x=1&patient_name", vec![0, 3]),
            ("host name", vec![]),
            ("my social security no", vec![1]),
            ("userSSN", vec![1]),
            ("userSSNHash", vec![1]),
            ("pr\u{e9}nom", vec![4]),
            ("status", vec![]),
            ("", vec![]),
        ] {
            let mut meaning = KeyMeaning::default();
            keys.rules_of_key(text.as_bytes(), text.len(), &mut meaning);
            assert_eq!(meaning.rules, expected, "{text}");
        }
    }

    #[test]
    fn what_stands_before_all_that_was_looked_at_makes_no_difference() {
        let keys = keys();
        let says = |text: &str| {
            let mut meaning = KeyMeaning::default();
            let from = keys.rules_of_key(text.as_bytes(), text.len(), &mut meaning);
            (from, meaning)
        };
        for text in
            ["a patient.name", "id 7 homeName2", "(next of kin)_name", "x-ssn 4", "the level", "nname", "host<>name"]
        {
            for start in 0..text.len() {
                let text = &text[start..];
                let (from, meaning) = says(text);
                for before in ["", "n", "patient ", "7", "next of kin_", "<a>"] {
                    if let Some(tail) = from.and_then(|from| text.get(from..)) {
                        assert_eq!(says(&format!("{before}{tail}")).1, meaning, "{before}|{tail}");
                    }
                }
            }
        }
    }
}
