//! What bytes are, told by how they begin: text, packed text, text in UTF-16, or what no text is found in but a person
//! is: pictures, recordings, scans and prints.

use super::{ContentId, Opener};
use crate::tape::{Marks, Origin, ROOT, Segment, TapeFull};
use std::ops::Range;

/// How many bytes tell.
pub(super) const HEAD: usize = 36;
/// Where a DICOM file says that it is one.
pub(super) const DICOM_AT: usize = 128;
pub(super) const DICOM: &[u8] = b"DICM";

/// What pictures, films, papers and scans go as: the key that rules ask for (45 CFR 164.514(b)(2)(i)(Q)).
pub(super) const PHOTO: &[u8] = b"medium of person";
/// What prints of fingers, faces, irises and voices go as (45 CFR 164.514(b)(2)(i)(P)).
pub(super) const PRINT: &[u8] = b"recording of person";

/// What bytes turn out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// They may be text: so far they are.
    Text,
    /// A message of tagged fields with text among them.
    Message,
    /// A layer that this content opens.
    Layer(ContentId),
    /// A medium: it goes as what this key leads to.
    Medium(&'static [u8]),
}

/// The beginnings of media.
const MEDIA: [(&[u8], &[u8]); 24] = [
    (b"\xff\xd8\xff", PHOTO),
    (b"\x89PNG\r\n\x1a\n", PHOTO),
    (b"GIF87a", PHOTO),
    (b"GIF89a", PHOTO),
    (b"II*\0", PHOTO),
    (b"MM\0*", PHOTO),
    (b"%PDF-", PHOTO),
    (b"\x1a\x45\xdf\xa3", PHOTO),
    (b"\0\0\x01\0\x01\0", PHOTO),
    (b"\0\0\0\x0cjP  ", PHOTO),
    (b"\xff\x4f\xff\x51", PHOTO),
    (b"FMR\0", PRINT),
    (b"FIR\0", PRINT),
    (b"FAC\0", PRINT),
    (b"IIR\0", PRINT),
    (b"VIR\0", PRINT),
    (b"OggS\0", PRINT),
    (b"fLaC\0", PRINT),
    (b"ID3\x02\0", PRINT),
    (b"ID3\x03\0", PRINT),
    (b"ID3\x04\0", PRINT),
    (b"#!AMR", PRINT),
    (b"\xff\xfb\x90", PRINT),
    (b"\xff\xf3\x84", PRINT),
];

/// The first bytes of media.
const FIRST_OF_MEDIUM: [bool; 256] = {
    let mut firsts = [false; 256];
    #[expect(clippy::indexing_slicing, reason = "in a constant: out of bounds does not compile")]
    {
        let mut at = 0;
        while at < MEDIA.len() {
            firsts[MEDIA[at].0[0] as usize] = true;
            at += 1;
        }
        firsts[b'R' as usize] = true;
        firsts[b'B' as usize] = true;
        firsts[0] = true;
    }
    firsts
};

/// What bytes that begin so are; `None` for what nobody reads here. The head is [`HEAD`] bytes, or all there are.
#[inline]
pub(super) fn kind(head: &[u8]) -> Option<Kind> {
    match *head {
        [0x1f, 0x8b, 8, ..] => Some(Kind::Layer(ContentId::Gzip)),
        // `x^2 + y` is a text.
        [first @ 0x78, second, ..] if is_zlib(first, second) && !reads_as_text(head, false) => {
            Some(Kind::Layer(ContentId::Zlib))
        }
        [0xff, 0xfe, _, _, ..] => Some(Kind::Layer(ContentId::Utf16Le)),
        [0xfe, 0xff, _, _, ..] => Some(Kind::Layer(ContentId::Utf16Be)),
        _ => medium(head)
            .or_else(|| wide(head).map(Kind::Layer))
            .or_else(|| reads_as_text(head, false).then_some(Kind::Text))
            .or_else(|| reads_as_message(head).then_some(Kind::Message)),
    }
}

/// Whether these are the two bytes of a zlib header, one without a dictionary.
fn is_zlib(first: u8, second: u8) -> bool {
    second & 0x20 == 0 && (u16::from(first) << 8 | u16::from(second)).is_multiple_of(31)
}

/// The medium that begins so.
fn medium(head: &[u8]) -> Option<Kind> {
    // Few texts begin with the same byte as one.
    if head.first().is_none_or(|first| FIRST_OF_MEDIUM.get(usize::from(*first)) != Some(&true)) {
        return None;
    }
    let container = |at: usize| head.get(at..at + 4);
    let key = match *head {
        [b'R', b'I', b'F', b'F', ..] => match container(8) {
            Some(b"WEBP" | b"AVI ") => PHOTO,
            Some(b"WAVE") => PRINT,
            _ => return None,
        },
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => PHOTO,
        // ISO media: pictures, films, and sound alone.
        [0, 0, 0, _, b'f', b't', b'y', b'p', ..] => match container(8) {
            Some(b"M4A " | b"M4B ") => PRINT,
            _ => PHOTO,
        },
        _ => MEDIA.iter().find(|(begins, _)| head.starts_with(begins))?.1,
    };
    Some(Kind::Medium(key))
}

/// Whether the bytes are letters of two bytes each, half of them Latin or more: what other letters stand in has Latin signs.
fn wide(head: &[u8]) -> Option<ContentId> {
    // Two of eighteen may be other letters.
    let zero = match head.first_chunk::<6>() {
        Some(first) => first.contains(&0),
        None => head.contains(&0),
    };
    // What stands around letters of others begins with a Latin one or a sign.
    if !zero || !matches!(head, [0, _, ..] | [_, 0, ..]) {
        return None;
    }
    let (mut low, mut high, mut pairs) = (Letters::default(), Letters::default(), 0);
    for pair in head.chunks_exact(2) {
        let &[first, second] = pair else { break };
        pairs += 1;
        low.add(first, second);
        high.add(second, first);
    }
    match (low.most(pairs), high.most(pairs)) {
        (true, _) => Some(ContentId::Utf16Le),
        (_, true) => Some(ContentId::Utf16Be),
        (false, false) => None,
    }
}

/// How many letters of two bytes are such that people write.
#[derive(Clone, Copy, Default)]
struct Letters {
    latin: u32,
    others: u32,
}

impl Letters {
    fn add(&mut self, lower: u8, higher: u8) {
        if higher == 0 {
            self.latin += u32::from((0x20..0x7f).contains(&lower) || matches!(lower, b'\t' | b'\n' | b'\r'));
        }
        let letter = || char::from_u32(u32::from(higher) << 8 | u32::from(lower)).is_some_and(char::is_alphabetic);
        // Accented letters have an empty byte too.
        self.others += u32::from((higher != 0 || lower >= 0xa0) && letter());
    }

    /// Whether nearly all of so many pairs are, at least half of them Latin: three are the least that tell.
    fn most(self, pairs: u32) -> bool {
        pairs >= 3 && self.latin * 2 >= pairs && (self.latin + self.others) * 8 >= pairs * 7
    }
}

/// Whether bytes read as text: UTF-8, and of twenty characters at most one that nobody prints. Where the text breaks off
/// a character may be half.
pub(super) fn reads_as_text(bytes: &[u8], whole: bool) -> bool {
    let allowed = if whole { bytes.len() / 20 } else { bytes.len() / 12 };
    if bytes.is_empty() || bytes.iter().map(|byte| usize::from(is_odd(*byte))).sum::<usize>() > allowed {
        return false;
    }
    match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none() && error.valid_up_to() > 0,
    }
}

/// Whether bytes read as a message of protobuf: a tag of one of the first fields, and more text than chance would have.
pub(super) fn reads_as_message(bytes: &[u8]) -> bool {
    let begins = bytes.first().copied().is_some_and(begins_message);
    begins && bytes.iter().filter(|byte| (0x20..0x7f).contains(*byte)).count() * 5 >= bytes.len() * 3
}

/// Whether what begins so may be something that only [`HEAD`] bytes tell: a message begins with more tags and lengths than
/// text, some media say further in what they are.
pub(super) fn tells_later(begins: [u8; 3]) -> bool {
    let [first, ..] = begins;
    begins_message(first) || matches!(&begins, [0, 0, 0] | b"RIF" | [b'B', b'M', _])
}

/// Whether [`kind`] may know what the first three bytes begin, if it may know what two of them do: the third of a text goes on
/// with its letters. Wrong only where it says so.
#[inline]
pub(super) fn may_go_on(begins: [u8; 3]) -> bool {
    let [first, second, third] = begins;
    let plain = (0x20..0x7f).contains(&first) || matches!(first, b'\t' | b'\n' | b'\r');
    if !plain || first == 0x78 {
        return true;
    }
    // Behind an empty byte a letter of two bytes may go on, an accented one too.
    let letter = second == 0 && third >= 0xa0;
    let reads =
        if second < 0x80 { third < 0x80 || (0xc2..=0xf4).contains(&third) } else { (0x80..=0xbf).contains(&third) };
    reads || letter || tells_later(begins)
}

/// Whether a byte is the tag of one of the first fields of a message.
pub(super) fn begins_message(first: u8) -> bool {
    matches!(first, 0x08 | 0x0a | 0x10 | 0x12 | 0x1a | 0x22 | 0x2a | 0x32 | 0x3a)
}

/// The bytes that nobody prints.
const ODD: [bool; 256] = {
    let mut odd = [false; 256];
    let mut at = 0;
    while at < 0x80 {
        #[expect(clippy::indexing_slicing, reason = "in a constant: out of bounds does not compile")]
        {
            // Messages between institutions are parted by some of the others.
            odd[at as usize] = at < 0x20 && !matches!(at, b'\t' | b'\n' | b'\r' | 0x0b | 0x1b..=0x1e) || at == 0x7f;
        }
        at += 1u8;
    }
    odd
};

/// Whether nobody prints a byte.
#[inline]
pub(super) fn is_odd(byte: u8) -> bool {
    ODD.get(usize::from(byte)).copied().unwrap_or(false)
}

/// Whether the first two bytes may begin anything [`kind`] knows. Cheap, and wrong only in that direction.
#[inline]
pub(super) fn may_begin(first: u8, second: u8) -> bool {
    match first {
        0x20..=0x7e | b'\t' | b'\n' | b'\r' => second < 0x80 || (0xc2..=0xf4).contains(&second) || first == 0x78,
        0xc2..=0xf4 => (0x80..=0xbf).contains(&second),
        0 | 0x08 | 0x0b | 0x10 | 0x12 | 0x1a..=0x1f | 0x89 | 0xfe | 0xff => true,
        _ => false,
    }
}

/// What bytes that are looked at hold.
pub(super) const MARKS: Marks = Marks::WIDE.or(Marks::CONTROL).or(Marks::PERCENT);

/// Looks at bytes that need not be text: values of bytes, and what other layers held. Whether they are none.
pub(super) fn open(opener: &mut Opener<'_>, number: u32, segment: &Segment) -> Result<bool, TapeFull> {
    let text = opener.tape.text(segment);
    let whole = 0..text.len();
    let head = text.get(..HEAD).unwrap_or(text);
    let raw = !matches!(segment.origin, Origin::Source { utf8: true, .. });
    let dicom = raw && text.get(DICOM_AT..).is_some_and(|rest| rest.starts_with(DICOM));
    match kind(head) {
        Some(Kind::Medium(key)) if raw => as_key(opener, number, whole, key),
        None if dicom => as_key(opener, number, whole, PHOTO),
        Some(Kind::Layer(id)) if raw || matches!(id, ContentId::Utf16Le | ContentId::Utf16Be) => {
            opener.view(id, number, whole, segment.path, segment.place)?;
        }
        Some(Kind::Medium(_) | Kind::Layer(_) | Kind::Message | Kind::Text) | None => return Ok(false),
    }
    opener.tape.mark(number, Marks::PACKED);
    Ok(true)
}

/// Has a part judged as what `key` leads to.
pub(super) fn as_key(opener: &mut Opener<'_>, number: u32, range: Range<usize>, key: &'static [u8]) {
    // Below no key of the text's own: what a picture is does not depend on it.
    let (path, _) = opener.paths.child(ROOT, key, opener.keys);
    opener.alias(number, range, path, false, false);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_known_by_how_they_begin() {
        let riff = |form: &[u8]| [b"RIFF\x24\0\0\0", form, b"fmt "].concat();
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        for (head, expected) in [
            (&b"{\"ssn\":\"536-22-8147\"}"[..], Some(Kind::Text)),
            ("Le\u{f1}a Ortiz".as_bytes(), Some(Kind::Text)),
            (b"Le\xc3", Some(Kind::Text)),
            (b"\x1f\x8b\x08\0\0\0\0\0", Some(Kind::Layer(ContentId::Gzip))),
            (b"\x78\x9c\xab\x56", Some(Kind::Layer(ContentId::Zlib))),
            (b"x^2 + y, and more", Some(Kind::Text)),
            (b"\xff\xfe5\x003\0", Some(Kind::Layer(ContentId::Utf16Le))),
            (b"\0s\0s\0n\0 \x005", Some(Kind::Layer(ContentId::Utf16Be))),
            (&utf16("ssn 536"), Some(Kind::Layer(ContentId::Utf16Le))),
            (&utf16("{\"note\":\"\u{e9}\u{ba}"), Some(Kind::Layer(ContentId::Utf16Le))),
            (
                &utf16("{\"note\":\"\u{43f}\u{430}\u{446}\u{438}\u{435}\u{43d}\u{442}"),
                Some(Kind::Layer(ContentId::Utf16Le)),
            ),
            (b"\x01\0\x02\0\x03\0\x20\0", None),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", Some(Kind::Medium(PHOTO))),
            (&riff(b"WAVE"), Some(Kind::Medium(PRINT))),
            (&riff(b"WEBP"), Some(Kind::Medium(PHOTO))),
            (b"FMR\0 20\0", Some(Kind::Medium(PRINT))),
            (b"\0\0\0\x18ftypheic", Some(Kind::Medium(PHOTO))),
            (b"BMI of the visit", Some(Kind::Text)),
            (b"ID3 of the list", Some(Kind::Text)),
            (b"RIFF in the text", Some(Kind::Text)),
            (b"\x8e\xff\xf7\x98", None),
            (b"abc\x01\x02\x03", None),
            (b"\x08\x03\x12\x0fssn 536-22-8147", Some(Kind::Message)),
            (b"", None),
        ] {
            assert_eq!(kind(head), expected, "{}", head.escape_ascii());
        }
    }

    #[test]
    fn three_bytes_refuse_only_what_nobody_knows() {
        for first in 0..=0xffu8 {
            for second in 0..=0xffu8 {
                for third in [0u8, b'*', b'3', b'a', 0x7f, 0x80, 0x9f, 0xbf, 0xc1, 0xc3, 0xf4, 0xf5, 0xff] {
                    let refused = refuses([first, second, third]);
                    for rest in [*b"abc", *b"\0a\0", [0, 0, 0], [0x80, 0x80, 0x80], [b'a', 0, b'b'], *b"\xc3\xa9a"] {
                        let head = [&[first, second, third][..], &rest].concat();
                        assert!(!refused || kind(&head).is_none(), "{}", head.escape_ascii());
                    }
                }
            }
        }
    }

    fn refuses(begins: [u8; 3]) -> bool {
        let [first, second, _] = begins;
        may_begin(first, second) && !may_go_on(begins)
    }

    #[test]
    fn text_is_what_people_read() {
        assert!(reads_as_text(b"a line\nand \xc3\xa9 another\t", true));
        assert!(reads_as_text(b"cut off here \xe2\x80", true));
        assert!(!reads_as_text(b"not \xff at all", true));
        assert!(!reads_as_text(b"a\x01b\x02c\x03d\x04", true));
        assert!(reads_as_text(b"MSH|^~\\&|A|B\rPID|1||25392362||NOVAK\r\x1c\r", true));
        assert!(!reads_as_text(b"", true));
    }
}
