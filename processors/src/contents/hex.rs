//! Text in hexadecimal digits: in one run, `0x..`, in pairs with blanks, colons or `0x` between them.

/// Stands for a byte that is no digit.
const NONE: u8 = 0xff;

/// What each digit stands for.
const VALUES: [u8; 256] = {
    let mut values = [NONE; 256];
    let mut value = 0;
    while value < 16 {
        #[expect(clippy::indexing_slicing, reason = "in a constant: out of bounds does not compile")]
        {
            let digit = b"0123456789abcdef"[value as usize];
            values[digit as usize] = value;
            values[digit.to_ascii_uppercase() as usize] = value;
        }
        value += 1;
    }
    values
};

#[inline]
fn value(byte: u8) -> u8 {
    VALUES.get(usize::from(byte)).copied().unwrap_or(NONE)
}

/// The value of a digit.
#[inline]
pub(super) fn digit(byte: u8) -> Option<u8> {
    Some(value(byte)).filter(|value| *value != NONE)
}

/// Whether a byte is a digit.
#[inline]
pub(super) fn is_digit(byte: u8) -> bool {
    value(byte) != NONE
}

/// The byte that the two digits at `at` stand for.
#[inline]
pub(super) fn pair(text: &[u8], at: usize) -> Option<u8> {
    let &[high, low] = text.get(at..)?.first_chunk::<2>()?;
    let (high, low) = (value(high), value(low));
    ((high | low) < 16).then_some(high << 4 | low)
}

/// Decodes up to `limit` bytes; what stands between pairs is passed over.
pub(super) fn decode(encoded: &[u8], limit: usize, out: &mut Vec<u8>) -> Option<()> {
    let mut at = 0;
    while at < encoded.len() {
        if let Some(byte) = pair(encoded, at) {
            if out.len() >= limit {
                return None;
            }
            out.push(byte);
            at += 2;
        } else {
            // A prefix is no pair either, nor is its second half.
            at += 1;
        }
    }
    Some(())
}

/// Encodes `text` as `old` is encoded: its case, and what stands between its pairs.
pub(super) fn encode(old: &[u8], text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let upper = old.iter().any(|byte| matches!(byte, b'A'..=b'F'));
    let first = usize::from(matches!(old.get(..2), Some(b"0x" | b"0X"))) * 2;
    let between = old.get(first + 2..)?;
    let len = (0..between.len())
        .find(|at| pair(between, *at).is_some() && !matches!(between.get(*at..at + 2), Some(b"0x" | b"0X")));
    let between = between.get(..len.unwrap_or(0))?;
    out.extend_from_slice(old.get(..first)?);
    for (index, byte) in text.iter().enumerate() {
        if index > 0 {
            out.extend_from_slice(between);
        }
        for digit in [byte >> 4, byte & 15] {
            let digit = char::from_digit(u32::from(digit), 16)?;
            let digit = if upper { digit.to_ascii_uppercase() } else { digit };
            out.push(u8::try_from(digit).ok()?);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_of_writing_pairs_is_read_and_written() {
        for (encoded, text, other) in [
            ("3533362d", "536-", "41422d"),
            ("3533362D", "536-", "41422D"),
            ("0x3533362d", "536-", "0x41422d"),
            ("35 33 36 2d", "536-", "41 42 2d"),
            ("35:33:36:2D", "536-", "41:42:2D"),
            ("0x35, 0x33, 0x36, 0x2d", "536-", "0x41, 0x42, 0x2d"),
            ("0x35,0x33,0x36,0x2d", "536-", "0x41,0x42,0x2d"),
        ] {
            let mut out = Vec::new();
            decode(encoded.as_bytes(), 100, &mut out).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), text, "{encoded}");
            let mut out = Vec::new();
            encode(encoded.as_bytes(), b"AB-", &mut out).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), other, "{encoded}");
        }
        assert_eq!(decode(b"353336", 2, &mut Vec::new()), None);
    }
}
