//! What a cell of a table may be, by its shape alone.

use crate::validators::{Date, mbi};

/// What a cell looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Cell {
    /// `Grigorescu`, `Powell, Olga`: a name, or a place.
    Words,
    /// A day without a time.
    Date,
    /// One of the last century, or soon after it: nothing that a program did.
    Birthday,
    /// `024-90-1367`.
    Ssn,
    /// Nine digits: a number of social security, a member's.
    NineDigits,
    /// Ten digits in groups.
    Phone,
    Email,
    /// Letters and at least eight digits, or a number of Medicare: what plans know members by.
    Member,
    /// At least five digits, letters before them.
    Id,
    /// Five digits, and four more.
    Zip,
    /// Two letters that stand for a state.
    State,
    /// `M`, `F`.
    Sex,
    /// `12 Oak Ln`.
    Street,
    Other,
}

const STATES: &[u8] =
    b"AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC \
    ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC PR ";

/// The last year whose days in a table are birthdays, unless their column says otherwise.
const LAST_BIRTHDAY: u16 = 2005;

/// Words that stand in rows of every kind.
const WORDS: [&[u8]; 34] = [
    b"info",
    b"warn",
    b"warning",
    b"error",
    b"debug",
    b"fatal",
    b"trace",
    b"notice",
    b"get",
    b"post",
    b"put",
    b"delete",
    b"head",
    b"patch",
    b"true",
    b"false",
    b"null",
    b"none",
    b"yes",
    b"no",
    b"ok",
    b"active",
    b"inactive",
    b"pending",
    b"male",
    b"female",
    b"unknown",
    b"success",
    b"failed",
    b"failure",
    b"http",
    b"https",
    b"self",
    b"spouse",
];

/// Whether a cell of a row holds this byte: code, pairs and markup do not.
pub(super) fn may_hold(byte: u8) -> bool {
    !matches!(byte, b'{' | b'}' | b'=' | b'<' | b'>' | b'^' | b'~' | b'*' | b'`' | b'\\' | b';' | b'$' | b'%' | b'"')
}

/// How much of the first cell is the sentence or the pair before the row: `row 181 rejected: `, `value="`.
pub(super) fn lead(raw: &[u8]) -> usize {
    let behind = |at: usize| match raw.get(at..) {
        Some([b'=', b'"', ..]) => Some(at + 2),
        Some([b'=', ..]) => Some(at + 1),
        Some([b':', b' ', b'"', ..]) => Some(at + 3),
        Some([b':', b' ', ..] | [b':', b'"', ..]) => Some(at + 2),
        Some([b'>', ..]) => Some(at + 1),
        Some(_) | None => None,
    };
    (0..raw.len()).rev().find_map(behind).unwrap_or(0)
}

/// How much stands before a first cell in quotes: `(row: `.
pub(super) fn lead_of_quoted(rest: &[u8], separator: u8) -> usize {
    let first = rest.get(..memchr::memchr(separator, rest).unwrap_or(rest.len())).unwrap_or(&[]);
    let opens = |at: &usize| {
        let before = first.get(..*at).unwrap_or(&[]);
        before.ends_with(b": ") || matches!(before.last(), Some(b'(' | b'['))
    };
    let at = memchr::memrchr_iter(b'\'', first).find(opens);
    at.filter(|at| first.get(at + 1..).is_some_and(|cell| memchr::memchr(b'\'', cell).is_some())).unwrap_or(0)
}

/// How much of a cell stands before the next tag, the next field of a form, or the next pair: `</note>`, `&page=2`, ` retry=2`.
pub(super) fn held(cell: &[u8]) -> usize {
    let tag = |at: &usize| cell.get(at + 1).is_some_and(|next| *next == b'/' || next.is_ascii_alphabetic());
    let Some(at) = memchr::memchr3(b'<', b'&', b'=', cell) else { return cell.len() };
    match cell.get(at) {
        Some(b'<') if tag(&at) => at,
        // An entity is a part of the cell, a field is none.
        Some(b'&') => {
            let rest = cell.get(at + 1..).unwrap_or(&[]);
            let key = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
            if rest.get(key) == Some(&b'=') { at } else { cell.len() }
        }
        Some(b'=') => memchr::memrchr(b' ', cell.get(..at).unwrap_or(&[])).filter(|at| *at > 0).unwrap_or(cell.len()),
        Some(_) | None => cell.len(),
    }
}

/// How much of the last cell is the cell, before the line that quotes the row goes on: `78758 -> bad plan code`.
pub(super) fn tail(raw: &[u8]) -> usize {
    let signs = [&b" ->"[..], b" =>", b" - ", b"; ", b" (", b"]", b"}", b": "];
    let found = signs.iter().filter_map(|sign| memchr::memmem::find(raw, sign)).filter(|at| *at > 0).min();
    // `(512) 555-0142` has a bracket of its own.
    let closed = memchr::memchr(b')', raw).filter(|_| !raw.contains(&b'('));
    found.into_iter().chain(closed).min().unwrap_or(raw.len())
}

/// Whether a cell may name a column.
pub(super) fn is_column(cell: &[u8]) -> bool {
    (1..=40).contains(&cell.len())
        && cell.first().is_some_and(u8::is_ascii_alphabetic)
        && cell
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b' ' | b'.' | b'-' | b'#' | b'/'))
}

impl Cell {
    pub(super) fn of(text: &[u8]) -> Self {
        let digits = text.iter().filter(|byte| byte.is_ascii_digit()).count();
        let letters = text.iter().filter(|byte| byte.is_ascii_alphabetic() || **byte >= 0x80).count();
        let rest = text.len() - digits - letters;
        let plain = rest == 0;
        let alike = |bytes: &[u8]| text.iter().any(|byte| bytes.contains(byte));
        if alike(b"@") {
            return Self::Email;
        }
        if digits == 0 {
            return match letters {
                1 if matches!(text, b"M" | b"F" | b"U" | b"m" | b"f") => Self::Sex,
                2 if is_state(text) => Self::State,
                0 | 1 => Self::Other,
                _ => Self::words(text),
            };
        }
        if (5..=8).contains(&digits)
            && text.len() <= 20
            && let Some(date) = Date::parse(text)
        {
            let old = date.year.is_some_and(|year| year <= LAST_BIRTHDAY);
            return if old { Self::Birthday } else { Self::Date };
        }
        if letters == 0 {
            return match digits {
                5 if plain => Self::Zip,
                9 if plain => Self::NineDigits,
                9 if matches!(text, [_, _, _, b'-', _, _, b'-', ..]) => Self::Ssn,
                9 if text.get(5) == Some(&b'-') => Self::Zip,
                10 | 11 if !plain && !alike(b":") => Self::Phone,
                5.. if plain || dashed(text) => Self::Id,
                _ => Self::Other,
            };
        }
        let coded = rest <= 2 && !alike(b".: ");
        if coded && mbi(text)
            || coded && digits >= 8 && letters <= 4 && text.first().is_some_and(u8::is_ascii_uppercase)
        {
            Self::Member
        } else if coded && digits >= 5 && letters <= 4 {
            Self::Id
        } else if digits <= 6 && letters >= 3 && text.first().is_some_and(u8::is_ascii_digit) && alike(b" ") {
            Self::Street
        } else {
            Self::Other
        }
    }

    /// Letters that begin like names do: a few words, no sentence.
    fn words(text: &[u8]) -> Self {
        let named = |byte: &u8| {
            byte.is_ascii_alphabetic() || *byte >= 0x80 || matches!(byte, b' ' | b',' | b'.' | b'\'' | b'-')
        };
        let first = text.first().is_some_and(|byte| byte.is_ascii_uppercase() || *byte >= 0x80);
        let blanks = text.iter().filter(|byte| **byte == b' ').count();
        let known = WORDS.iter().any(|word| text.eq_ignore_ascii_case(word));
        if first && blanks <= 3 && text.len() <= 40 && !known && text.iter().all(named) {
            Self::Words
        } else {
            Self::Other
        }
    }

    /// How much a cell says for its row being a person's.
    pub(super) fn score(self) -> u32 {
        match self {
            Self::Ssn => 3,
            Self::Phone | Self::Email | Self::Member | Self::Sex | Self::NineDigits | Self::Street => 2,
            Self::Date | Self::Birthday | Self::Zip | Self::Id => 1,
            Self::Words | Self::State | Self::Other => 0,
        }
    }

    /// The key that says so to the rules. An address of e-mail has a shape of its own.
    pub(super) fn key(self) -> Option<&'static str> {
        Some(match self {
            Self::Words => "patient name",
            Self::Date | Self::Birthday => "date of birth",
            Self::Ssn => "ssn",
            Self::Phone => "phone number",
            Self::NineDigits | Self::Member => "policy number",
            Self::Id => "mrn",
            Self::Zip => "zip code",
            Self::Street => "street address",
            Self::Email | Self::State | Self::Sex | Self::Other => return None,
        })
    }
}

/// Digits in groups with dashes between.
fn dashed(text: &[u8]) -> bool {
    text.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-')
}

fn is_state(text: &[u8]) -> bool {
    STATES.chunks(3).any(|state| state.get(..2) == Some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_told_by_shape() {
        for (text, expected) in [
            ("Grigorescu", Cell::Words),
            ("Powell, Olga", Cell::Words),
            ("O'Brien-Smith", Cell::Words),
            ("INFO", Cell::Other),
            ("started", Cell::Other),
            ("NM", Cell::State),
            ("XX", Cell::Words),
            ("M", Cell::Sex),
            ("1998-05-22", Cell::Birthday),
            ("3/20/1975", Cell::Birthday),
            ("19741117", Cell::Birthday),
            ("2021-11-17", Cell::Date),
            ("2026-01-05T10:00:00Z", Cell::Other),
            ("024-90-1367", Cell::Ssn),
            ("949724600", Cell::NineDigits),
            ("860-759-5545", Cell::Phone),
            ("(512) 555-0142", Cell::Phone),
            ("penny.griffin@example.org", Cell::Email),
            ("53247807", Cell::Id),
            ("H1593231", Cell::Id),
            ("6NP7ND2HQ57", Cell::Member),
            ("UHI428634440", Cell::Member),
            ("80722", Cell::Zip),
            ("80722-1234", Cell::Zip),
            ("12 Oak Ln", Cell::Street),
            ("C50.911", Cell::Other),
            ("6123.95", Cell::Other),
            ("200", Cell::Other),
            ("10.0.0.12", Cell::Other),
            ("", Cell::Other),
        ] {
            assert_eq!(Cell::of(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn what_stands_before_a_row_is_no_part_of_it() {
        assert_eq!(lead(b"row 181 rejected: 6NP"), 18);
        assert_eq!(lead(b"value=\"Nelson"), 7);
        assert_eq!(lead(b"Nelson"), 0);
    }
}
