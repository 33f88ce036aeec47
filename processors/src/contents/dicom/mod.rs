//! DICOM data sets as programs print them: `(0010,0010) PN [GONZALEZ^MARIA]`, `(0010, 0020) Patient ID LO: '00482913'`, and the
//! JSON model, `{"00100030":{"vr":"DA","Value":["19580314"]}}` (PS3.18 annex F). The tag says what a value is, or the value
//! representation does: names of persons and dates of a data set are a patient's whatever their tag.

mod tags;

use super::{Opener, Reader, near};
use crate::tape::{Marks, ROOT, Segment, TapeFull};
use std::ops::Range;

/// Reads data sets: tags have a comma, values of the JSON model stand in braces.
pub(super) const READER: Reader = Reader { marks: Marks::COMMA.or(Marks::BRACE), open };

/// The most bytes of a line behind a tag, and of an element in JSON.
const MAX_LINE: usize = 2048;
const MAX_ELEMENT: usize = 16 << 10;

fn open(opener: &mut Opener<'_>, number: u32, segment: &Segment) -> Result<(), TapeFull> {
    let mut at = 0;
    loop {
        let text = opener.tape.text(segment);
        let Some(hit) = near::next(text, at, [b',', b'{']) else { return Ok(()) };
        at = hit + 1;
        if text.get(hit) == Some(&b',') {
            let Some((key, value)) = printed(text, hit) else { continue };
            at = value.end.max(at);
            note(opener, number, value, key);
        } else if let Some((key, element)) = element(text, hit) {
            let mut values = Vec::new();
            strings(text, element, &mut values);
            for value in values {
                note(opener, number, value, key);
            }
        }
    }
}

fn note(opener: &mut Opener<'_>, number: u32, value: Range<usize>, key: &'static str) {
    if !value.is_empty() {
        let (path, _) = opener.paths.child(ROOT, key.as_bytes(), opener.keys);
        opener.alias(number, value, path, false, false);
    }
}

/// What a value is, by its tag and its representation.
fn key(tag: u32, representation: &[u8]) -> Option<&'static str> {
    tags::key(tag).or(match representation {
        b"PN" => Some("patient name"),
        b"DA" | b"DT" => Some("date of service"),
        // Queries are printed without: `(0010,0010)=GONZALEZ^MARIA`.
        b"" => match tag {
            0x0010_0010 | 0x0010_1001 | 0x0010_1005 | 0x0010_1060 | 0x0008_0090 | 0x0008_1048 | 0x0008_1050
            | 0x0008_1060 | 0x0008_1070 => Some("patient name"),
            0x0008_0020..=0x0008_0023 | 0x0008_002A | 0x0040_0244 => Some("date of service"),
            _ => None,
        },
        _ => None,
    })
}

fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0u32, |sum, digit| Some(sum << 4 | char::from(*digit).to_digit(16)?))
}

/// The element on whose tag's comma `hit` is: what it is, and its value.
fn printed(text: &[u8], hit: usize) -> Option<(&'static str, Range<usize>)> {
    let group = hex(text.get(hit.checked_sub(4)?..hit)?)?;
    let blank = usize::from(text.get(hit + 1) == Some(&b' '));
    let from = hit + 1 + blank;
    let tag = group << 16 | hex(text.get(from..from + 4)?)?;
    let alone = |byte: Option<&u8>| byte.is_none_or(|byte| !byte.is_ascii_alphanumeric());
    if !alone(text.get(from + 4)) || !alone(hit.checked_sub(5).and_then(|before| text.get(before))) {
        return None;
    }
    let start = from + 4;
    let rest = text.get(start..)?;
    let rest = rest.get(..MAX_LINE).unwrap_or(rest);
    let end = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
    let line = rest.get(..memchr::memmem::find(rest.get(..end)?, b"\\n").unwrap_or(end))?;
    let line = line.get(..next_tag(line).unwrap_or(line.len()))?;
    let key = key(tag, representation(line)?)?;
    let value = value(line)?;
    Some((key, start + value.start..start + value.end))
}

/// Where the next element of a line begins: `(0010,0010)=A^B (0010,0020)=7`.
fn next_tag(line: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'(', line).find(|at| {
        let tag = line.get(at + 1..at + 11).unwrap_or(&[]);
        matches!(tag, [group @ .., b',', a, b, c, d, b')'] if hex(group).is_some() && hex(&[*a, *b, *c, *d]).is_some())
    })
}

/// The two letters that say how a value is written. Without them, this is no element.
fn representation(line: &[u8]) -> Option<&[u8]> {
    const KNOWN: [&[u8]; 31] = [
        b"AE", b"AS", b"AT", b"CS", b"DA", b"DS", b"DT", b"FD", b"FL", b"IS", b"LO", b"LT", b"OB", b"OD", b"OF", b"OW",
        b"PN", b"SH", b"SL", b"SQ", b"SS", b"ST", b"SV", b"TM", b"UC", b"UI", b"UL", b"UN", b"UR", b"US", b"UT",
    ];
    let words = line.split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'\'');
    words.take(12).find(|word| KNOWN.contains(word)).or_else(|| line.starts_with(b")").then_some(b"".as_slice()))
}

/// The value on a line behind a tag: in brackets, in quotes behind a colon, or what follows a sign.
fn value(line: &[u8]) -> Option<Range<usize>> {
    let trimmed = |from: usize, to: usize| {
        let part = line.get(from..to)?;
        let lead = part.len() - part.trim_ascii_start().len();
        let len = part.trim_ascii().len();
        (len > 0).then_some(from + lead..from + lead + len)
    };
    let comment = memchr::memmem::rfind(line, b"#").filter(|at| *at > 0);
    if let Some(open) = memchr::memchr(b'[', line) {
        let end = comment.filter(|at| *at > open).unwrap_or(line.len());
        let close = memchr::memrchr(b']', line.get(..end)?).filter(|close| *close > open);
        // What an earlier scrub left has brackets of its own.
        if line.get(..open).is_some_and(|head| head.trim_ascii_end().ends_with(b"=")) {
            return trimmed(open, close.map_or(line.len(), |close| close + 1));
        }
        return trimmed(open + 1, close.unwrap_or(line.len()));
    }
    let sign =
        memchr::memmem::find(line, b": ").map(|at| at + 2).or_else(|| memchr::memchr(b'=', line).map(|at| at + 1))?;
    let rest = line.get(sign..)?;
    match rest.first()? {
        quote @ (b'\'' | b'"') => {
            let close = memchr::memrchr(*quote, rest).filter(|close| *close > 0).unwrap_or(rest.len());
            trimmed(sign + 1, sign + close)
        }
        _ => trimmed(sign, comment.filter(|at| *at > sign).unwrap_or(line.len())),
    }
}

/// The element of the JSON model whose brace is at `brace`: what it is, and where its inside lies.
fn element(text: &[u8], brace: usize) -> Option<(&'static str, Range<usize>)> {
    let before = text.get(brace.saturating_sub(24)..brace)?.trim_ascii_end().strip_suffix(b":")?.trim_ascii_end();
    let name = before.strip_suffix(b"\"")?;
    let tag = hex(name.get(name.len().checked_sub(8)?..)?)?;
    let quoted = name.len().checked_sub(9).and_then(|at| name.get(at)) == Some(&b'"');
    let rest = text.get(brace + 1..)?;
    let rest = rest.get(..MAX_ELEMENT).unwrap_or(rest);
    let mut depth = 0u32;
    let end = rest.iter().position(|byte| {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => return true,
            b'}' => depth -= 1,
            _ => {}
        }
        false
    });
    let inside = rest.get(..end.unwrap_or(rest.len()))?;
    let vr = memchr::memmem::find(inside, b"\"vr\"")?;
    let vr = inside.get(vr + 4..)?.splitn(3, |byte| *byte == b'"').nth(1)?;
    // What stands in a sequence has tags of its own.
    if !quoted || vr == b"SQ" {
        return None;
    }
    let value = memchr::memmem::find(inside, b"\"Value\"")?;
    Some((key(tag, vr)?, brace + 1 + value + 7..brace + 1 + inside.len()))
}

/// The strings in `range` that are no keys.
fn strings(text: &[u8], range: Range<usize>, found: &mut Vec<Range<usize>>) {
    let mut at = range.start;
    while let Some(open) = text.get(at..range.end).and_then(|rest| memchr::memchr(b'"', rest)).map(|offset| at + offset)
    {
        let Some(close) = text.get(open + 1..range.end).and_then(|rest| memchr::memchr(b'"', rest)) else {
            // Cut off within a value.
            found.push(open + 1..range.end);
            return;
        };
        at = open + 1 + close + 1;
        let next = text.get(at..range.end).unwrap_or(&[]).trim_ascii_start().first();
        // `"Value":["a"],"vr":"PN"`: what comes behind the list is not of it.
        if next == Some(&b':') {
            let word = text.get(open + 1..at - 1).unwrap_or(&[]);
            if !matches!(word, b"Alphabetic" | b"Ideographic" | b"Phonetic") {
                return;
            }
            continue;
        }
        found.push(open + 1..at - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_by_their_tags() {
        for (text, expected) in [
            (
                "W: (0010,0010) PN [GONZALEZ^MARIA^L]     #  16, 1 PatientName",
                Some(("patient name", "GONZALEZ^MARIA^L")),
            ),
            ("(0010, 0020) Patient ID                          LO: '00482913'", Some(("mrn", "00482913"))),
            ("128: (0010,0030) DA #8 [19580314] PatientBirthDate", Some(("date of birth", "19580314"))),
            ("(0008,0050) SH =A-845439 ", Some(("accession number", "A-845439"))),
            ("(0010,0010)=ORLOVA^N (0010,0020)=7712", Some(("patient name", "ORLOVA^N"))),
            ("(0008,0060) CS [CT]  #   2, 1 Modality", None),
            ("(0010,0010) hello", None),
            ("bytes 1234,5678 DA [19580314]", Some(("date of service", "19580314"))),
            ("range 10,20", None),
        ] {
            let hit = text.find(',').unwrap();
            let found = printed(text.as_bytes(), hit).map(|(key, value)| (key, &text[value]));
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn the_json_model_is_read_too() {
        let text = r#"{"00100010":{"vr":"PN","Value":[{"Alphabetic":"O^I","Phonetic":"P"}]},"00080060":{"vr":"CS","Value":["MR"]}}"#;
        let mut read = Vec::new();
        for (hit, _) in text.match_indices('{') {
            if let Some((key, range)) = element(text.as_bytes(), hit) {
                let mut found = Vec::new();
                strings(text.as_bytes(), range, &mut found);
                read.extend(found.into_iter().map(|value| (key, &text[value])));
            }
        }
        assert_eq!(read, [("patient name", "O^I"), ("patient name", "P")]);
    }
}
