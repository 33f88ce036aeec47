//! Character references of HTML and XML: `&#45;`, `&#x2d;`, `&amp;`.

use super::coding::{Sink, by_letter, lines_around};
use super::{ContentId, Opener, Reader};
use crate::tape::{Marks, Segment, TapeFull};

/// The names that XML has, and those of HTML for what identifiers are written with, sorted.
const NAMES: &[(&[u8], char)] = &[
    (b"AMP", '&'),
    (b"Aacute", '\u{c1}'),
    (b"Agrave", '\u{c0}'),
    (b"Auml", '\u{c4}'),
    (b"Ccedil", '\u{c7}'),
    (b"Eacute", '\u{c9}'),
    (b"Egrave", '\u{c8}'),
    (b"GT", '>'),
    (b"Iacute", '\u{cd}'),
    (b"LT", '<'),
    (b"NewLine", '\n'),
    (b"Ntilde", '\u{d1}'),
    (b"Oacute", '\u{d3}'),
    (b"Ouml", '\u{d6}'),
    (b"QUOT", '"'),
    (b"Tab", '\t'),
    (b"Uacute", '\u{da}'),
    (b"Uuml", '\u{dc}'),
    (b"aacute", '\u{e1}'),
    (b"acirc", '\u{e2}'),
    (b"aelig", '\u{e6}'),
    (b"agrave", '\u{e0}'),
    (b"amp", '&'),
    (b"apos", '\''),
    (b"aring", '\u{e5}'),
    (b"ast", '*'),
    (b"atilde", '\u{e3}'),
    (b"auml", '\u{e4}'),
    (b"bsol", '\\'),
    (b"ccedil", '\u{e7}'),
    (b"colon", ':'),
    (b"comma", ','),
    (b"commat", '@'),
    (b"dash", '-'),
    (b"eacute", '\u{e9}'),
    (b"ecirc", '\u{ea}'),
    (b"egrave", '\u{e8}'),
    (b"emsp", ' '),
    (b"ensp", ' '),
    (b"equals", '='),
    (b"euml", '\u{eb}'),
    (b"excl", '!'),
    (b"gt", '>'),
    (b"hyphen", '-'),
    (b"iacute", '\u{ed}'),
    (b"icirc", '\u{ee}'),
    (b"iuml", '\u{ef}'),
    (b"lbrace", '{'),
    (b"lbrack", '['),
    (b"lcub", '{'),
    (b"lowbar", '_'),
    (b"lpar", '('),
    (b"lsqb", '['),
    (b"lt", '<'),
    (b"mdash", '-'),
    (b"minus", '-'),
    (b"nbsp", ' '),
    (b"ndash", '-'),
    (b"ntilde", '\u{f1}'),
    (b"num", '#'),
    (b"oacute", '\u{f3}'),
    (b"ocirc", '\u{f4}'),
    (b"ograve", '\u{f2}'),
    (b"oslash", '\u{f8}'),
    (b"ouml", '\u{f6}'),
    (b"percnt", '%'),
    (b"period", '.'),
    (b"plus", '+'),
    (b"quot", '"'),
    (b"rbrace", '}'),
    (b"rbrack", ']'),
    (b"rcub", '}'),
    (b"rpar", ')'),
    (b"rsqb", ']'),
    (b"rsquo", '\''),
    (b"semi", ';'),
    (b"sol", '/'),
    (b"szlig", '\u{df}'),
    (b"thinsp", ' '),
    (b"uacute", '\u{fa}'),
    (b"ugrave", '\u{f9}'),
    (b"uuml", '\u{fc}'),
    (b"vert", '|'),
    (b"yacute", '\u{fd}'),
];
/// References that stand for nothing that is seen.
const NOTHING: [&[u8]; 6] = [b"shy", b"zwj", b"zwnj", b"lrm", b"rlm", b"NoBreak"];
/// The longest reference, in bytes.
const MAX_LEN: usize = 12;

/// Opens texts with references.
pub(super) const READER: Reader = Reader { marks: Marks::AMPERSAND, open };

fn open(opener: &mut Opener<'_>, number: u32, segment: &Segment) -> Result<(), TapeFull> {
    let text = opener.tape.text(segment);
    let mut references = memchr::memchr_iter(b'&', text).filter(|at| read(text, *at).is_some());
    let Some(first) = references.next() else { return Ok(()) };
    let last = references.next_back().unwrap_or(first);
    let range = lines_around(text, first, last);
    opener.lines(ContentId::Entities, number, range, segment)
}

/// The character that the reference at `at` stands for, and its length in bytes.
fn read(text: &[u8], at: usize) -> Option<(Option<char>, usize)> {
    let [b'&', rest @ ..] = text.get(at..)? else { return None };
    let len = rest.iter().take(MAX_LEN).position(|byte| *byte == b';')?;
    let name = rest.get(..len)?;
    let letter = match name {
        [b'#', b'x' | b'X', digits @ ..] => Some(number(digits, 16)?),
        [b'#', digits @ ..] => Some(number(digits, 10)?),
        _ if NOTHING.contains(&name) => None,
        _ => Some(NAMES.binary_search_by_key(&name, |(name, _)| *name).ok().and_then(|at| NAMES.get(at))?.1),
    };
    Some((letter, len + 2))
}

fn number(digits: &[u8], radix: u32) -> Option<char> {
    let value = digits
        .iter()
        .try_fold(0u32, |sum, digit| sum.checked_mul(radix)?.checked_add(char::from(*digit).to_digit(radix)?));
    value.filter(|_| !digits.is_empty()).and_then(char::from_u32)
}

/// Decodes references; what is none stays.
pub(super) fn decode(encoded: &[u8], sink: &mut Sink<'_>) {
    by_letter(encoded, |byte| byte == b'&', read, sink);
}

/// Writes what markup is made of as references.
pub(super) fn encode(text: &str, out: &mut String) {
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // What stands in references further in must not stand plainly beside them.
            '%' => out.push_str("&#37;"),
            '=' => out.push_str("&#61;"),
            '+' => out.push_str("&#43;"),
            '\\' => out.push_str("&#92;"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::NAMES;

    #[test]
    fn names_are_sorted_so_that_they_are_found() {
        assert!(NAMES.is_sorted_by(|(a, _), (b, _)| a < b));
    }
}
