//! HL7 v2: a segment a line, fields between `|`, repetitions between `~`, components between `^`. `MSH` may say otherwise.

use super::hl7_fields::fields;
use super::{Fields, Kind, parts, segment_end};
use std::ops::Range;

/// The most fields, repetitions and components that are read.
const MAX_FIELDS: usize = 128;
const MAX_PARTS: usize = 64;
/// How many digits an unknown field holds that may be a number of somebody's.
const MIN_DIGITS: usize = 6;

/// The least letters of a family name in a field where none is expected: codes are shorter.
const MIN_NAME: usize = 4;
/// Segments that are about persons.
const PERSONAL: [&[u8; 3]; 7] = [b"PID", b"NK1", b"GT1", b"IN1", b"IN2", b"MRG", b"PD1"];

/// Segments that begin with their number or nothing: so a heading `PID|USER` is not one.
const NUMBERED: [&[u8; 3]; 15] = [
    b"PID", b"NK1", b"PV1", b"GT1", b"IN1", b"OBR", b"OBX", b"NTE", b"DG1", b"AL1", b"PR1", b"FT1", b"SPM", b"DB1",
    b"UB2",
];

/// What separates the parts of a field.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delimiters {
    component: u8,
    repetition: u8,
}

impl Delimiters {
    pub(super) const USUAL: Self = Self { component: b'^', repetition: b'~' };
}

/// Whether a segment has this name. Those of an institution's own begin with a Z.
pub(super) fn is_segment(name: &[u8]) -> bool {
    name.len() == 3 && (name == b"MSH" || name == b"QPD" || name.first() == Some(&b'Z') || fields(name).is_some())
}

/// Reads the segment that begins at `start` of the text.
pub(super) fn read(out: &mut Fields<'_, '_>, start: usize, delimiters: &mut Delimiters) {
    let text = out.text();
    let name: [u8; 3] = text.get(start..start + 3).and_then(|name| name.try_into().ok()).unwrap_or_default();
    // Before its end is looked for, which may be far: `PID|PID|PID|`.
    let numbered = NUMBERED.contains(&&name);
    let first = text.get(start + 4..).unwrap_or(&[]).iter().find(|byte| !byte.is_ascii_digit());
    if numbered && first.is_some_and(u8::is_ascii_alphabetic) {
        return;
    }
    let end = segment_end(text, start, b'|', None);
    if &name == b"MSH" {
        if let Some([component, repetition]) = text.get(start + 4..start + 6)
            && !component.is_ascii_alphanumeric()
        {
            *delimiters = Delimiters { component: *component, repetition: *repetition };
        }
        return out.read_to(end);
    }
    let all = parts(text, start..end, b'|', MAX_FIELDS);
    let number = all.get(1).and_then(|range| text.get(range.clone())).unwrap_or(&[]);
    if numbered && !number.iter().all(u8::is_ascii_digit) {
        return;
    }
    let mut found = Vec::new();
    let mut reader = Reader { text, delimiters: *delimiters, found: &mut found };
    if name.starts_with(b"Z") {
        for (at, field) in all.iter().enumerate().skip(1) {
            reader.unknown(at, field);
        }
    } else if &name == b"QPD" {
        for (at, field) in all.iter().enumerate().skip(3) {
            reader.query(at, field);
        }
    } else {
        for (at, kind, key) in fields(&name).unwrap_or(&[]) {
            if let Some(field) = all.get(usize::from(*at)) {
                reader.field(usize::from(*at), field, *kind, key);
            }
        }
        reader.displaced(&name, &all);
        if &name == b"OBX"
            && let (Some(of), Some(field)) = (all.get(2), all.get(5))
            && let Some((kind, key)) = observed(text.get(of.clone()).unwrap_or(&[]))
        {
            reader.field(5, field, kind, key);
        }
    }
    for (at, range, key) in found {
        out.add(range, &name, at, key);
    }
    out.read_to(end);
}

/// What an observation of this type holds, if it may say who it is about. Text is searched like any other.
fn observed(of: &[u8]) -> Option<(Kind, &'static str)> {
    Some(match of {
        b"XPN" | b"PN" => (Kind::Name, "patient name"),
        b"XCN" | b"CN" => (Kind::Person, "provider name"),
        b"XAD" | b"AD" => (Kind::Address, "street address"),
        b"CX" | b"CK" => (Kind::Id, "mrn"),
        b"XTN" | b"TN" => (Kind::Phone, "phone number"),
        b"DT" | b"DTM" | b"TS" | b"DR" => (Kind::Date, "date of service"),
        _ => return None,
    })
}

fn digits(text: &[u8]) -> usize {
    text.iter().filter(|byte| byte.is_ascii_digit()).count()
}

/// A day of this century or the last, with or without a time behind it.
fn is_time(text: &[u8]) -> bool {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let zone = text.get(digits..).unwrap_or(&[]);
    matches!(digits, 8 | 12 | 14)
        && (zone.is_empty() || digits > 8 && matches!(zone.first(), Some(b'.' | b'+' | b'-')))
        && matches!(text.get(..2), Some(b"19" | b"20"))
        && matches!(text.get(4..6), Some([b'0', b'1'..=b'9'] | [b'1', b'0'..=b'2']))
        && matches!(text.get(6..8), Some([b'0', b'1'..=b'9'] | [b'1' | b'2', _] | [b'3', b'0' | b'1']))
}

struct Reader<'r> {
    text: &'r [u8],
    delimiters: Delimiters,
    found: &'r mut Vec<(usize, Range<usize>, &'static str)>,
}

impl Reader<'_> {
    fn field(&mut self, at: usize, field: &Range<usize>, kind: Kind, key: &'static str) {
        for one in parts(self.text, field.clone(), self.delimiters.repetition, MAX_PARTS) {
            let components = parts(self.text, one, self.delimiters.component, MAX_PARTS);
            for (index, component) in components.iter().enumerate() {
                let key = match (kind, index) {
                    (Kind::Name, 0..=3) | (Kind::Person, 1..=4) => key,
                    // A practitioner whose number was left out.
                    (Kind::Person, 0) if self.is_word(component) => key,
                    (Kind::Address, 0 | 1) => key,
                    (Kind::Address, 2 | 7) => "city",
                    (Kind::Address, 4) => "zip code",
                    (Kind::Address, 8) => "county",
                    (Kind::Id, 0) => self.id(&components).unwrap_or(key),
                    (Kind::Phone, 0 | 5 | 6 | 8 | 11) => key,
                    (Kind::Phone, 3) => "email address",
                    (Kind::Date, 0 | 1) | (Kind::First, 0) => key,
                    // Titles, states and countries, who assigned a number, what it is used for.
                    (Kind::Name, 4..)
                    | (Kind::Person, 0 | 5..)
                    | (Kind::Address, 3 | 5 | 6 | 9..)
                    | (Kind::Id | Kind::First, 1..)
                    | (Kind::Phone, 1 | 2 | 4 | 7 | 9 | 10 | 12..)
                    | (Kind::Date, 2..) => continue,
                };
                self.found.push((at, component.clone(), key));
            }
        }
    }

    /// Interfaces shift fields. What is written as a date or, where segments are about persons, as a name or a long number is
    /// one in any field that nothing else was found in.
    fn displaced(&mut self, name: &[u8; 3], all: &[Range<usize>]) {
        let persons = PERSONAL.contains(&name);
        for (at, field) in all.iter().enumerate().skip(1) {
            let text = self.text.get(field.clone()).unwrap_or(&[]);
            if self.found.iter().any(|(known, ..)| *known == at) {
                continue;
            }
            if is_time(text) {
                self.found.push((at, field.clone(), "date of service"));
            } else if persons && self.is_name(text) {
                self.field(at, field, Kind::Name, "patient name");
            } else if persons && digits(text) >= MIN_DIGITS {
                self.field(at, field, Kind::Id, "mrn");
            }
        }
    }

    /// `GONZALEZ^MARIA`: two words, the first longer than codes are.
    fn is_name(&self, text: &[u8]) -> bool {
        let mut words = text.split(|byte| *byte == self.delimiters.component);
        let wordy = |word: &[u8]| {
            word.first().is_some_and(|byte| byte.is_ascii_uppercase() || *byte >= 0x80)
                && word
                    .iter()
                    .all(|byte| byte.is_ascii_alphabetic() || *byte >= 0x80 || matches!(byte, b'\'' | b'-' | b' '))
        };
        let (family, given) = (words.next().unwrap_or(&[]), words.next().unwrap_or(&[]));
        family.len() >= MIN_NAME
            && given.len() > 1
            && wordy(family)
            && wordy(given)
            && words.all(|more| more.is_empty() || wordy(more))
    }

    /// The key of a number whose type is written beside it.
    fn id(&self, components: &[Range<usize>]) -> Option<&'static str> {
        let of = self.text.get(components.get(4)?.clone())?;
        Some(match of {
            b"SS" | b"SSN" => "ssn",
            b"DL" | b"PPN" | b"DLN" => "drivers license number",
            b"MA" | b"MC" | b"MB" | b"HC" | b"MCR" | b"MCD" => "policy number",
            b"AN" | b"VN" => "visit number",
            _ => return None,
        })
    }

    /// A field that nobody outside an institution knows: what may be a number of somebody's goes, and what is written as a name.
    fn unknown(&mut self, at: usize, field: &Range<usize>) {
        if self.is_name(self.text.get(field.clone()).unwrap_or(&[])) {
            return self.field(at, field, Kind::Name, "patient name");
        }
        self.each(at, field, |text| digits(text) >= MIN_DIGITS);
    }

    /// A parameter of a query for a person; `@PID.3.1` only says which field is asked for.
    fn query(&mut self, at: usize, field: &Range<usize>) {
        self.each(at, field, |text| text.len() > 1 && text.first() != Some(&b'@') && !text.starts_with(b"RD"));
    }

    fn each(&mut self, at: usize, field: &Range<usize>, takes: impl Fn(&[u8]) -> bool) {
        for one in parts(self.text, field.clone(), self.delimiters.repetition, MAX_PARTS) {
            for component in parts(self.text, one, self.delimiters.component, MAX_PARTS) {
                if takes(self.text.get(component.clone()).unwrap_or(&[])) {
                    self.found.push((at, component, "mrn"));
                }
            }
        }
    }

    fn is_word(&self, range: &Range<usize>) -> bool {
        let text = self.text.get(range.clone()).unwrap_or(&[]);
        text.len() > 1 && !text.iter().any(u8::is_ascii_digit)
    }
}
