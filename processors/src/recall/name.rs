//! Names by their parts: `Gonzalez, Maria` is found again as `maria_gonzalez`, `M. Gonzalez` and, where a part is rare
//! enough to stand for the person, as `Gonzalez`.

use super::Stands;
use super::everyday::is_everyday;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// The most words that are read as one name.
const MAX_PARTS: usize = 6;
/// The longest part, in bytes.
const MAX_PART: usize = 40;
/// The most bytes between two parts of one name.
const MAX_GAP: usize = 3;
/// What parts fields and cells.
const PARTING: &[u8] = b",^+\t";
/// Letters of a part that stands for the person even where it begins small.
const LONG: usize = 5;

/// Words of an address or a rank: no parts of a name.
const TITLES: [&str; 30] = [
    "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "sir", "rev", "hon", "md", "do", "dds", "phd", "np", "rn", "pa",
    "jr", "sr", "ii", "iii", "iv", "esq", "van", "von", "der", "den", "del", "de", "la",
];

/// Parts of the names of accounts that belong to machines and roles.
const MACHINES: [&str; 24] = [
    "admin", "agent", "api", "app", "auto", "batch", "bot", "cron", "daemon", "data", "dev", "etcd", "job", "kube",
    "prod", "root", "server", "service", "svc", "sys", "test", "user", "web", "worker",
];

/// Endings of files that are called after people.
const FILES: [&str; 20] = [
    "pdf", "jpg", "jpeg", "png", "gif", "bmp", "tif", "tiff", "dcm", "doc", "docx", "rtf", "txt", "csv", "xls", "xlsx",
    "hl7", "wav", "mp3", "mp4",
];

/// What is known of a word that stands in names.
#[derive(Debug, Default)]
struct Part {
    /// The rule that found the first of the names.
    rule: u16,
    /// Whether it is no everyday word.
    rare: bool,
    /// The other words of the names it stands in.
    beside: BTreeSet<String>,
}

/// The names of a batch, by their parts in lower case.
#[derive(Debug, Default)]
pub(super) struct Names {
    parts: BTreeMap<String, Part>,
}

impl Names {
    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// How many parts there are.
    pub(super) fn len(&self) -> usize {
        self.parts.len()
    }

    /// Takes the parts of a name.
    pub(super) fn add(&mut self, rule: u16, name: &str) {
        let words: Vec<String> = parts(name).collect();
        if words.len() > MAX_PARTS || name.bytes().any(|byte| byte.is_ascii_digit()) {
            return;
        }
        for word in words.iter().filter(|word| word.len() > 1) {
            let new = || Part { rule, rare: !is_everyday(word), beside: BTreeSet::new() };
            let part = self.parts.entry(word.clone()).or_insert_with(new);
            part.beside.extend(words.iter().filter(|other| *other != word).cloned());
        }
    }

    /// Adds a word that stands for a person by itself, if it is rare enough: the name of an account.
    pub(super) fn add_account(&mut self, rule: u16, word: &str) {
        let lower = word.to_lowercase();
        let machine = MACHINES.iter().any(|part| lower.contains(part));
        if lower.chars().count() > LONG && lower.chars().all(char::is_alphabetic) && !machine && !is_everyday(&lower) {
            self.parts.entry(lower).or_insert_with(|| Part { rule, rare: true, beside: BTreeSet::new() });
        }
    }

    /// The parts to look for: the rare ones, and of a name without any its longest. Without one beside it an everyday
    /// word is looked for nowhere.
    pub(super) fn anchors(&self) -> impl Iterator<Item = (&str, u16)> {
        let anchor = |(word, part): &(&String, &Part)| {
            let rank = |word: &str| (word.len(), std::cmp::Reverse(word.to_owned()));
            let rare = |other: &String| self.parts.get(other).is_some_and(|other| other.rare);
            let longest = || part.beside.iter().all(|other| rank(other) < rank(word));
            part.rare || !part.beside.is_empty() && word.len() > 2 && !part.beside.iter().any(rare) && longest()
        };
        self.parts.iter().filter(anchor).map(|(word, part)| (word.as_str(), part.rule))
    }

    /// The name around an anchor that stands at `at` of the text, and how it stands there; `None` if there is none. It comes in pieces, so that what parts fields and cells stays: `GONZALEZ^MARIA`.
    pub(super) fn around(&self, text: &[u8], at: Range<usize>) -> Option<(Vec<Range<usize>>, Stands)> {
        if !super::is_alone(text, &at) {
            return None;
        }
        let (anchor, part) = self.part(text.get(at.clone())?)?;
        let mut found = at.clone();
        let mut chain =
            Chain { rare: part.rare, beside: false, small: !begins_large(text, &at), last: anchor, all: vec![anchor] };
        while let Some(word) = word_behind(text, found.end).filter(|_| found.end - at.start <= 4 * MAX_PART) {
            let Some(end) = self.join(text, word, &mut chain) else { break };
            found.end = end;
        }
        chain.last = anchor;
        while let Some(word) = word_before(text, found.start).filter(|_| at.end - found.start <= 4 * MAX_PART) {
            let start = word.start;
            if self.join(text, word, &mut chain).is_none() {
                break;
            }
            found.start = start;
        }
        let stands = match found != at {
            true => Stands::Whole,
            false if is_code(text, &at) => Stands::InCode,
            false => Stands::Alone,
        };
        let counts = match stands {
            Stands::Whole => chain.rare || chain.beside && !chain.small,
            Stands::Alone | Stands::InCode => part.rare && (!chain.small || anchor.chars().count() >= LONG),
        };
        counts.then(|| (pieces(text, found), stands))
    }

    /// Takes the next word into a chain of parts; where it ends, if it belongs there.
    fn join<'n>(&'n self, text: &[u8], word: Range<usize>, chain: &mut Chain<'n>) -> Option<usize> {
        let written = text.get(word.clone())?;
        // An initial stands for a part that belongs here.
        if let [letter] = written {
            let joined = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(|byte| b"._-".contains(byte));
            let looks = letter.is_ascii_uppercase() || joined(Some(word.end)) || joined(word.start.checked_sub(1));
            let letter = char::from(letter.to_ascii_lowercase());
            let beside = &self.parts.get(chain.last)?.beside;
            let initial = looks && beside.iter().any(|other| other.starts_with(letter));
            chain.beside |= initial;
            return initial.then(|| word.end + usize::from(text.get(word.end) == Some(&b'.')));
        }
        let (word_of, part) = self.part(written)?;
        let beside = part.beside.contains(chain.last);
        // An everyday word of another name stands here by chance, unless it looks like a name: `Tanaka will call`.
        if chain.all.contains(&word_of) || !(beside || part.rare || chain.rare && begins_large(text, &word)) {
            return None;
        }
        chain.rare |= part.rare;
        chain.beside |= beside;
        chain.small |= !begins_large(text, &word);
        chain.last = word_of;
        chain.all.push(word_of);
        Some(word.end)
    }

    fn part(&self, word: &[u8]) -> Option<(&str, &Part)> {
        if word.len() > MAX_PART {
            return None;
        }
        let word = std::str::from_utf8(word).ok()?.to_lowercase();
        self.parts.get_key_value(&word).map(|(word, part)| (word.as_str(), part))
    }
}

/// Parts of names that stand in a row.
struct Chain<'n> {
    /// Whether one of them is rare.
    rare: bool,
    /// Whether two of them belong to one name.
    beside: bool,
    /// Whether one begins small.
    small: bool,
    /// The part at the end that grows.
    last: &'n str,
    /// All of them: a name has none twice.
    all: Vec<&'n str>,
}

/// The words of a name, in lower case, initials among them, without titles.
fn parts(name: &str) -> impl Iterator<Item = String> {
    let words = name.split(|char: char| !(char.is_alphabetic() || char == '\''));
    let words = words.map(|word| word.trim_matches('\'').to_lowercase());
    words.filter(|word| !word.is_empty() && word.len() <= MAX_PART && !TITLES.contains(&word.as_str()))
}

fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80
}

/// How many of these bytes are one word: `O'Brien` is.
fn word_len<'b>(bytes: impl Iterator<Item = &'b u8>) -> usize {
    let mut len = 0;
    for (at, byte) in bytes.take(MAX_PART + 1).enumerate() {
        if is_letter(*byte) {
            len = at + 1;
        } else if *byte != b'\'' || len < at {
            break;
        }
    }
    len
}

fn begins_large(text: &[u8], word: &Range<usize>) -> bool {
    text.get(word.start).is_some_and(|byte| byte.is_ascii_uppercase() || *byte >= 0x80)
}

/// What may stand between the parts of a name.
fn joins(gap: &[u8]) -> bool {
    !gap.is_empty() && gap.len() <= MAX_GAP && gap.iter().all(|byte| b" ,_.^+-\t".contains(byte))
}

/// A range without what parts fields and cells in it.
fn pieces(text: &[u8], found: Range<usize>) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = found.start;
    while start < found.end {
        let rest = text.get(start..found.end).unwrap_or(&[]);
        let len = rest.iter().position(|byte| PARTING.contains(byte)).unwrap_or(rest.len());
        let piece = rest.get(..len).unwrap_or(&[]);
        let lead = piece.len() - piece.trim_ascii_start().len();
        if let 1.. = piece.trim_ascii().len() {
            pieces.push(start + lead..start + lead + piece.trim_ascii().len());
        }
        start += len + 1;
    }
    pieces
}

/// The word behind `end`, if nothing but what joins names stands between.
fn word_behind(text: &[u8], end: usize) -> Option<Range<usize>> {
    let rest = text.get(end..)?;
    let gap = rest.iter().take(MAX_GAP + 1).position(|byte| is_letter(*byte))?;
    let len = word_len(rest.get(gap..)?.iter());
    let word = end + gap..end + gap + len;
    (joins(rest.get(..gap)?) && super::is_alone(text, &word)).then_some(word)
}

/// The word before `start`, likewise.
fn word_before(text: &[u8], start: usize) -> Option<Range<usize>> {
    let rest = text.get(..start)?;
    let gap = rest.iter().rev().take(MAX_GAP + 1).position(|byte| is_letter(*byte))?;
    let end = start - gap;
    let len = word_len(rest.get(..end)?.iter().rev());
    let word = end - len..end;
    (joins(rest.get(end..)?) && super::is_alone(text, &word)).then_some(word)
}

/// Whether a word that stands by itself belongs to code: `com.jackson.core`, `Hudson::run`, `tanaka()`.
fn is_code(text: &[u8], word: &Range<usize>) -> bool {
    let before = |back: usize| word.start.checked_sub(back).and_then(|at| text.get(at)).copied();
    let behind = |on: usize| text.get(word.end + on).copied();
    let dotted = match (before(2), before(1)) {
        (Some(other), Some(b'.')) => other.is_ascii_alphanumeric() || other == b'_' || other == b')',
        (Some(b':'), Some(b':')) | (_, Some(b'$' | b'@')) => true,
        _ => false,
    };
    let called = match (behind(0), behind(1)) {
        (Some(b'('), _) | (Some(b':'), Some(b':')) | (Some(b'$'), _) => true,
        (Some(b'.'), Some(next)) if next.is_ascii_alphanumeric() || next == b'_' => {
            let rest = text.get(word.end + 1..).unwrap_or(&[]);
            let ending = rest.iter().take(5).take_while(|byte| byte.is_ascii_alphanumeric()).count();
            let ending = rest.get(..ending).unwrap_or(&[]);
            !FILES.iter().any(|known| ending.eq_ignore_ascii_case(known.as_bytes()))
        }
        _ => false,
    };
    dotted || called
}
