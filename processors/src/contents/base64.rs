//! Base64 in both alphabets, padded or not, in one line or in lines (RFC 4648, RFC 2045).
//!
//! Letters stand for parts of bytes, so a replacement shifts all that follow: the whole is written anew, in the alphabet,
//! with the padding and in lines of the length that it had.

/// Stands for a byte that is no letter of base64.
const NONE: u8 = 0xff;

/// What each letter stands for, in both alphabets.
const VALUES: [u8; 256] = {
    let mut values = [NONE; 256];
    let mut value = 0;
    while value < 64 {
        #[expect(clippy::indexing_slicing, clippy::cast_possible_truncation, reason = "in a constant")]
        {
            values[STANDARD[value] as usize] = value as u8;
            values[URL[value] as usize] = value as u8;
        }
        value += 1;
    }
    values
};

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Whether a byte is a letter of base64, of either alphabet.
#[inline]
pub(super) fn is_letter(byte: u8) -> bool {
    value(byte) != NONE
}

#[inline]
fn value(byte: u8) -> u8 {
    VALUES.get(usize::from(byte)).copied().unwrap_or(NONE)
}

/// The three bytes that the four letters at the beginning stand for.
#[inline]
pub(super) fn group(letters: &[u8]) -> Option<[u8; 3]> {
    let &[a, b, c, d] = letters.first_chunk::<4>()?;
    let (a, b, c, d) = (value(a), value(b), value(c), value(d));
    ((a | b | c | d) < 64).then_some([a << 2 | b >> 4, b << 4 | c >> 2, c << 6 | d])
}

/// Decodes up to `limit` bytes. Line breaks and blanks are passed over; what else is no letter ends it.
pub(super) fn decode(encoded: &[u8], limit: usize, out: &mut Vec<u8>) -> Option<()> {
    let mut rest = encoded;
    let (mut bits, mut held) = (0u32, 0u32);
    loop {
        // Whole groups first: nothing is held.
        while let Some(bytes) = Some(rest).filter(|_| held == 0).and_then(group) {
            if out.len() + 3 > limit {
                return None;
            }
            out.extend_from_slice(&bytes);
            rest = rest.get(4..).unwrap_or(&[]);
        }
        let Some((first, behind)) = rest.split_first() else { return Some(()) };
        rest = behind;
        let six = value(*first);
        if six == NONE {
            if matches!(first, b'\n' | b'\r' | b' ' | b'\t') {
                continue;
            }
            return Some(());
        }
        bits = bits << 6 | u32::from(six);
        held += 6;
        if held >= 8 {
            held -= 8;
            if out.len() >= limit {
                return None;
            }
            out.push(u8::try_from(bits >> held & 0xff).unwrap_or(0));
            bits &= (1 << held) - 1;
        }
    }
}

/// Encodes `text` as `old` is encoded.
pub(super) fn encode(old: &[u8], text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    let url = old.iter().any(|byte| matches!(byte, b'-' | b'_'));
    let padded = old.trim_ascii_end().ends_with(b"=");
    let letters = old.iter().filter(|byte| is_letter(**byte)).count();
    // Unpadded ones are for URLs, whatever letters they happen to hold.
    let alphabet = if url || !padded && !letters.is_multiple_of(4) { URL } else { STANDARD };
    // Whether a whole number of groups is padded cannot be told. Text filled up with spaces need not be.
    let fills = !padded && letters.is_multiple_of(4) && !text.contains(&0) && std::str::from_utf8(text).is_ok();
    let pads = padded || letters.is_multiple_of(4) && !url;
    let mut line = Lines::of(old);
    for chunk in text.chunks(3) {
        let mut bytes = [0; 3];
        for (slot, byte) in bytes.iter_mut().zip(chunk) {
            *slot = *byte;
        }
        let mut count = chunk.len() + 1;
        if count < 4 && fills {
            for slot in bytes.iter_mut().skip(chunk.len()) {
                *slot = b' ';
            }
            count = 4;
        }
        let [a, b, c] = bytes;
        let sixes = [a >> 2, a << 4 & 0x30 | b >> 4, b << 2 & 0x3c | c >> 6, c & 0x3f];
        for (index, six) in sixes.into_iter().enumerate() {
            if index < count {
                line.put(*alphabet.get(usize::from(six))?, out);
            } else if pads {
                line.put(b'=', out);
            }
        }
    }
    Some(())
}

/// Decodes what is no text, or not all of it.
pub(super) fn decode_bytes(encoded: &[u8], limit: usize, out: &mut Vec<u8>) -> Option<()> {
    decode(encoded, limit, out)
}

/// Nobody knows what else of such bytes would have to change along: only a marker can stand in their place.
pub(super) fn encode_bytes(_old: &[u8], _text: &[u8], _out: &mut Vec<u8>) -> Option<()> {
    None
}

/// How base64 is broken into lines.
struct Lines<'o> {
    width: usize,
    /// What stands between two lines; nothing for one line.
    between: &'o [u8],
    /// The letters in the present line.
    filled: usize,
}

impl<'o> Lines<'o> {
    fn of(old: &'o [u8]) -> Self {
        let breaks = |byte: &u8| matches!(byte, b'\n' | b'\r' | b' ' | b'\t');
        let width = old.iter().position(breaks).unwrap_or(old.len());
        let rest = old.get(width..).unwrap_or(&[]);
        let len = rest.iter().position(|byte| !breaks(byte)).unwrap_or(0);
        Self { width, between: rest.get(..len).unwrap_or(&[]), filled: 0 }
    }

    fn put(&mut self, letter: u8, out: &mut Vec<u8>) {
        if self.filled == self.width && !self.between.is_empty() {
            out.extend_from_slice(self.between);
            self.filled = 0;
        }
        out.push(letter);
        self.filled += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(encoded: &str) -> Vec<u8> {
        let mut out = Vec::new();
        decode(encoded.as_bytes(), 1 << 20, &mut out).unwrap();
        out
    }

    fn encoded(old: &str, text: &str) -> String {
        let mut out = Vec::new();
        encode(old.as_bytes(), text.as_bytes(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn both_alphabets_decode_with_and_without_padding_and_lines() {
        for text in
            ["eyJhIjoiYj8-In0", "eyJhIjoiYj8+In0=", "eyJhIjoi\nYj8+In0=", "eyJ\r\n hIjoiYj8+In0", "eyJhIjoiYj8+In0==="]
        {
            assert_eq!(decoded(text), b"{\"a\":\"b?>\"}", "{text}");
        }
        assert_eq!(decoded("YQ"), b"a");
        assert_eq!(decoded("YWI="), b"ab");
        assert_eq!(decoded(""), b"");
        let mut out = Vec::new();
        assert_eq!(decode(b"YWJjZGVm", 5, &mut out), None, "no more than the limit");
    }

    #[test]
    fn what_is_written_anew_looks_as_it_did() {
        assert_eq!(encoded("YWI=", "abcd"), "YWJjZA==");
        assert_eq!(encoded("YWI", "abcd"), "YWJjZA");
        assert_eq!(encoded("YWJj", "abcd"), "YWJjZCAg", "padded or not, this is read");
        assert_eq!(encoded("YWJj-", "ab>"), "YWI-");
        assert_eq!(encoded("YWJjYWJjYQ==", "ab>"), "YWI+");
        assert_eq!(encoded("YWJj\r\nYWJj\r\nYQ==", "abcdefgh"), "YWJj\r\nZGVm\r\nZ2g=");
    }
}
