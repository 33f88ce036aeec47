//! Text in UTF-16, either end first: bytes that a Windows or Java program wrote, strings in which each second byte is
//! empty.

/// Decodes units whose lower byte comes first.
pub(super) fn decode_le(encoded: &[u8], limit: usize, out: &mut Vec<u8>) -> Option<()> {
    decode(encoded, u16::from_le_bytes, limit, out)
}

/// Decodes units whose higher byte comes first.
pub(super) fn decode_be(encoded: &[u8], limit: usize, out: &mut Vec<u8>) -> Option<()> {
    decode(encoded, u16::from_be_bytes, limit, out)
}

fn decode(encoded: &[u8], unit: fn([u8; 2]) -> u16, limit: usize, out: &mut Vec<u8>) -> Option<()> {
    let units = encoded.chunks_exact(2).filter_map(|pair| Some(unit(<[u8; 2]>::try_from(pair).ok()?)));
    for letter in char::decode_utf16(units) {
        if out.len() + 4 > limit {
            return None;
        }
        let letter = letter.unwrap_or(char::REPLACEMENT_CHARACTER);
        out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
    }
    Some(())
}

/// Encodes with the lower byte first.
pub(super) fn encode_le(_old: &[u8], text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    encode(text, u16::to_le_bytes, out)
}

/// Encodes with the higher byte first.
pub(super) fn encode_be(_old: &[u8], text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    encode(text, u16::to_be_bytes, out)
}

fn encode(text: &[u8], bytes: fn(u16) -> [u8; 2], out: &mut Vec<u8>) -> Option<()> {
    out.extend(std::str::from_utf8(text).ok()?.encode_utf16().flat_map(bytes));
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_come_first() {
        let text = "\u{feff}ssn 536-22-8147 \u{e9}\u{1f600}";
        let mut bytes = Vec::new();
        encode_le(b"", text.as_bytes(), &mut bytes).unwrap();
        let mut out = Vec::new();
        decode_le(&bytes, 1000, &mut out).unwrap();
        assert_eq!(out, text.as_bytes());
        let mut bytes = Vec::new();
        encode_be(b"", text.as_bytes(), &mut bytes).unwrap();
        let mut out = Vec::new();
        decode_be(&bytes, 1000, &mut out).unwrap();
        assert_eq!(out, text.as_bytes());
        assert_eq!(decode_be(&bytes, 10, &mut Vec::new()), None);
        let mut out = Vec::new();
        decode_le(b"5\0\x00\xd8-\0\x20", 100, &mut out).unwrap();
        assert_eq!(out, "5\u{fffd}-".as_bytes());
    }
}
