//! Looks for what was planted, in every form in which it could come out.

use super::plant::{Needle, Planted};
use aho_corasick::{AhoCorasick, AhoCorasickBuilder};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use processors::walk::wire::put_varint;
use std::collections::BTreeSet;

/// Something planted that came out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// Which of the identifiers.
    pub identifier: usize,
    /// In which form.
    pub form: &'static str,
}

/// A search for many identifiers at once, whatever the case of their letters.
pub struct Search {
    /// Forms in which the case of a letter says nothing.
    folded: Automaton,
    /// Forms in which it does: they are looked for as written, in capitals and in small letters.
    exact: Automaton,
}

struct Automaton {
    automaton: AhoCorasick,
    owners: Vec<Hit>,
}

impl Search {
    pub fn new(identifiers: &[Planted]) -> Self {
        let (mut folded, mut exact) = (Vec::new(), Vec::new());
        for (identifier, planted) in identifiers.iter().enumerate() {
            for (form, pattern) in forms(&planted.needle) {
                let list = if EXACT.contains(&form) { &mut exact } else { &mut folded };
                list.push((Hit { identifier, form }, pattern));
            }
        }
        Self { folded: Automaton::new(folded, true), exact: Automaton::new(exact, false) }
    }

    /// Everything that is found, each once.
    pub fn find(&self, bytes: &[u8]) -> BTreeSet<Hit> {
        [&self.folded, &self.exact].into_iter().flat_map(|automaton| automaton.find(bytes)).collect()
    }
}

impl Automaton {
    fn new(patterns: Vec<(Hit, Vec<u8>)>, fold: bool) -> Self {
        let (owners, patterns): (Vec<Hit>, Vec<Vec<u8>>) = patterns.into_iter().unzip();
        Self { automaton: AhoCorasickBuilder::new().ascii_case_insensitive(fold).build(&patterns).unwrap(), owners }
    }

    fn find(&self, bytes: &[u8]) -> BTreeSet<Hit> {
        let found: BTreeSet<usize> =
            self.automaton.find_overlapping_iter(bytes).map(|found| found.pattern().as_usize()).collect();
        found.into_iter().map(|pattern| self.owners[pattern].clone()).collect()
    }
}

/// Forms in which the case of a letter counts.
const EXACT: [&str; 5] = ["base64", "base64url", "varint", "fixed64", "double"];

/// All forms of an identifier.
fn forms(needle: &Needle) -> Vec<(&'static str, Vec<u8>)> {
    let mut forms = Vec::new();
    match needle {
        Needle::Text(text) => text_forms(text, &mut forms),
        Needle::Int(value) => {
            let mut varint = Vec::new();
            put_varint(value.cast_unsigned(), &mut varint);
            forms.push(("varint", varint));
            forms.push(("fixed64", value.to_le_bytes().to_vec()));
            text_forms(&value.to_string(), &mut forms);
        }
        Needle::Double(value) => {
            forms.push(("double", value.to_le_bytes().to_vec()));
            text_forms(&value.to_string(), &mut forms);
        }
    }
    forms
}

fn text_forms(text: &str, forms: &mut Vec<(&'static str, Vec<u8>)>) {
    let mut put = |form, pattern: String| forms.push((form, pattern.into_bytes()));
    let each = |write: &dyn Fn(char) -> String| text.chars().map(write).collect::<String>();
    put("plain", text.to_owned());
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if digits.len() >= 9 && digits != text {
        put("digits", digits);
    }
    let reserved = |char: char| !(char.is_ascii_alphanumeric() || "-._~".contains(char));
    if text.contains(reserved) {
        put("percent", each(&|char| if reserved(char) { format!("%{:02X}", char as u32) } else { char.into() }));
        put(
            "form",
            each(&|char| match char {
                ' ' => "+".into(),
                char if reserved(char) => format!("%{:02X}", char as u32),
                char => char.into(),
            }),
        );
    }
    put("percent throughout", each(&|char| format!("%{:02X}", char as u32)));
    put("json escaped", each(&|char| format!("\\u{:04x}", char as u32)));
    put("hex", each(&|char| format!("{:02x}", char as u32)));
    for text in BTreeSet::from([text.to_owned(), text.to_ascii_lowercase(), text.to_ascii_uppercase()]) {
        for shift in 0..3 {
            for (form, engine) in [("base64", &STANDARD_NO_PAD), ("base64url", &URL_SAFE_NO_PAD)] {
                put(form, base64_inner(&text, shift, engine));
            }
        }
    }
    let utf16: Vec<u16> = text.encode_utf16().collect();
    forms.push(("utf-16le", utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect()));
    forms.push(("utf-16be", utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect()));
}

/// The characters of base64 that hang on `text` alone when `shift` bytes stand before it.
fn base64_inner(text: &str, shift: usize, engine: &base64::engine::GeneralPurpose) -> String {
    let mut bytes = vec![0; shift];
    bytes.extend_from_slice(text.as_bytes());
    let encoded = engine.encode(&bytes);
    let whole = bytes.len() * 8 / 6;
    encoded[(shift * 8).div_ceil(6)..whole].to_owned()
}

#[test]
fn every_form_of_an_identifier_is_found() {
    let text = "Orlova 536-22-8147";
    let planted = |needle| Planted { needle, place: String::new() };
    let search = Search::new(&[planted(Needle::Text(text.into())), planted(Needle::Int(536_228_147))]);
    let found = |bytes: &[u8]| search.find(bytes).into_iter().map(|hit| hit.form).collect::<BTreeSet<_>>();
    let utf16 = |order: fn(u16) -> [u8; 2]| format!("x{text}").encode_utf16().flat_map(order).collect::<Vec<u8>>();
    for (form, bytes) in [
        ("plain", b"to oRLOVA 536-22-8147 and".to_vec()),
        ("digits", b"id=536228147".to_vec()),
        ("percent", b"q=Orlova%20536-22-8147&".to_vec()),
        ("form", b"q=Orlova+536-22-8147&".to_vec()),
        ("percent throughout", b"%4f%72%6C%6f%76%61%20%35%33%36%2d%32%32%2d%38%31%34%37".to_vec()),
        ("json escaped", br"\u004F\u0072\u006c\u006F\u0076\u0061\u0020\u0035\u0033\u0036\u002D\u0032\u0032\u002d\u0038\u0031\u0034\u0037".to_vec()),
        ("hex", b"0x4F726C6F7661203533362d32322D38313437".to_vec()),
        ("base64", b"T3Jsb3ZhIDUzNi0yMi04MTQ3".to_vec()),
        ("base64", b"eE9ybG92YSA1MzYtMjItODE0Nw==".to_vec()),
        ("base64", b"eHlPcmxvdmEgNTM2LTIyLTgxNDc=".to_vec()),
        ("base64", b"T1JMT1ZBIDUzNi0yMi04MTQ3".to_vec()),
        ("base64url", b"b3Jsb3ZhIDUzNi0yMi04MTQ3".to_vec()),
        ("utf-16le", utf16(u16::to_le_bytes)),
        ("utf-16be", utf16(u16::to_be_bytes)),
        ("varint", vec![3 << 3, 0xB3, 0xE2, 0xD8, 0xFF, 0x01]),
        ("fixed64", [&[9][..], &[0x33, 0x31, 0xF6, 0x1F, 0, 0, 0, 0]].concat()),
    ] {
        assert!(found(&bytes).contains(form), "{form}: {:?}", found(&bytes));
    }
    assert!(found(b"Orlova 536-22-8148, T3Jsb3ZhIDUzNi0yMi04MTQ4").is_empty());
}
