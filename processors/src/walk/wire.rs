//! Reading the protobuf wire format: varints, tags, the extent of a field.

use std::ops::Range;

/// How deep groups may nest before the framing counts as broken.
const GROUP_DEPTH: u32 = 32;

/// The framing is broken: what follows cannot be told apart from what came before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Byte offset in the message.
    pub offset: usize,
}

/// The encoding of a field's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireType {
    /// A number of one to ten bytes.
    Varint,
    /// Eight bytes.
    Fixed64,
    /// A length and as many bytes.
    Len,
    /// Fields up to an end tag: no longer in use, still to be skipped.
    Group,
    /// Four bytes.
    Fixed32,
}

/// One field on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The field number.
    pub number: u32,
    /// How the value is encoded.
    pub wire: WireType,
    /// Where the tag begins.
    pub start: usize,
    /// The value: for a length-delimited field what follows the length.
    pub value: Range<usize>,
}

/// Reads the varint at `at`; returns it and the offset behind it. At most ten bytes and 64 bits: readers differ about
/// more, and some refuse the whole request.
#[inline]
#[must_use]
pub fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let first = *bytes.get(at)?;
    if first < 0x80 {
        return Some((u64::from(first), at + 1));
    }
    long_varint(bytes, at)
}

fn long_varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for (index, byte) in bytes.get(at..)?.iter().take(10).enumerate() {
        if index == 9 && *byte > 1 {
            return None;
        }
        value |= u64::from(byte & 0x7F).checked_shl(u32::try_from(index).ok()? * 7).unwrap_or(0);
        if *byte < 0x80 {
            return Some((value, at + index + 1));
        }
    }
    None
}

/// Reads the field at `at` of a message that ends at `end`. The next field begins at `value.end` (for a group, behind
/// its end tag, which lies in `value`).
///
/// # Errors
/// If no field can be read: a broken tag, a length beyond the end, a group without an end.
#[inline]
pub fn field(bytes: &[u8], at: usize, end: usize) -> Result<Field, Malformed> {
    // Nearly all have a tag and a length of one byte each.
    if let Some(&[tag, len]) = bytes.get(at..).and_then(<[u8]>::first_chunk::<2>)
        && tag & 0x87 == 2
        && tag > 7
        && len < 0x80
    {
        let value = at + 2..at + 2 + usize::from(len);
        if value.end <= end {
            return Ok(Field { number: u32::from(tag >> 3), wire: WireType::Len, start: at, value });
        }
    }
    any_field(bytes, at, end)
}

fn any_field(bytes: &[u8], at: usize, end: usize) -> Result<Field, Malformed> {
    let broken = Malformed { offset: at };
    let (tag, next) = varint(bytes, at).ok_or(broken)?;
    let number = u32::try_from(tag >> 3).map_err(|_| broken)?;
    if number == 0 {
        return Err(broken);
    }
    let (wire, value) = match tag & 7 {
        0 => {
            let (_, after) = varint(bytes, next).ok_or(broken)?;
            (WireType::Varint, next..after)
        }
        1 => (WireType::Fixed64, next..next + 8),
        2 => {
            let (len, start) = varint(bytes, next).ok_or(broken)?;
            let len = usize::try_from(len).map_err(|_| broken)?;
            (WireType::Len, start..start.checked_add(len).ok_or(broken)?)
        }
        3 => (WireType::Group, next..group_end(bytes, next, end, number, GROUP_DEPTH)?),
        5 => (WireType::Fixed32, next..next + 4),
        _ => return Err(broken),
    };
    if value.end > end {
        return Err(broken);
    }
    Ok(Field { number, wire, start: at, value })
}

/// Finds the end of the group `number` that begins at `at`: the offset behind its end tag.
fn group_end(bytes: &[u8], mut at: usize, end: usize, number: u32, depth: u32) -> Result<usize, Malformed> {
    let broken = Malformed { offset: at };
    if depth == 0 {
        return Err(broken);
    }
    while at < end {
        let (tag, next) = varint(bytes, at).ok_or(broken)?;
        let inner = u32::try_from(tag >> 3).map_err(|_| broken)?;
        match tag & 7 {
            4 if inner == number => return Ok(next),
            3 => at = group_end(bytes, next, end, inner, depth - 1)?,
            _ => at = field(bytes, at, end)?.value.end,
        }
    }
    Err(broken)
}

/// Appends `value` as a varint.
pub fn put_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}

/// How many bytes `value` takes as a varint.
#[must_use]
pub fn varint_len(value: u64) -> usize {
    let bits = 64 - (value | 1).leading_zeros();
    bits.div_ceil(7) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn varints_read_what_was_written() {
        for value in [0, 1, 127, 128, 300, 16_383, 16_384, u64::from(u32::MAX), u64::MAX] {
            let mut out = Vec::new();
            put_varint(value, &mut out);
            assert_eq!(out.len(), varint_len(value), "{value}");
            assert_eq!(varint(&out, 0), Some((value, out.len())));
        }
        assert_eq!(varint(&[0x80; 11], 0), None);
        assert_eq!(varint(&[0x80], 0), None);
        let longest = |last| [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, last];
        assert_eq!(varint(&longest(1), 0), Some((u64::MAX, 10)));
        assert_eq!(varint(&longest(3), 0), None, "more than 64 bits");
        assert_eq!(varint(&[], 0), None);
    }

    #[test]
    fn fields_of_every_wire_type_have_an_extent() {
        let bytes = [0x08, 0x96, 0x01, 0x12, 0x02, 7, 7, 0x1B, 0x08, 1, 0x1C, 0x25, 0, 0, 0, 0];
        let mut at = 0;
        let mut seen = Vec::new();
        while at < bytes.len() {
            let field = field(&bytes, at, bytes.len()).unwrap();
            seen.push((field.number, field.wire, field.value.clone()));
            at = field.value.end;
        }
        assert_eq!(
            seen,
            vec![
                (1, WireType::Varint, 1..3),
                (2, WireType::Len, 5..7),
                (3, WireType::Group, 8..11),
                (4, WireType::Fixed32, 12..16)
            ]
        );
    }

    #[test]
    fn broken_framing_is_refused() {
        for bytes in
            [&[0x12, 5, 0][..], &[0x02, 0], &[0x0E, 0], &[0x0C], &[0x1B, 0x08, 1], &[0x09, 0], &[0x12, 0xFF, 0xFF]]
        {
            assert!(field(bytes, 0, bytes.len()).is_err(), "{bytes:?}");
        }
        assert!(field(&[0x1B; 100], 0, 100).is_err());
    }
}
