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

/// Which of these bytes are among the signs, one bit a byte.
#[inline]
fn among<const N: usize>(bytes: &[u8; LANES], signs: [u8; N]) -> u32 {
    let bytes = u8x16::new(*bytes);
    signs.iter().fold(u8x16::ZERO, |all, sign| all | bytes.simd_eq(u8x16::splat(*sign))).to_bitmask()
}

#[cfg(test)]
mod tests {
    use super::*;

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
