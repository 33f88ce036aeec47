//! The inside of a JSON string.

use super::coding::Sink;

/// Decodes the inside of a JSON string. What is no escape stands for itself.
pub(super) fn decode_string(encoded: &[u8], sink: &mut Sink<'_>) {
    let mut at = 0;
    while let Some(byte) = encoded.get(at) {
        if *byte != b'\\' {
            sink(*byte, at..at + 1);
            at += 1;
            continue;
        }
        let simple = match encoded.get(at + 1) {
            Some(b'n') => Some(b'\n'),
            Some(b't') => Some(b'\t'),
            Some(b'r') => Some(b'\r'),
            Some(b'b') => Some(8),
            Some(b'f') => Some(12),
            Some(other @ (b'"' | b'\\' | b'/')) => Some(*other),
            _ => None,
        };
        if let Some(decoded) = simple {
            sink(decoded, at..at + 2);
            at += 2;
        } else if let Some((char, len)) = unicode(encoded, at) {
            let mut utf8 = [0; 4];
            for decoded in char.encode_utf8(&mut utf8).bytes() {
                sink(decoded, at..at + len);
            }
            at += len;
        } else {
            sink(b'\\', at..at + 1);
            at += 1;
        }
    }
}

/// Reads `\u0041`, or a pair of surrogates; returns the character and the length of what it was written as.
fn unicode(encoded: &[u8], at: usize) -> Option<(char, usize)> {
    let unit = |at: usize| -> Option<u32> {
        let [b'\\', b'u', digits @ ..] = encoded.get(at..at + 6)? else { return None };
        digits.iter().try_fold(0, |unit, digit| Some(unit * 16 + char::from(*digit).to_digit(16)?))
    };
    let first = unit(at)?;
    if let Some(char) = char::from_u32(first) {
        return Some((char, 6));
    }
    match unit(at + 6) {
        Some(second @ 0xDC00..=0xDFFF) if first < 0xDC00 => {
            let code = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
            Some((char::from_u32(code)?, 12))
        }
        _ => Some((char::REPLACEMENT_CHARACTER, 6)),
    }
}

/// Escapes what may not stand plainly in a JSON string.
pub(super) fn encode_string(text: &str, out: &mut String) {
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            control if u32::from(control) < 0x20 => {
                out.push_str("\\u00");
                out.extend(char::from_digit(u32::from(control) >> 4, 16));
                out.extend(char::from_digit(u32::from(control) & 15, 16));
            }
            other => out.push(other),
        }
    }
}
