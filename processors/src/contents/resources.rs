//! Paths in which a segment says what the next one is: `/patients/482/labs`, `/fhir/Patient/abc`, `/users/maria.gonzalez`,
//! `scans/00482913/slice1.dcm`. Shapes alone find long numbers there; what is short, or a name, is told by the segment before it.

use super::{Opener, Reader, near};
use crate::tape::{Marks, ROOT, Segment, TapeFull};
use crate::validators::is_given_name;
use std::ops::Range;

/// Reads paths.
pub(super) const READER: Reader = Reader { marks: Marks::SLASH.or(Marks::BACKSLASH), open };

/// What the segment behind a resource's name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A person, by number or by name.
    Person,
    /// A record about one, by number.
    Record,
    /// A folder of what belongs to many: only long numbers are somebody's.
    Folder,
    /// Somebody who signs in, by name.
    User,
    /// A name.
    Name,
}

/// Names of resources, in lower case and in order.
const RESOURCES: [(&[u8], Kind); 62] = [
    (b"accessions", Kind::Record),
    (b"admissions", Kind::Record),
    (b"appointment", Kind::Record),
    (b"appointments", Kind::Record),
    (b"authorizations", Kind::Record),
    (b"beneficiaries", Kind::Person),
    (b"by-name", Kind::Name),
    (b"byname", Kind::Name),
    (b"cases", Kind::Record),
    (b"chart", Kind::Person),
    (b"charts", Kind::Person),
    (b"claim", Kind::Record),
    (b"claims", Kind::Record),
    (b"consents", Kind::Record),
    (b"dependents", Kind::Person),
    (b"dicom", Kind::Folder),
    (b"documents", Kind::Folder),
    (b"donors", Kind::Person),
    (b"encounter", Kind::Record),
    (b"encounters", Kind::Record),
    (b"enrollees", Kind::Person),
    (b"episodes", Kind::Record),
    (b"first-name", Kind::Name),
    (b"firstname", Kind::Name),
    (b"images", Kind::Folder),
    (b"imaging", Kind::Folder),
    (b"intake", Kind::Folder),
    (b"last-name", Kind::Name),
    (b"lastname", Kind::Name),
    (b"member", Kind::Person),
    (b"members", Kind::Person),
    (b"notes", Kind::Folder),
    (b"participants", Kind::Person),
    (b"patient", Kind::Person),
    (b"patients", Kind::Person),
    (b"people", Kind::User),
    (b"person", Kind::Person),
    (b"persons", Kind::Person),
    (b"prescription", Kind::Record),
    (b"prescriptions", Kind::Record),
    (b"profile", Kind::User),
    (b"profiles", Kind::User),
    (b"pt", Kind::Person),
    (b"pts", Kind::Person),
    (b"records", Kind::Folder),
    (b"referral", Kind::Record),
    (b"referrals", Kind::Record),
    (b"reports", Kind::Folder),
    (b"residents", Kind::Person),
    (b"rx", Kind::Record),
    (b"scans", Kind::Folder),
    (b"specimens", Kind::Record),
    (b"studies", Kind::Folder),
    (b"subjects", Kind::Person),
    (b"subscriber", Kind::Person),
    (b"subscribers", Kind::Person),
    (b"surname", Kind::Name),
    (b"user", Kind::User),
    (b"users", Kind::User),
    (b"visit", Kind::Record),
    (b"visits", Kind::Record),
    (b"xrays", Kind::Folder),
];

/// Resources of FHIR whose identity is somebody's, as URLs have them.
const FHIR: [&[u8]; 9] = [
    b"Patient",
    b"RelatedPerson",
    b"Person",
    b"Encounter",
    b"Coverage",
    b"Claim",
    b"Account",
    b"EpisodeOfCare",
    b"Appointment",
];

/// The longest name of a resource, and the longest segment behind it.
const MAX_RESOURCE: usize = 14;
const MAX_SEGMENT: usize = 96;

fn open(opener: &mut Opener<'_>, number: u32, segment: &Segment) -> Result<(), TapeFull> {
    let mut at = 0;
    loop {
        let text = opener.tape.text(segment);
        let Some(hit) = near::next(text, at, [b'/', b'\\']) else { return Ok(()) };
        at = hit + 1;
        let Some((key, range)) = named(text, hit) else { continue };
        at = range.end.max(at);
        let (path, _) = opener.paths.child(ROOT, key.as_bytes(), opener.keys);
        opener.alias(number, range, path, false, false);
    }
}

/// What the segment behind the slash at `hit` is, if the one before says that it is somebody's.
fn named(text: &[u8], hit: usize) -> Option<(&'static str, Range<usize>)> {
    let before = text.get(hit.saturating_sub(MAX_RESOURCE)..hit)?;
    if !may_end(before) {
        return None;
    }
    let len = before.iter().rev().take_while(|byte| byte.is_ascii_alphabetic() || **byte == b'-').count();
    let resource = before.get(before.len() - len..)?;
    // What is a part of a longer word, as in base64, is no resource.
    if before.len().checked_sub(len + 1).and_then(|at| before.get(at)).is_some_and(u8::is_ascii_alphanumeric) {
        return None;
    }
    let kind = kind(resource)?;
    let start = hit + 1;
    let rest = text.get(start..)?;
    let rest = rest.get(..MAX_SEGMENT).unwrap_or(rest);
    let end = rest.iter().position(|byte| ends(*byte)).unwrap_or(rest.len());
    let value = rest.get(..end)?;
    let range = start..start + end;
    if FHIR.contains(&resource) && is_fhir(text, hit - len) && is_id(value) {
        return Some(("patient id", range));
    }
    match kind {
        Kind::Person if is_number(value, 1) => Some(("patient id", range)),
        Kind::Record if is_number(value, 3) && !is_year(value) => Some(("encounter id", range)),
        Kind::Folder if value.len() >= 6 && value.iter().all(u8::is_ascii_digit) && !is_day(value) => {
            Some(("patient id", range))
        }
        Kind::Person | Kind::User if is_named(value) => Some(("patient name", range)),
        Kind::Name if value.first().is_some_and(u8::is_ascii_uppercase) => {
            // `/by-name/Gonzalez/Maria`: both names.
            let next = text.get(range.end..).unwrap_or(&[]);
            let more = next.get(1..).unwrap_or(&[]).iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
            let both = next.first() == Some(&b'/') && next.get(1).is_some_and(u8::is_ascii_uppercase);
            Some(("patient name", if both { range.start..range.end + 1 + more } else { range }))
        }
        Kind::Person | Kind::Record | Kind::Folder | Kind::User | Kind::Name => None,
    }
}

/// Letters that resources begin with, by their lengths, and the letters before each letter that they end with: one bit a
/// letter.
struct Letters {
    first: [u32; MAX_RESOURCE + 1],
    last: [u32; 26],
}

static LETTERS: Letters = {
    let mut letters = Letters { first: [0; MAX_RESOURCE + 1], last: [0; 26] };
    let mut at = 0;
    while at < RESOURCES.len() + FHIR.len() {
        #[expect(clippy::indexing_slicing, reason = "in a constant: out of bounds does not compile")]
        {
            let name = if at < RESOURCES.len() { RESOURCES[at].0 } else { FHIR[at - RESOURCES.len()] };
            let len = name.len();
            letters.first[len] |= 1 << (name[0].to_ascii_lowercase() - b'a');
            letters.last[(name[len - 1] - b'a') as usize] |= 1 << (name[len - 2] - b'a');
        }
        at += 1;
    }
    letters
};

/// The bit of a letter; none of another byte.
#[inline]
fn letter(byte: u8) -> u32 {
    let place = (byte | 0x20).wrapping_sub(b'a');
    if place < 26 { 1 << place } else { 0 }
}

/// Whether a resource may end like this. Most segments are refused by their last two letters.
#[inline]
fn may_end(before: &[u8]) -> bool {
    let Some(&[other, last]) = before.last_chunk::<2>() else { return false };
    let place = usize::from((last | 0x20).wrapping_sub(b'a'));
    LETTERS.last.get(place).is_some_and(|others| others & letter(other) != 0)
}

fn kind(resource: &[u8]) -> Option<Kind> {
    let firsts = LETTERS.first.get(resource.len())?;
    if firsts & letter(*resource.first()?) == 0 {
        return None;
    }
    let mut lower = [0; MAX_RESOURCE];
    let lower = lower.get_mut(..resource.len())?;
    lower.copy_from_slice(resource);
    lower.make_ascii_lowercase();
    let lower: &[u8] = lower;
    RESOURCES
        .binary_search_by(|(known, _)| (*known).cmp(lower))
        .ok()
        .and_then(|at| RESOURCES.get(at))
        .map(|(_, kind)| *kind)
        .or_else(|| FHIR.contains(&resource).then_some(Kind::Record))
}

fn ends(byte: u8) -> bool {
    byte.is_ascii_whitespace()
        || matches!(
            byte,
            b'/' | b'\\'
                | b'?'
                | b'#'
                | b'&'
                | b';'
                | b'"'
                | b'\''
                | b'<'
                | b'>'
                | b','
                | b')'
                | b']'
                | b'('
                | b'['
                | b'='
                | b'|'
                | b'`'
                | 0
        )
}

/// Whether a segment is a number with at least so many digits, or a code of digits and letters: `482`, `pt-77120`, `5f2b1c`. Words with a
/// digit or two behind (`step2`, `v3`) and names of files are none.
fn is_number(value: &[u8], least: usize) -> bool {
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let letters = value.iter().filter(|byte| byte.is_ascii_alphabetic()).count();
    let plain = digits + letters + value.iter().filter(|byte| matches!(byte, b'-' | b'_')).count() == value.len();
    let hex = value.len() >= 6 && value.iter().all(u8::is_ascii_hexdigit);
    plain && digits >= least && (letters == 0 || digits > 2 || hex && digits > 1)
}

fn is_year(value: &[u8]) -> bool {
    value.len() == 4 && matches!(value, [b'1', b'9', ..] | [b'2', b'0', ..])
}

/// `20260105`, `202601`: folders are named after days.
fn is_day(value: &[u8]) -> bool {
    matches!(value.len(), 6 | 8) && matches!(value, [b'2', b'0', b'0'..=b'4', ..])
}

/// Whether an identity of FHIR begins here rather than an operation or a search.
fn is_id(value: &[u8]) -> bool {
    let part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    (1..=64).contains(&value.len()) && value.iter().all(part)
}

/// Whether the resource that begins at `start` stands in a URL of FHIR or in a search: `/fhir/Patient/a`, `?subject=Patient/a`.
fn is_fhir(text: &[u8], start: usize) -> bool {
    let before = text.get(start.saturating_sub(64)..start).unwrap_or(&[]);
    let has = |part: &[u8]| memchr::memmem::find(before, part).is_some();
    before.ends_with(b"=")
        || before.ends_with(b"=\"")
        || [&b"fhir"[..], b"FHIR", b"/r4/", b"/R4/", b"/stu3/", b"/r5/"].iter().any(|part| has(part))
}

/// Whether a segment is made of words one of which is a given name: `maria-gonzalez`, `gonzalez_maria_19580314`.
fn is_named(value: &[u8]) -> bool {
    let separates = |byte: &u8| matches!(byte, b'-' | b'_' | b'.' | b'+') || byte.is_ascii_digit();
    let words = || value.split(|byte| separates(byte)).filter(|word| !word.is_empty());
    let letters = value.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte >= 0x80 || separates(byte));
    letters && words().count() >= 2 && words().take(4).any(is_given_name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_stand_in_order() {
        assert!(RESOURCES.is_sorted_by(|a, b| a.0 < b.0));
        assert!(RESOURCES.iter().all(|(name, _)| name.len() <= MAX_RESOURCE));
    }

    #[test]
    fn a_segment_says_what_the_next_one_is() {
        let read = |text: &str| {
            text.match_indices('/')
                .find_map(|(hit, _)| named(text.as_bytes(), hit))
                .map(|(key, range)| (key, text[range].to_owned()))
        };
        for (text, key, value) in [
            ("/patient/482/labs", "patient id", "482"),
            ("/api/v1/patients/12/notes", "patient id", "12"),
            ("/fhir/r4/Patient/abc", "patient id", "abc"),
            ("/fhir/Encounter?subject=Patient/pat-b&x", "patient id", "pat-b"),
            ("/v1/encounters/5f2b1c/vitals", "encounter id", "5f2b1c"),
            ("scans/00482913/slice1.dcm", "patient id", "00482913"),
            ("/patients/maria-gonzalez/encounters", "patient name", "maria-gonzalez"),
            ("/users/maria.gonzalez/settings", "patient name", "maria.gonzalez"),
            ("/members/by-name/Gonzalez/Maria", "patient name", "Gonzalez/Maria"),
        ] {
            assert_eq!(read(text), Some((key, value.to_owned())), "{text}");
        }
        for text in [
            "/src/patient/worker.go:41",
            "/patients/search",
            "/patients/{patientId}/labs",
            "/patients/bulk-export",
            "/patient/step2/done",
            "/claims/2026/01",
            "/fhir/Patient/_search",
            "/fhir/Patient/$match",
            "src/Patient/index.js",
            "/users/me/settings",
            "images/20260105/a.png",
            "/members/:memberId/claims",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
