//! Where the value behind a key begins and ends.

use super::attribute::{VALUE, is_value_word, names_value};
use crate::pack::Identifier;
use crate::validators::Date;

/// The most bytes a value may take.
const MAX_VALUE: usize = 2048;
/// The most backslashes before a quote: four layers of escapes.
const MAX_ESCAPES: usize = 15;
/// The most words an unquoted name or place may have.
const MAX_WORDS: usize = 5;

/// What stands between a key and its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Joint {
    /// Where the value begins.
    pub(super) at: usize,
    /// What closes it.
    close: Close,
    /// Whether programs write so: then the value is one, whatever it looks like.
    pub(super) strict: bool,
    /// Whether a mere comma stands between them, as in a list of pairs: `('mrn', '00482913')`. A list of keys looks the same.
    pub(super) listed: bool,
}

impl Joint {
    /// What stands behind the tag that ends at `at`.
    pub(super) fn behind_tag(at: usize) -> Self {
        Self { at: at + 1, close: Close::Tag, strict: true, listed: false }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Close {
    /// This byte, not escaped.
    Quote(u8),
    /// Backslashes and this byte: a quote inside a quote, however deep.
    EscapedQuote(u8),
    /// The bracket that matches this one.
    Bracket(u8, u8),
    /// The next tag.
    Tag,
    /// The end of the word, the number, the name.
    Open,
}

/// Reads what stands behind a key that ends at `at`: closing quotes, a sign, an opening quote. `None` if no value
/// follows.
pub(super) fn joint(text: &[u8], at: usize) -> Option<Joint> {
    let byte = |at: usize| text.get(at).copied();
    let mut cursor = at;
    // What closes the key: `"ssn"`, `'ssn'`, `\"ssn\"`, `[ssn]`, `(ssn)`.
    let mut quoted = false;
    for _ in 0..3 {
        match byte(cursor) {
            Some(b'"' | b'\'' | b'`') => quoted = true,
            Some(b'\\') if matches!(byte(cursor + 1), Some(b'"' | b'\'')) => {
                quoted = true;
                cursor += 1;
            }
            Some(b']' | b')') => {}
            _ => break,
        }
        cursor += 1;
    }
    let closed = cursor;
    cursor = spaces(text, cursor);
    // `name="lastName" value="Maria"`, `<Data Name="PatientName">Maria`: an attribute says what its element holds.
    let attribute = quoted && names_value(text, at);
    if attribute && is_value_word(text, cursor) {
        cursor += VALUE.len();
    } else if attribute && cursor == closed && byte(cursor) == Some(b'>') {
        return Some(Joint::behind_tag(inner_tag(text, cursor + 1).unwrap_or(cursor)));
    }
    let mut strict = true;
    let mut listed = false;
    let sign = cursor;
    cursor += match (byte(cursor), byte(cursor + 1)) {
        // A comparison is no assignment.
        (Some(b'>'), Some(b'=')) => return None,
        (Some(b'='), Some(b'>' | b'=' | b'~')) | (Some(b':'), Some(b'=')) | (Some(b'-'), Some(b'>')) => 2,
        (Some(b'<'), Some(b'-')) => 2,
        (Some(b'='), _) => 1,
        (Some(b':'), _) => {
            strict = quoted;
            1
        }
        // What follows the end of an element is no value of it: `</patient> stored`.
        (Some(b'>'), _) if closed == at && sign == at && !ends_element(text, at) => {
            return Some(Joint::behind_tag(cursor));
        }
        (Some(b','), Some(b' ')) if quoted && matches!(byte(cursor + 2), Some(b'"' | b'\'')) => {
            listed = true;
            1
        }
        // `name "Maria"`, `ssn: "..."` of languages without a sign.
        (Some(b'"' | b'\''), _) if cursor > closed => 0,
        _ => return None,
    };
    cursor = spaces(text, cursor);
    // What programs and statements put before a quote: `N'..'`, `E'..'`, `b'..'`.
    if byte(cursor).is_some_and(|byte| b"nNeEbBxXrRuUfF".contains(&byte))
        && (matches!(byte(cursor + 1), Some(b'\'' | b'"')) || oracle(text, cursor + 1).is_some())
    {
        cursor += 1;
    }
    cursor = typed(text, cursor).unwrap_or(cursor);
    if let Some(close) = oracle(text, cursor) {
        return Some(Joint { at: cursor + 3, close, strict: true, listed });
    }
    let (close, width) = match (byte(cursor)?, byte(cursor + 1)) {
        (quote @ (b'"' | b'\'' | b'`'), _) => (Close::Quote(quote), 1),
        (b'\\', _) if escaped_quote(text, cursor).is_some() => {
            let (quote, width) = escaped_quote(text, cursor)?;
            (Close::EscapedQuote(quote), width)
        }
        // A list of objects: their own keys say what is in them.
        (b'[', _) if opens_object(text, cursor + 1) => return None,
        (b'[', _) => (Close::Bracket(b'[', b']'), 1),
        // An area code in brackets is a part of the value, not what holds it.
        (b'(', _) if byte(cursor + 4) != Some(b')') => (Close::Bracket(b'(', b')'), 1),
        (b'<', _) => (Close::Bracket(b'<', b'>'), 1),
        (b'{' | b'\n' | b'\r', _) => return None,
        _ => (Close::Open, 0),
    };
    let quoted_value = matches!(close, Close::Quote(_) | Close::EscapedQuote(_));
    Some(Joint { at: cursor + width, close, strict: (strict || quoted_value) && !listed, listed })
}

/// Where the tag ends that opens at `at`, as in `<Attribute Name=".."><AttributeValue type="..">Maria`.
fn inner_tag(text: &[u8], at: usize) -> Option<usize> {
    const LONGEST: usize = 160;
    let rest = text.get(at..)?;
    let blank = rest.iter().take(LONGEST).take_while(|byte| byte.is_ascii_whitespace()).count();
    let [b'<', first, ..] = rest.get(blank..)? else { return None };
    let close = memchr::memchr(b'>', rest.get(..LONGEST).unwrap_or(rest))?;
    (first.is_ascii_alphabetic() && rest.get(close - 1) != Some(&b'/')).then_some(at + close)
}

/// Where the text begins behind a type in front of it, as dumps and calls write it: `string(6) "Maria"`, `Some("Maria")`,
/// `ISODate("1958-03-14")`. A call in small letters is a piece of a program: `t("label.patient")`.
fn typed(text: &[u8], at: usize) -> Option<usize> {
    const LONGEST: usize = 24;
    let rest = text.get(at..)?;
    // An attribute of DynamoDB: `{S: Maria}`.
    if let [b'{', b'S' | b'N', b':' | b'=', inner @ ..] = rest {
        return Some(at + 3 + usize::from(inner.first() == Some(&b' ')));
    }
    let len = rest.iter().take(LONGEST).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let [b'(', inner @ ..] = rest.get(len..)? else { return None };
    let digits = inner.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let counted = inner.get(digits..)?.starts_with(b") \"") && digits > 0;
    let wraps = rest.first()?.is_ascii_uppercase() && digits == 0 && matches!(inner.first(), Some(b'"' | b'\''));
    match (counted, wraps) {
        (true, _) => Some(at + len + 1 + digits + 2),
        (_, true) => Some(at + len + 1),
        (false, false) => None,
    }
}

/// What closes a literal with quotes of its own, as Oracle has them: `q'[..]'`, `q'!..!'`.
fn oracle(text: &[u8], at: usize) -> Option<Close> {
    let [b'q' | b'Q', b'\'', open] = text.get(at..at + 3)? else { return None };
    Some(match open {
        b'[' => Close::Bracket(b'[', b']'),
        b'(' => Close::Bracket(b'(', b')'),
        b'{' => Close::Bracket(b'{', b'}'),
        b'<' => Close::Bracket(b'<', b'>'),
        other if other.is_ascii_punctuation() && *other != b'\'' => Close::Quote(*other),
        _ => return None,
    })
}

/// The quote behind the backslashes at `at`, and the length of all.
fn escaped_quote(text: &[u8], at: usize) -> Option<(u8, usize)> {
    let rest = text.get(at..)?;
    let escapes = rest.iter().take(MAX_ESCAPES).take_while(|byte| **byte == b'\\').count();
    let quote = *rest.get(escapes).filter(|byte| escapes > 0 && matches!(byte, b'"' | b'\''))?;
    Some((quote, escapes + 1))
}

fn opens_object(text: &[u8], at: usize) -> bool {
    text.get(at..).unwrap_or(&[]).trim_ascii_start().first() == Some(&b'{')
}

fn spaces(text: &[u8], at: usize) -> usize {
    at + text.get(at..).unwrap_or(&[]).iter().take(4).take_while(|byte| matches!(byte, b' ' | b'\t')).count()
}

/// Whether the name that ends at `at` is that of an element's end: `</ns:name`, `<\/name`.
fn ends_element(text: &[u8], at: usize) -> bool {
    let name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':') || *byte >= 0x80;
    let head = text.get(..at).unwrap_or(&[]);
    let before = head.iter().rposition(|byte| !name(byte)).map_or(0, |last| last + 1);
    head.get(..before).is_some_and(|head| head.ends_with(b"</") || head.ends_with(b"<\\/"))
}

/// Where the value lies, trimmed. How far an unquoted one reaches depends on what it is to be.
pub(super) fn extent(text: &[u8], joint: Joint, identifier: Identifier) -> Option<(usize, usize)> {
    let rest = text.get(joint.at..)?;
    let rest = rest.get(..MAX_VALUE).unwrap_or(rest);
    let len = match joint.close {
        Close::Quote(quote) => quote_end(rest, quote),
        Close::EscapedQuote(quote) => {
            let end = rest.windows(2).position(|pair| pair == [b'\\', quote]).unwrap_or(rest.len());
            let escapes = rest.get(..end)?.iter().rev().take_while(|byte| **byte == b'\\').count();
            end - escapes
        }
        Close::Bracket(open, close) => bracket_end(rest, open, close),
        Close::Tag => match cdata(rest).or_else(|| rest.iter().position(|byte| *byte == b'<')) {
            Some(len) => len,
            // `<user> my mother ..`: who speaks in a chat, and no element that was cut off.
            None if rest.first().is_some_and(u8::is_ascii_whitespace) => return None,
            None => rest.len(),
        },
        Close::Open => open_end(rest, identifier),
    };
    let value = rest.get(..len)?;
    let lead = value.len() - value.trim_ascii_start().len();
    let kept = value.trim_ascii().len();
    // A list of texts keeps its outer quotes, or what holds it would be no document any more.
    if let (Close::Bracket(..), [quote @ (b'"' | b'\''), .., last]) = (joint.close, value.trim_ascii())
        && quote == last
        && kept > 2
    {
        return Some((joint.at + lead + 1, joint.at + lead + kept - 1));
    }
    (kept > 0).then_some((joint.at + lead, joint.at + lead + kept))
}

/// The next `quote` without a backslash, or the end of the text: values get cut off.
fn quote_end(rest: &[u8], quote: u8) -> usize {
    let mut at = 0;
    while let Some(byte) = rest.get(at) {
        match byte {
            b'\\' => at += 2,
            byte if *byte == quote => return at,
            _ => at += 1,
        }
    }
    rest.len()
}

fn bracket_end(rest: &[u8], open: u8, close: u8) -> usize {
    let mut depth = 1usize;
    for (at, byte) in rest.iter().enumerate() {
        if *byte == open {
            depth += 1;
        } else if *byte == close {
            depth -= 1;
        } else if *byte == b'\n' {
            return at;
        }
        if depth == 0 {
            return at;
        }
    }
    rest.len()
}

fn cdata(rest: &[u8]) -> Option<usize> {
    rest.strip_prefix(b"<![CDATA[")?;
    memchr::memmem::find(rest, b"]]>").map(|end| end + 3)
}

fn ends_value(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t'
            | b'\n'
            | b'\r'
            | b','
            | b';'
            | b'&'
            | b'|'
            | b'"'
            | b'\''
            | b'`'
            | b'<'
            | b'>'
            | b')'
            | b']'
            | b'}'
            | 0
    )
}

/// The end of an unquoted value.
fn open_end(rest: &[u8], identifier: Identifier) -> usize {
    let word = rest.iter().position(|byte| ends_value(*byte)).unwrap_or(rest.len());
    // A backslash that begins an escaped line break ends the value too.
    let mut breaks = memchr::memchr_iter(b'\\', rest.get(..word).unwrap_or(&[]));
    let word = breaks.find(|at| rest.get(at + 1) == Some(&b'n') && at + 1 < word).unwrap_or(word);
    let word = partition_end(rest.get(..word).unwrap_or(&[])).unwrap_or(word);
    let word = operator(rest.get(..word).unwrap_or(&[])).unwrap_or(word);
    // `datetime.date(1958, 3, 14)`, `Date.new(..)`: a call is one value.
    if let Some(call) = rest.get(..word).and_then(|word| word.iter().position(|byte| *byte == b'('))
        && call > 0
        && rest
            .get(..call)
            .is_some_and(|name| name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'.' || *byte == b'_'))
    {
        let inner = rest.get(call + 1..).unwrap_or(&[]);
        // `Address(street = .., city = ..)`: fields that have keys of their own.
        let fields = inner.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        let assigned = inner.get(fields..).is_some_and(|rest| rest.trim_ascii_start().starts_with(b"="));
        if assigned && matches!(identifier, Identifier::A | Identifier::B) {
            return 0;
        }
        return (call + 1 + bracket_end(inner, b'(', b')') + 1).min(rest.len());
    }
    match identifier {
        // `name: HumanName {`: a type, and what is in it has keys of its own.
        Identifier::A | Identifier::B if opens_fields(rest, word) => 0,
        Identifier::A | Identifier::B => words_end(rest, word, identifier),
        Identifier::C => date_end(rest).unwrap_or(word).max(word),
        Identifier::D | Identifier::E | Identifier::G => number_end(rest).max(word),
        Identifier::L => plate_end(rest, word),
        Identifier::F
        | Identifier::H
        | Identifier::I
        | Identifier::J
        | Identifier::K
        | Identifier::M
        | Identifier::N
        | Identifier::O
        | Identifier::P
        | Identifier::Q
        | Identifier::R
        | Identifier::Secret => word,
    }
}

/// Where the first value of a path of partitions ends: `mrn=00482913/dt=2026-01-05/part-0001`.
fn partition_end(word: &[u8]) -> Option<usize> {
    let slash = memchr::memchr(b'/', word).filter(|slash| *slash > 0)?;
    let next = word.get(slash + 1..)?;
    let key = next.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
    (key > 0 && next.get(key) == Some(&b'=')).then_some(slash)
}

/// Where the next term of a query begins: `Okonkwo+AND+dob:..`.
fn operator(word: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'+', word).find(|at| {
        let behind = word.get(*at..).unwrap_or(&[]);
        behind.starts_with(b"+AND+") || behind.starts_with(b"+OR+")
    })
}

/// A plate may stand in two groups, `KLM 4821`, one of which at least holds a digit.
fn plate_end(rest: &[u8], first: usize) -> usize {
    let Some([b' ', next @ ..]) = rest.get(first..) else { return first };
    let len = next.iter().take_while(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()).count();
    let group = next.get(..len).unwrap_or(&[]);
    let closed = next.get(len).is_none_or(|byte| ends_value(*byte) || matches!(byte, b'.' | b'\\'));
    let lead = rest.get(..first).unwrap_or(&[]);
    let plain = lead.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    let digit = group.iter().chain(lead).any(u8::is_ascii_digit);
    if closed && plain && digit && (1..=4).contains(&first) && (1..=5).contains(&len) { first + 1 + len } else { first }
}

/// Whether a brace opens behind the first word.
fn opens_fields(rest: &[u8], word: usize) -> bool {
    matches!(rest.get(word..), Some([b' ', b'{', ..]))
}

/// What stands behind a name and begins the next thing.
const LABELS: [&[u8]; 12] =
    [b"DOB", b"MRN", b"SSN", b"FIN", b"CSN", b"AND", b"OR", b"WHERE", b"ORDER", b"LIMIT", b"INFO", b"WARN"];

/// A name or place goes on over words with a capital in front, a comma between at the most, unless the word turns out to be
/// the next key, or what a log writes behind a request. A place goes on over numbers, too.
fn words_end(rest: &[u8], first: usize, identifier: Identifier) -> usize {
    let mut end = first;
    // A parameter's place: the words behind it are the statement's.
    if rest.first() == Some(&b'$') {
        return first;
    }
    for _ in 1..MAX_WORDS {
        let gap = match rest.get(end..) {
            Some([b',', b' ', ..]) => 2,
            Some([b' ' | b',' | b'^', ..]) => 1,
            _ => return end,
        };
        let from = end + gap;
        let Some(next) = rest.get(from..) else { return end };
        let numbers = identifier == Identifier::B;
        let goes_on = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() && numbers || *byte >= 0x80;
        if !next.first().is_some_and(goes_on) || next.starts_with(b"HTTP/") || is_status(rest, next) {
            return end;
        }
        let word = next
            .iter()
            .position(|byte| ends_value(*byte) || matches!(byte, b'=' | b':' | b'(' | b'^'))
            .unwrap_or(next.len());
        let behind = next.get(word..).unwrap_or(&[]);
        let sign = behind.iter().take(2).take_while(|byte| **byte == b' ').count();
        if matches!(behind.first(), Some(b'=' | b':' | b'('))
            || sign > 0 && matches!(behind.get(sign), Some(b'='))
            || LABELS.contains(&next.get(..word).unwrap_or(&[]))
        {
            return end;
        }
        end = from + word;
    }
    end
}

/// Whether `next` is the status of a request and how long it took, `200 12ms`, behind a value that is no street's.
fn is_status(value: &[u8], next: &[u8]) -> bool {
    let [b'1'..=b'5', b'0'..=b'9', b'0'..=b'9', behind @ ..] = next else { return false };
    let timed = matches!(behind, [b' ', b'0'..=b'9' | b'-' | b'(', ..]) || behind.is_empty();
    timed && !value.first().is_some_and(u8::is_ascii_digit)
}

/// The longest date that the text begins with: `March 14, 1958`, `14 Mar 58`.
fn date_end(rest: &[u8]) -> Option<usize> {
    let window = rest.get(..20).unwrap_or(rest);
    (6..=window.len()).rev().find(|len| {
        let ends = rest.get(*len).is_none_or(|byte| !byte.is_ascii_alphanumeric());
        let candidate = window.get(..*len).unwrap_or(&[]);
        // What is read over behind it (`rd`, `de`) stands within a date.
        let last = candidate.rsplit(|byte| !byte.is_ascii_alphanumeric()).next().unwrap_or(&[]);
        let closes = last.first().is_some_and(u8::is_ascii_digit) || last.len() > 2;
        ends && closes && Date::parse(candidate).is_some()
    })
}

/// Groups of digits with one joiner between: `(512) 555-0142`, `303 555 0117`, `536 22 8147`.
fn number_end(rest: &[u8]) -> usize {
    let mut end = 0;
    let mut at = 0;
    while let Some(byte) = rest.get(at) {
        at += 1;
        match byte {
            b'0'..=b'9' => end = at,
            b' ' | b'-' | b'.' | b'(' | b')' | b'+' if at - end <= 2 && at <= 24 => {}
            _ => break,
        }
    }
    end
}

#[cfg(test)]
mod tests;
