//! Where the next of a few signs stands. They stand close to each other, or the text is short: then sixteen bytes at a time
//! cost less than a call that sets out to read far.

use wide::u8x16;

/// How many bytes are looked at at a time.
const LANES: usize = 16;

/// The first place from `at` on that holds one of these signs.
#[inline]
pub(super) fn next<const N: usize>(text: &[u8], at: usize, signs: [u8; N]) -> Option<usize> {
    let mut from = at;
    let mut rest = text.get(from..)?;
    while let Some((bytes, behind)) = rest.split_first_chunk::<LANES>() {
        let hits = among(bytes, signs);
        if hits != 0 {
            return Some(from + hits.trailing_zeros() as usize);
        }
        from += LANES;
        rest = behind;
    }
    if rest.is_empty() {
        return None;
    }
    let Some(last) = text.last_chunk::<LANES>() else {
        return rest.iter().position(|byte| signs.contains(byte)).map(|offset| from + offset);
    };
    // The last bytes once more, but for those that were looked at.
    let start = text.len() - LANES;
    let hits = among(last, signs) >> (from - start);
    (hits != 0).then(|| from + hits.trailing_zeros() as usize)
}

/// The first place from `at` on that holds one of two bytes with `second` behind it.
#[inline]
pub(super) fn pair(text: &[u8], at: usize, firsts: [u8; 2], second: u8) -> Option<usize> {
    let mut from = at;
    loop {
        let rest = text.get(from..)?;
        let (Some(here), Some(behind)) = (rest.first_chunk::<LANES>(), rest.get(1..).and_then(<[u8]>::first_chunk))
        else {
            let is = |pair: &[u8]| matches!(pair, [first, next] if firsts.contains(first) && *next == second);
            return rest.windows(2).position(is).map(|offset| from + offset);
        };
        let hits = among(here, firsts) & among(behind, [second]);
        if hits != 0 {
            return Some(from + hits.trailing_zeros() as usize);
        }
        from += LANES;
    }
}

/// Which of these bytes are among the signs, one bit a byte.
#[inline]
fn among<const N: usize>(bytes: &[u8; LANES], signs: [u8; N]) -> u32 {
    let bytes = u8x16::new(*bytes);
    signs.iter().fold(u8x16::ZERO, |all, sign| all | bytes.simd_eq(u8x16::splat(*sign))).to_bitmask()
}

/// Where the letters and digits end that begin at `at`.
#[inline]
pub(super) fn word_end(text: &[u8], at: usize) -> usize {
    let mut from = at;
    while let Some(bytes) = text.get(from..).and_then(<[u8]>::first_chunk::<LANES>) {
        let bytes = u8x16::new(*bytes);
        let count = leading(in_row(bytes, b'0', 10) | in_row(bytes | u8x16::splat(0x20), b'a', 26));
        from += count;
        if count < LANES {
            return from;
        }
    }
    from + text.get(from..).unwrap_or(&[]).iter().take_while(|byte| byte.is_ascii_alphanumeric()).count()
}

/// How many hexadecimal digits stand at `at`; no more than [`MAX_DIGITS`] are counted.
#[inline]
pub(super) fn digits(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or(&[]);
    let Some(bytes) = rest.first_chunk::<LANES>() else {
        return rest.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    };
    let bytes = u8x16::new(*bytes);
    let count = leading(in_row(bytes, b'0', 10) | in_row(bytes | u8x16::splat(0x20), b'a', 6));
    count + usize::from(count == LANES && rest.get(LANES).is_some_and(u8::is_ascii_hexdigit))
}

/// One more than there are lanes.
pub(super) const MAX_DIGITS: usize = LANES + 1;

/// Where one of the `count` bytes from `low` on stands.
#[inline]
fn in_row(bytes: u8x16, low: u8, count: u8) -> u8x16 {
    let offset = bytes - u8x16::splat(low);
    offset.min(u8x16::splat(count - 1)).simd_eq(offset)
}

/// How many lanes from the first on are set.
#[inline]
fn leading(lanes: u8x16) -> usize {
    (lanes.to_bitmask().trailing_ones() as usize).min(LANES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_end_where_they_end() {
        for len in 0..50 {
            for behind in ["", "g", "/", "-and more than sixteen bytes"] {
                let text = format!("/{}{behind}", "9aF0".repeat(13).get(..len).unwrap());
                let word = if behind == "g" { len + 2 } else { len + 1 };
                assert_eq!(word_end(text.as_bytes(), 1), word, "{text}");
                assert_eq!(digits(text.as_bytes(), 1), len.min(MAX_DIGITS), "{text}");
            }
        }
        assert_eq!((word_end(b"", 3), digits(b"", 3)), (3, 0));
    }

    #[test]
    fn pairs_are_found_wherever_they_stand() {
        for len in 2..70 {
            for at in 0..len - 1 {
                let mut text = vec![b'o'; len];
                *text.get_mut(at + 1).unwrap() = b' ';
                assert_eq!(pair(&text, 0, [b'O', b'o'], b' '), Some(at), "{len} {at}");
                assert_eq!(pair(&text, at + 1, [b'O', b'o'], b' '), None, "{len} {at}");
            }
        }
    }

    #[test]
    fn signs_are_found_wherever_they_stand() {
        for len in 0..70 {
            let mut text = vec![b'.'; len];
            for at in 0..len {
                assert_eq!(next(&text, at, [b'=', b'/']), None);
                *text.get_mut(at).unwrap() = b'/';
                for from in 0..len + 2 {
                    let expected = (from..len).find(|place| text.get(*place) == Some(&b'/'));
                    assert_eq!(next(&text, from, [b'=', b'/']), expected, "{len} {at} {from}");
                }
                *text.get_mut(at).unwrap() = b'.';
            }
        }
    }
}
