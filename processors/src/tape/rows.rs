//! Places in a row that are all set, one bit a place: only where so many of them end is kept.

use super::BLOCK;
use std::ops::Range;

/// The first row of at least `len` places between two others. `ends` has the places where so many in a row end.
#[inline]
pub(super) fn row(ends: &[u64], len: usize, from: usize, end: usize) -> Option<Range<usize>> {
    let least = from + len - 1;
    let mut block = least / BLOCK;
    let mut bits = ends.get(block)? & u64::MAX << (least % BLOCK);
    while bits == 0 {
        block += 1;
        if block * BLOCK >= end {
            return None;
        }
        bits = *ends.get(block)?;
    }
    let first = block * BLOCK + bits.trailing_zeros() as usize;
    if first >= end {
        return None;
    }
    let mut behind = !bits & u64::MAX << (first % BLOCK);
    while behind == 0 {
        block += 1;
        behind = !ends.get(block).copied().unwrap_or(0);
    }
    Some(first + 1 - len..end.min(block * BLOCK + behind.trailing_zeros() as usize))
}

/// Where 16 places in a row end that are all set, of the 64 behind `before`.
#[inline]
pub(super) fn rows_of_16(before: u64, bits: u64) -> u64 {
    let twos = rows(before, bits, 1);
    let fours = rows(twos.0, twos.1, 2);
    let eights = rows(fours.0, fours.1, 4);
    rows(eights.0, eights.1, 8).1
}

/// Where 14 places in a row end that are all set.
#[inline]
pub(super) fn rows_of_14(before: u64, bits: u64) -> u64 {
    let twos = rows(before, bits, 1);
    let fours = rows(twos.0, twos.1, 2);
    let eights = rows(fours.0, fours.1, 4);
    rows(eights.0, eights.1, 6).1
}

/// Where two rows end of which one begins so many places behind the other. (A row that begins before both words is none.)
#[inline]
fn rows(before: u64, bits: u64, behind: u32) -> (u64, u64) {
    (before & before << behind, bits & (bits << behind | before >> (u64::BITS - behind)))
}
