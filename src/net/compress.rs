//! Compression, out of and into bodies, with caps.

use super::Reserved;
use crate::settings::Compression;
use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use bytes::Bytes;
use flate2::bufread::{GzDecoder, MultiGzDecoder, ZlibDecoder};
use std::io::{self, Read};

/// How much is inflated between two looks at the caps.
const STEP: usize = 64 << 10;
/// The largest window a zstd frame may ask for: 8 MiB, which is what level 19 writes.
const ZSTD_WINDOW_LOG: u32 = 23;

/// How a body came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As it is.
    Identity,
    /// gzip.
    Gzip,
    /// zstd.
    Zstd,
    /// `deflate`: what HTTP calls so is a zlib stream.
    Deflate,
    /// brotli.
    Brotli,
}

impl Encoding {
    /// Reads the value of a `content-encoding` or `grpc-encoding` header; `None` if it is not taken here.
    #[must_use]
    pub fn parse(value: &[u8]) -> Option<Self> {
        let value = value.trim_ascii();
        let names = [
            (&b""[..], Self::Identity),
            (b"identity", Self::Identity),
            (b"gzip", Self::Gzip),
            (b"zstd", Self::Zstd),
            (b"deflate", Self::Deflate),
            (b"br", Self::Brotli),
        ];
        names.into_iter().find(|(name, _)| value.eq_ignore_ascii_case(name)).map(|(_, encoding)| encoding)
    }
}

/// Why a body was not inflated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InflateError {
    /// It is larger than allowed.
    TooLarge,
    /// There is no room for it now.
    NoRoom,
    /// It is not what its encoding says, or something follows it.
    Corrupt,
}

/// Inflates a body: all members of a gzip stream, all frames of a zstd stream. Costs CPU, not I/O.
///
/// # Errors
/// If more than `most` bytes come out, if there is no room for them, or if the stream is damaged, cut, or followed by
/// anything that is not another member.
pub fn inflate(encoding: Encoding, body: Bytes, most: usize, reserved: &mut Reserved) -> Result<Bytes, InflateError> {
    match encoding {
        Encoding::Identity if body.len() > most => Err(InflateError::TooLarge),
        Encoding::Identity => Ok(body),
        // An empty body is an empty request, whatever it claims to be.
        Encoding::Gzip | Encoding::Zstd | Encoding::Deflate | Encoding::Brotli if body.is_empty() => Ok(body),
        Encoding::Gzip => drain(MultiGzDecoder::new(&body[..]), body.len(), most, reserved),
        Encoding::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(&body[..]).map_err(|_| InflateError::NoRoom)?;
            decoder.window_log_max(ZSTD_WINDOW_LOG).map_err(|_| InflateError::NoRoom)?;
            drain(decoder, body.len(), most, reserved)
        }
        Encoding::Deflate => {
            let mut decoder = ZlibDecoder::new(&body[..]);
            let out = drain(&mut decoder, body.len(), most, reserved)?;
            if decoder.into_inner().is_empty() { Ok(out) } else { Err(InflateError::Corrupt) }
        }
        Encoding::Brotli => drain(Brotli::new(&body), body.len() + Brotli::window(&body), most, reserved),
    }
}

/// The first bytes of what a body holds, `most` of them if there are so many; `None` if it is damaged before that.
#[must_use]
pub fn head(encoding: Encoding, body: &[u8], most: u64) -> Option<Vec<u8>> {
    let mut head = Vec::new();
    match encoding {
        Encoding::Identity => body.take(most).read_to_end(&mut head).ok()?,
        Encoding::Gzip => GzDecoder::new(body).take(most).read_to_end(&mut head).ok()?,
        Encoding::Zstd => {
            let mut decoder = zstd::stream::read::Decoder::with_buffer(body).ok()?;
            decoder.window_log_max(ZSTD_WINDOW_LOG).ok()?;
            decoder.take(most).read_to_end(&mut head).ok()?
        }
        Encoding::Deflate => ZlibDecoder::new(body).take(most).read_to_end(&mut head).ok()?,
        Encoding::Brotli => Brotli::new(body).take(most).read_to_end(&mut head).ok()?,
    };
    Some(head)
}

/// A brotli stream that is all there: one that wants more is cut.
struct Brotli<'b> {
    state: Box<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>,
    body: &'b [u8],
    /// How many bytes have been read, and how many are left.
    at: usize,
    left: usize,
    ended: bool,
}

impl<'b> Brotli<'b> {
    fn new(body: &'b [u8]) -> Self {
        let alloc = StandardAlloc::default;
        // Strict: windows beyond those of RFC 7932 are refused.
        let state = Box::new(BrotliState::new_strict(alloc(), alloc(), alloc()));
        Self { state, body, at: 0, left: body.len(), ended: false }
    }

    /// How many bytes the window of a stream takes (RFC 7932, 9.1): 16 MiB at most.
    fn window(body: &[u8]) -> usize {
        let first = body.first().copied().unwrap_or(0);
        let bits = match (first & 1, first >> 1 & 7, first >> 4 & 7) {
            (0, _, _) => 16,
            (_, 0, 0) => 17,
            (_, 0, more) => 8 + more,
            (_, bits, _) => 17 + bits,
        };
        1 << bits
    }
}

impl Read for Brotli<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.ended || out.is_empty() {
            return Ok(0);
        }
        let (mut room, mut written, mut total) = (out.len(), 0, 0);
        let result = BrotliDecompressStream(
            &mut self.left,
            &mut self.at,
            self.body,
            &mut room,
            &mut written,
            out,
            &mut total,
            &mut self.state,
        );
        match result {
            BrotliResult::NeedsMoreOutput => Ok(written),
            BrotliResult::NeedsMoreInput if written > 0 => Ok(written),
            BrotliResult::ResultSuccess if self.left == 0 => {
                self.ended = true;
                Ok(written)
            }
            BrotliResult::NeedsMoreInput | BrotliResult::ResultSuccess | BrotliResult::ResultFailure => {
                Err(io::ErrorKind::InvalidData.into())
            }
        }
    }
}

fn drain(mut from: impl Read, held: usize, most: usize, reserved: &mut Reserved) -> Result<Bytes, InflateError> {
    let mut out = Vec::new();
    loop {
        let step = STEP.max(out.len() / 2).min(most + 1 - out.len());
        if !reserved.grow_to(held + out.len() + step) {
            return Err(InflateError::NoRoom);
        }
        // No more than is reserved: a vector left to itself takes twice as much.
        out.reserve_exact(step);
        let read = (&mut from).take(step as u64).read_to_end(&mut out).map_err(|_| InflateError::Corrupt)?;
        if out.len() > most {
            return Err(InflateError::TooLarge);
        }
        if read < step {
            // It may lie in a queue for long, as it is.
            out.shrink_to_fit();
            return Ok(out.into());
        }
    }
}

/// Compresses a body. Costs CPU, not I/O.
///
/// # Errors
/// If the compressor has no memory.
pub fn compress(compression: Compression, body: &Bytes) -> io::Result<Bytes> {
    match compression {
        Compression::None => Ok(body.clone()),
        Compression::Gzip => {
            let mut out = Vec::with_capacity(body.len() / 4 + 64);
            flate2::bufread::GzEncoder::new(&body[..], flate2::Compression::fast()).read_to_end(&mut out)?;
            Ok(out.into())
        }
        Compression::Zstd => Ok(zstd::bulk::compress(body, 1)?.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Budget;

    fn gzip(text: &[u8]) -> Vec<u8> {
        compress(Compression::Gzip, &Bytes::copy_from_slice(text)).unwrap().to_vec()
    }

    fn zstd(text: &[u8]) -> Vec<u8> {
        compress(Compression::Zstd, &Bytes::copy_from_slice(text)).unwrap().to_vec()
    }

    fn deflate(text: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        flate2::bufread::ZlibEncoder::new(text, flate2::Compression::fast()).read_to_end(&mut out).unwrap();
        out
    }

    fn brotli(text: &[u8], window: i32) -> Vec<u8> {
        let params = brotli::enc::BrotliEncoderParams { lgwin: window, quality: 5, ..Default::default() };
        let mut out = Vec::new();
        brotli::BrotliCompress(&mut &text[..], &mut out, &params).unwrap();
        out
    }

    fn open(encoding: Encoding, body: Vec<u8>, most: usize) -> Result<Bytes, InflateError> {
        inflate(encoding, body.into(), most, &mut Budget::new(1 << 20).open())
    }

    #[test]
    fn streams_of_several_parts_are_read_to_the_end() {
        for (encoding, parts) in
            [(Encoding::Gzip, [gzip(b"one "), gzip(b"two")]), (Encoding::Zstd, [zstd(b"one "), zstd(b"two")])]
        {
            assert_eq!(&open(encoding, parts.concat(), 7).unwrap()[..], b"one two");
            assert_eq!(open(encoding, parts.concat(), 6), Err(InflateError::TooLarge));
        }
        assert_eq!(&open(Encoding::Identity, b"as it is".to_vec(), 8).unwrap()[..], b"as it is");
        assert_eq!(open(Encoding::Identity, b"as it is".to_vec(), 7), Err(InflateError::TooLarge));
        assert_eq!(open(Encoding::Gzip, Vec::new(), 7), Ok(Bytes::new()));
    }

    #[test]
    fn damage_and_what_follows_a_stream_are_refused() {
        for (encoding, whole) in [
            (Encoding::Gzip, gzip(b"some text")),
            (Encoding::Zstd, zstd(b"some text")),
            (Encoding::Deflate, deflate(b"some text")),
            (Encoding::Brotli, brotli(b"some text", 18)),
        ] {
            assert_eq!(&open(encoding, whole.clone(), 100).unwrap()[..], b"some text");
            assert_eq!(head(encoding, &whole, 4).unwrap(), b"some");
            for cut in 1..whole.len() {
                assert_eq!(open(encoding, whole[..cut].to_vec(), 100), Err(InflateError::Corrupt), "{cut}");
            }
            for tail in [&b"x"[..], b"garbage behind the stream", b"\x1f", b"\0"] {
                assert_eq!(open(encoding, [&whole[..], tail].concat(), 100), Err(InflateError::Corrupt), "{tail:?}");
            }
            assert_eq!(open(encoding, b"not compressed at all".to_vec(), 100), Err(InflateError::Corrupt));
        }
    }

    #[test]
    fn a_bomb_is_stopped_at_the_cap_and_by_the_budget() {
        let zeros = vec![0; 64 << 20];
        for (encoding, bomb) in [
            (Encoding::Gzip, gzip(&zeros)),
            (Encoding::Zstd, zstd(&zeros)),
            (Encoding::Deflate, deflate(&zeros)),
            (Encoding::Brotli, brotli(&zeros, 18)),
        ] {
            assert!(bomb.len() < 1 << 20);
            assert_eq!(open(encoding, bomb.clone(), 300_000), Err(InflateError::TooLarge));
            assert_eq!(open(encoding, bomb, 64 << 20), Err(InflateError::NoRoom));
        }
    }

    #[test]
    fn a_zstd_window_is_limited() {
        let mut encoder = zstd::stream::Encoder::new(Vec::new(), 1).unwrap();
        encoder.window_log(27).unwrap();
        encoder.include_contentsize(false).unwrap();
        std::io::Write::write_all(&mut encoder, &vec![7; 1 << 20]).unwrap();
        assert_eq!(open(Encoding::Zstd, encoder.finish().unwrap(), 2 << 20), Err(InflateError::Corrupt));
    }

    #[test]
    fn a_brotli_window_is_reserved_and_limited() {
        assert_eq!(
            [16, 17, 18, 22, 24].map(|bits| Brotli::window(&brotli(b"x", bits))),
            [16, 17, 18, 22, 24].map(|bits| 1 << bits)
        );
        assert_eq!(open(Encoding::Brotli, brotli(b"some text", 22), 100), Err(InflateError::NoRoom));
        let large = brotli::enc::BrotliEncoderParams { lgwin: 28, large_window: true, ..Default::default() };
        let mut out = Vec::new();
        brotli::BrotliCompress(&mut &b"some text"[..], &mut out, &large).unwrap();
        assert!(open(Encoding::Brotli, out, 100).is_err());
    }

    #[test]
    fn encodings_are_named_in_either_case() {
        assert_eq!(Encoding::parse(b" GZIP "), Some(Encoding::Gzip));
        assert_eq!(Encoding::parse(b""), Some(Encoding::Identity));
        assert_eq!(
            (Encoding::parse(b"br"), Encoding::parse(b"Deflate")),
            (Some(Encoding::Brotli), Some(Encoding::Deflate))
        );
        for other in [&b"compress"[..], b"gzip, gzip", b"snappy", b"\xff"] {
            assert_eq!(Encoding::parse(other), None);
        }
    }
}
