//! Packed text: gzip (RFC 1952) and zlib (RFC 1950). Decoded within a bound, packed again with what was replaced.

use flate2::{Compress, Compression, Crc, Decompress, FlushCompress, FlushDecompress, Status};

/// How much a packed text may grow, in times. Nothing that was packed for its content reaches this.
const MAX_RATIO: usize = 256;
/// What is made room for at a time, in bytes.
const STEP: usize = 8192;
/// The least a gzip header takes.
const GZIP_HEADER: usize = 10;

/// Unpacks gzip, all members of it. What is damaged is unpacked as far as it goes: so does every reader.
pub(super) fn decode_gzip(encoded: &[u8], limit: usize, out: &mut Vec<u8>) -> Option<()> {
    let limit = limit.min(encoded.len().saturating_mul(MAX_RATIO));
    let mut rest = encoded;
    while rest.starts_with(&[0x1f, 0x8b, 8]) {
        let Some(body) = gzip_header(rest).and_then(|header| rest.get(header..)) else { break };
        let read = inflate(body, false, limit, out)?;
        // Behind each member stand a checksum and a length.
        rest = body.get(read + 8..).unwrap_or(&[]);
    }
    Some(())
}

/// The length of a gzip header with what its flags announce.
fn gzip_header(member: &[u8]) -> Option<usize> {
    let flags = *member.get(3)?;
    let mut at = GZIP_HEADER;
    if flags & 4 != 0 {
        let &[low, high] = member.get(at..)?.first_chunk::<2>()?;
        at += 2 + usize::from(u16::from_le_bytes([low, high]));
    }
    for flag in [8, 16] {
        if flags & flag != 0 {
            at += memchr::memchr(0, member.get(at..)?)? + 1;
        }
    }
    Some(at + usize::from(flags & 2 != 0) * 2)
}

/// Unpacks zlib.
pub(super) fn decode_zlib(encoded: &[u8], limit: usize, out: &mut Vec<u8>) -> Option<()> {
    inflate(encoded, true, limit.min(encoded.len().saturating_mul(MAX_RATIO)), out).map(|_| ())
}

/// Inflates onto `out`; returns how much was read, `None` over the limit.
fn inflate(body: &[u8], header: bool, limit: usize, out: &mut Vec<u8>) -> Option<usize> {
    let mut state = Decompress::new(header);
    let mut read = 0;
    loop {
        let before = out.len();
        out.reserve(STEP);
        let status = state.decompress_vec(body.get(read..).unwrap_or(&[]), out, FlushDecompress::None);
        let total = usize::try_from(state.total_in()).unwrap_or(usize::MAX);
        if out.len() > limit {
            return None;
        }
        match status {
            Ok(Status::StreamEnd) => return Some(total),
            Ok(Status::Ok | Status::BufError) if total > read || out.len() > before => read = total,
            Ok(Status::Ok | Status::BufError) | Err(_) => return Some(body.len()),
        }
    }
}

/// Packs as gzip, without a name or a time.
pub(super) fn encode_gzip(_old: &[u8], text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    out.extend_from_slice(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
    deflate(text, false, out)?;
    let mut sum = Crc::new();
    sum.update(text);
    out.extend_from_slice(&sum.sum().to_le_bytes());
    out.extend_from_slice(&sum.amount().to_le_bytes());
    Some(())
}

/// Packs as zlib.
pub(super) fn encode_zlib(_old: &[u8], text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    deflate(text, true, out)
}

fn deflate(text: &[u8], header: bool, out: &mut Vec<u8>) -> Option<()> {
    let mut state = Compress::new(Compression::default(), header);
    loop {
        let read = usize::try_from(state.total_in()).ok()?;
        out.reserve(STEP);
        match state.compress_vec(text.get(read..)?, out, FlushCompress::Finish).ok()? {
            Status::StreamEnd => return Some(()),
            Status::Ok | Status::BufError => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &[u8] = b"{\"name\":\"Maria\",\"ssn\":\"536-22-8147\"}";

    #[test]
    fn what_was_packed_is_unpacked() {
        let mut packed = Vec::new();
        encode_gzip(b"", TEXT, &mut packed).unwrap();
        encode_gzip(b"", b" and more", &mut packed).unwrap();
        let mut out = Vec::new();
        decode_gzip(&packed, 1 << 20, &mut out).unwrap();
        assert_eq!(out, [TEXT, b" and more"].concat(), "all members");
        let mut packed = Vec::new();
        encode_zlib(b"", TEXT, &mut packed).unwrap();
        let mut out = Vec::new();
        decode_zlib(&packed, 1 << 20, &mut out).unwrap();
        assert_eq!(out, TEXT);
    }

    #[test]
    fn bombs_and_ruins_are_given_up() {
        let mut bomb = Vec::new();
        encode_gzip(b"", &vec![b' '; 4 << 20], &mut bomb).unwrap();
        assert_eq!(decode_gzip(&bomb, usize::MAX, &mut Vec::new()), None);
        let mut packed = Vec::new();
        encode_gzip(b"", TEXT, &mut packed).unwrap();
        assert_eq!(decode_gzip(&packed, 10, &mut Vec::new()), None, "over the limit");
        let mut out = Vec::new();
        decode_gzip(&packed[..packed.len() - 12], 1 << 20, &mut out).unwrap();
        assert!(TEXT.starts_with(&out) && out.len() > 8, "what breaks off is read as far as it goes");
        for len in 0..packed.len() {
            let _ = decode_gzip(&packed[..len], 1 << 20, &mut Vec::new());
            let _ = decode_zlib(&packed[..len], 1 << 20, &mut Vec::new());
        }
    }
}
