//! The keys that lead to a text, and what they say about it.
//!
//! A key path is written as lower-case words: `patient.homePhone`, `patient.home_phone` and `{"patient":
//! {"homePhone": ..}}` are all `patient home phone`. What a path means is found out once and kept in a bounded table;
//! a key in which something was found is never kept.

use crate::actions::replaced;
use crate::pack::{KeyMeaning, Keys, without_accent};
use siphasher::sip::SipHasher13;
use std::hash::Hasher as _;

/// The number of a key path in [`Paths`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PathId(u32);

impl PathId {
    /// A hash of this very key below this very path.
    pub(crate) fn hash(self) -> u64 {
        u64::from(self.0).wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

/// The path of a text that has no key.
pub(crate) const ROOT: PathId = PathId(0);

/// The most bytes of a path that are looked at: its end says the most.
const MAX_PATH: usize = 256;
/// Slots of the lookup table, and how many of them a key may be in: two keys of every record must not take turns in one.
const SLOTS: usize = 4096;
const WAYS: usize = 4;
/// Paths kept from batch to batch.
const MAX_ENTRIES: usize = 16_384;

#[derive(Debug)]
struct Entry {
    /// The normalised path.
    text: Box<str>,
    /// Most keys say nothing, and a batch may have a million of them.
    meaning: Option<Box<KeyMeaning>>,
    /// Stands for the path where path numbers do not last: a hash of its text.
    print: u64,
    /// The slot that leads here, so that it can be emptied.
    slot: u32,
}

/// One remembered key: found by a cheap hash, trusted only after comparing every byte.
#[derive(Clone, Debug, Default)]
struct Slot {
    parent: u32,
    path: u32,
    key: Box<[u8]>,
}

/// The key paths known to a worker.
#[derive(Debug)]
pub(crate) struct Paths {
    entries: Vec<Entry>,
    /// Paths from this number on are of the present batch: their keys have not been through a whole scrub.
    kept: u32,
    slots: Vec<Slot>,
    scratch: String,
    hasher: SipHasher13,
}

impl Paths {
    /// An empty table; the key makes the prints of its paths unpredictable.
    pub(crate) fn new(key: [u8; 16]) -> Self {
        let root = Entry { text: Box::default(), meaning: None, print: 0, slot: u32::MAX };
        Self {
            entries: vec![root],
            kept: 1,
            slots: vec![Slot::default(); SLOTS],
            scratch: String::new(),
            hasher: SipHasher13::new_with_key(&key),
        }
    }

    /// The path of `key` below `parent`, and whether this key is new, so that its own text has to be scanned. A key is
    /// new wherever it stands in the first batch that holds it: every occurrence is a text of its own.
    #[inline]
    pub(crate) fn child(&mut self, parent: PathId, key: &[u8], keys: &Keys) -> (PathId, bool) {
        let first = slot_of(parent, key);
        for slot in self.slots.get(first..first + WAYS).unwrap_or(&[]) {
            if slot.path != 0 && slot.parent == parent.0 && *slot.key == *key {
                return (PathId(slot.path), slot.path >= self.kept);
            }
        }
        (self.add(parent, key, first, keys), true)
    }

    #[cold]
    fn add(&mut self, parent: PathId, key: &[u8], first: usize, keys: &Keys) -> PathId {
        self.scratch.clear();
        if let Some(entry) = self.entries.get(parent.0 as usize) {
            self.scratch.push_str(&entry.text);
        }
        normalise_unreplaced(key, &mut self.scratch);
        cut_front(&mut self.scratch, MAX_PATH);
        let meaning = Some(keys.meaning(&self.scratch)).filter(|meaning| *meaning != KeyMeaning::NOTHING).map(Box::new);
        #[expect(clippy::cast_possible_truncation, reason = "a batch has fewer keys than bytes, and bytes fit")]
        let id = self.entries.len() as u32;
        let free = self.slots.get(first..first + WAYS).unwrap_or(&[]).iter().position(|slot| slot.path == 0);
        let number = first + free.unwrap_or(self.entries.len() % WAYS);
        #[expect(clippy::cast_possible_truncation, reason = "below SLOTS")]
        let slot = number as u32;
        let print = self.hasher.hash(self.scratch.as_bytes());
        self.entries.push(Entry { text: self.scratch.as_str().into(), meaning, print, slot });
        if let Some(slot) = self.slots.get_mut(number) {
            *slot = Slot { parent: parent.0, path: id, key: key.into() };
        }
        PathId(id)
    }

    /// What the path says about a value.
    #[inline]
    pub(crate) fn meaning(&self, path: PathId) -> &KeyMeaning {
        const NOTHING: &KeyMeaning = &KeyMeaning::NOTHING;
        self.entries.get(path.0 as usize).and_then(|entry| entry.meaning.as_deref()).unwrap_or(NOTHING)
    }

    /// A hash of the path that lasts as long as this table.
    pub(crate) fn print(&self, path: PathId) -> u64 {
        self.entries.get(path.0 as usize).map_or(0, |entry| entry.print)
    }

    /// The normalised path.
    pub(crate) fn text(&self, path: PathId) -> &str {
        self.entries.get(path.0 as usize).map_or("", |entry| &entry.text)
    }

    /// The number of the next new path.
    pub(crate) fn next(&self) -> u32 {
        u32::try_from(self.entries.len()).unwrap_or(u32::MAX)
    }

    /// The paths that are new since this number.
    pub(crate) fn since(&self, number: u32) -> impl Iterator<Item = PathId> + use<> {
        (number..self.next()).map(PathId)
    }

    /// Forgets a key in which something was found.
    pub(crate) fn forget(&mut self, path: PathId) {
        let Some(entry) = self.entries.get_mut(path.0 as usize) else { return };
        entry.text = Box::default();
        if let Some(slot) = self.slots.get_mut(entry.slot as usize)
            && slot.path == path.0
        {
            *slot = Slot::default();
        }
    }

    /// Ends a batch that was scrubbed to the end: keys that were not forgotten are known from now on. Bounds the table,
    /// which invalidates path numbers.
    pub(crate) fn keep(&mut self) {
        if self.entries.len() > MAX_ENTRIES {
            self.entries.truncate(1);
            self.slots.fill(Slot::default());
        }
        self.kept = u32::try_from(self.entries.len()).unwrap_or(u32::MAX);
    }

    /// Forgets the keys of a batch that was not scrubbed to the end: nobody has looked at them.
    pub(crate) fn forget_new(&mut self) {
        for number in self.kept..u32::try_from(self.entries.len()).unwrap_or(u32::MAX) {
            self.forget(PathId(number));
        }
        self.entries.truncate(self.kept as usize);
    }
}

/// Picks the first of [`WAYS`] slots from the length and the ends of a key. An attacker who makes slots collide gains a lookup that takes
/// the slow way, not a wrong answer.
fn slot_of(parent: PathId, key: &[u8]) -> usize {
    let mut hasher = Mix(u64::from(parent.0) << 32 | key.len() as u64);
    let head = key.get(..8).unwrap_or(key);
    let tail = key.len().checked_sub(8).and_then(|at| key.get(at..)).unwrap_or(&[]);
    hasher.write(head);
    hasher.write(tail);
    (hasher.finish() >> 40) as usize % (SLOTS / WAYS) * WAYS
}

struct Mix(u64);

impl std::hash::Hasher for Mix {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        let word = match bytes.first_chunk::<8>() {
            Some(chunk) => u64::from_le_bytes(*chunk),
            None => bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
        };
        self.0 = (self.0 ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29);
    }

    fn finish(&self) -> u64 {
        self.0.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

/// As [`normalise`], but what an earlier scrub wrote is one word that says nothing: the letters of a token are random,
/// and a value must not become an identifier because they happen to end in `pt`.
fn normalise_unreplaced(key: &[u8], path: &mut String) {
    let mut at = 0;
    for range in replaced(key) {
        normalise(key.get(at..range.start).unwrap_or(&[]), path);
        path.push_str(if path.is_empty() { "?" } else { " ?" });
        at = range.end;
    }
    normalise(key.get(at..).unwrap_or(&[]), path);
}

/// Appends the words of `key` to `path`, in lower case and without accents, a space between words: split at everything
/// that is neither letter nor digit, at `aB`, `ABc`, and between letters and digits.
pub(crate) fn normalise(key: &[u8], path: &mut String) {
    let mut previous = Char::Other;
    let mut at_start = true;
    for (index, byte) in key.iter().enumerate() {
        let kind = Char::of(*byte);
        if kind == Char::Other {
            previous = kind;
            continue;
        }
        let next_is_lower = key.get(index + 1).is_some_and(u8::is_ascii_lowercase);
        let splits = match (previous, kind) {
            (Char::Other, _) => true,
            (Char::Lower | Char::Digit, Char::Upper) => true,
            (Char::Upper, Char::Upper) => next_is_lower,
            (Char::Digit, Char::Lower) | (Char::Lower | Char::Upper, Char::Digit) => true,
            (Char::Lower | Char::Upper, Char::Lower) | (Char::Digit, Char::Digit) => false,
            (_, Char::Other) => false,
        };
        if splits && !(at_start && path.is_empty()) {
            path.push(' ');
        }
        at_start = false;
        previous = kind;
        match (index.checked_sub(1).and_then(|before| key.get(before)), byte) {
            (_, 0xC3) => {}
            (Some(0xC3), 0x80..=0xBF) => path.push(char::from(without_accent(*byte) & 0x7F)),
            (_, 0x80..) => path.push('?'),
            _ => path.push(char::from(byte.to_ascii_lowercase())),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Char {
    /// A letter in lower case, or of another alphabet.
    Lower,
    Upper,
    Digit,
    Other,
}

impl Char {
    fn of(byte: u8) -> Self {
        match byte {
            b'a'..=b'z' | 0x80.. => Self::Lower,
            b'A'..=b'Z' => Self::Upper,
            b'0'..=b'9' => Self::Digit,
            _ => Self::Other,
        }
    }
}

/// Drops whole words at the front until at most `max` bytes are left.
fn cut_front(path: &mut String, max: usize) {
    if path.len() > max {
        let from = path.len() - max;
        // Normalised paths are ASCII: every offset is a character boundary.
        let at = path.as_bytes().iter().skip(from).position(|byte| *byte == b' ').map_or(from, |word| from + word + 1);
        path.drain(..at);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(key: &str) -> String {
        let mut path = String::new();
        normalise(key.as_bytes(), &mut path);
        path
    }

    #[test]
    fn spellings_of_one_key_are_one_path() {
        for key in [
            "patient.homePhone",
            "patient_home_phone",
            "PatientHomePhone",
            "PATIENT-HOME-PHONE",
            "[patient] home/phone",
        ] {
            assert_eq!(words(key), "patient home phone", "{key}");
        }
        for (key, path) in [
            ("addr1", "addr 1"),
            ("ssn_md5", "ssn md 5"),
            ("patientID", "patient id"),
            ("HTTPRequest", "http request"),
            ("llm.input_messages.0.content", "llm input messages 0 content"),
            ("nom_de_famille", "nom de famille"),
            ("", ""),
            ("__x__", "x"),
            ("Pr\u{e9}nom", "prenom"),
            ("FHIRPatientID2", "fhir patient id 2"),
        ] {
            assert_eq!(words(key), path);
        }
    }

    #[test]
    fn a_key_is_new_until_a_batch_that_held_it_has_ended_well() {
        let keys = Keys::new();
        let mut paths = Paths::new([7; 16]);
        let new = |paths: &mut Paths| paths.child(ROOT, b"patient.mrn", &keys).1;
        assert!(new(&mut paths) && new(&mut paths), "at every occurrence");
        paths.forget_new();
        assert!(new(&mut paths), "after a batch that was refused");
        paths.keep();
        assert!(!new(&mut paths));
        paths.forget_new();
        assert!(!new(&mut paths), "what was known stays known");
        let (path, _) = paths.child(ROOT, b"patient.mrn", &keys);
        paths.forget(path);
        paths.keep();
        assert!(new(&mut paths), "a forgotten key is new again");
    }

    #[test]
    fn keys_of_every_record_do_not_take_turns_in_a_slot() {
        let keys = Keys::new();
        let mut paths = Paths::new([7; 16]);
        let names: Vec<String> = (0..200).map(|number| format!("key{number}")).collect();
        for name in &names {
            paths.child(ROOT, name.as_bytes(), &keys);
        }
        paths.keep();
        let mut new = |name: &&String| paths.child(ROOT, name.as_bytes(), &keys).1;
        assert_eq!(names.iter().filter(|name| new(name)).count(), 0);
    }

    #[test]
    fn what_was_replaced_says_nothing() {
        for (key, path) in [
            ("lookup/redacted_ssn_kubeig3c5vqpnj5f62pt", "lookup ?"),
            ("lookup.[REDACTED:ssn]", "lookup ?"),
            ("redacted_ssn_kubeig3c5vqpnj5f62pt.patient.mrn", "? patient mrn"),
        ] {
            let mut words = String::new();
            normalise_unreplaced(key.as_bytes(), &mut words);
            assert_eq!(words, path, "{key}");
        }
    }

    #[test]
    fn long_paths_keep_their_end() {
        let mut path = "word ".repeat(100);
        path.push_str("ssn");
        cut_front(&mut path, 16);
        assert_eq!(path, "word word ssn");
    }
}
