//! Numbers with units.

use super::Notes;
use bytesize::ByteSize;
use processors::document::{Fields, Node};
use std::ops::RangeInclusive;
use std::time::Duration;

/// Takes a duration like `300ms`, `5s` or `1m30s`. Zero is a mistake.
pub fn duration(fields: &mut Fields<'_>, key: &'static str, notes: &mut Notes) -> Option<Duration> {
    let node = fields.take(key)?;
    duration_of(fields.file(), key, node, notes)
}

/// Reads the duration of a node that has been taken.
pub(super) fn duration_of(file: &str, key: &str, node: &Node, notes: &mut Notes) -> Option<Duration> {
    let parsed = node.text().and_then(|text| humantime::parse_duration(text).ok());
    match parsed {
        Some(duration) if !duration.is_zero() => Some(duration),
        Some(_) | None => {
            notes.mistake(file, node.at, format!("`{key}` takes a duration above zero, like 300ms, 5s or 1m30s"));
            None
        }
    }
}

/// Takes a size like `4MiB`, `500kB` or a plain number of bytes. Zero is a mistake.
pub fn bytes(fields: &mut Fields<'_>, key: &'static str, notes: &mut Notes) -> Option<usize> {
    let node = fields.take(key)?;
    let parsed = node.text().and_then(|text| text.parse::<ByteSize>().ok());
    match parsed.and_then(|size| usize::try_from(size.as_u64()).ok()) {
        Some(size) if size > 0 => Some(size),
        Some(_) | None => {
            notes.mistake(fields.file(), node.at, format!("`{key}` takes a size above zero, like 4MiB or 65536"));
            None
        }
    }
}

/// Takes a number within `range`.
pub fn number<N>(fields: &mut Fields<'_>, key: &'static str, range: RangeInclusive<N>, notes: &mut Notes) -> Option<N>
where
    N: std::str::FromStr + PartialOrd + std::fmt::Display,
{
    let node = fields.take(key)?;
    match node.text().and_then(|text| text.parse().ok()) {
        Some(number) if range.contains(&number) => Some(number),
        Some(_) | None => {
            let message = format!("`{key}` takes a number from {} to {}", range.start(), range.end());
            notes.mistake(fields.file(), node.at, message);
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_read_and_nonsense_is_noted() {
        let node = Node::parse("f", "a: 1m30s\nb: 4MiB\nc: 0s\nd: lots\ne: 7\nf: 8\ng: [1]\nh: 300ms\n").unwrap();
        let mut notes = Notes::default();
        let mut fields = Fields::open("f", &node, &mut notes.mistakes);
        assert_eq!(duration(&mut fields, "a", &mut notes), Some(Duration::from_secs(90)));
        assert_eq!(bytes(&mut fields, "b", &mut notes), Some(4 << 20));
        assert_eq!(duration(&mut fields, "c", &mut notes), None);
        assert_eq!(bytes(&mut fields, "d", &mut notes), None);
        assert_eq!(number(&mut fields, "e", 1..=7usize, &mut notes), Some(7));
        assert_eq!(number(&mut fields, "f", 1..=7usize, &mut notes), None);
        assert_eq!(bytes(&mut fields, "g", &mut notes), None);
        assert_eq!(duration(&mut fields, "h", &mut notes), Some(Duration::from_millis(300)));
        assert_eq!(duration(&mut fields, "none", &mut notes), None);
        let lines: Vec<usize> = notes.mistakes.sorted().iter().map(|mistake| mistake.at.line).collect();
        assert_eq!(lines, vec![3, 4, 6, 7]);
    }
}
