//! Spells a pattern out as the texts it matches, where they are few.
//!
//! Thousands of plain texts cost vectorscan less than a hundred alternations with gaps: it finds texts by hashing, and
//! alternations by walking states.

use regex_syntax::hir::{Class, Hir, HirKind};

/// The most texts one trigger is spelled out as: compiling takes longer than linear in them.
pub(crate) const MANY: usize = 128;

/// All texts that `hir` matches, in lower case if `caseless`; `None` if there are more than `limit`, or endlessly many.
pub(crate) fn spell(hir: &Hir, caseless: bool, limit: usize) -> Option<Vec<Vec<u8>>> {
    let mut texts = match hir.kind() {
        HirKind::Empty => vec![Vec::new()],
        HirKind::Look(_) => return None,
        HirKind::Literal(literal) => vec![lower(&literal.0, caseless)],
        HirKind::Class(Class::Bytes(class)) => {
            let bytes = class.ranges().iter().flat_map(|range| range.start()..=range.end());
            bytes.take(limit * 2 + 2).map(|byte| lower(&[byte], caseless)).collect()
        }
        HirKind::Class(Class::Unicode(class)) => {
            let chars = class.ranges().iter().flat_map(|range| range.start()..=range.end());
            chars.take(limit * 2 + 2).map(|char| lower(char.encode_utf8(&mut [0; 4]).as_bytes(), caseless)).collect()
        }
        HirKind::Capture(capture) => return spell(&capture.sub, caseless, limit),
        HirKind::Repetition(repetition) => {
            let once = spell(&repetition.sub, caseless, limit)?;
            let max = repetition.max.filter(|max| *max <= 8)?;
            let mut all = Vec::new();
            let mut row = vec![Vec::new()];
            for count in 0..=max {
                if count >= repetition.min {
                    all.extend(row.iter().cloned());
                }
                row = product(&row, &once, limit)?;
            }
            all
        }
        HirKind::Concat(parts) => {
            let mut row = vec![Vec::new()];
            for part in parts {
                row = product(&row, &spell(part, caseless, limit)?, limit)?;
            }
            row
        }
        HirKind::Alternation(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(spell(part, caseless, limit)?);
            }
            all
        }
    };
    texts.sort_unstable();
    texts.dedup();
    (texts.len() <= limit).then_some(texts)
}

/// Every text of `heads` with every text of `tails` behind it.
fn product(heads: &[Vec<u8>], tails: &[Vec<u8>], limit: usize) -> Option<Vec<Vec<u8>>> {
    if heads.len().checked_mul(tails.len())? > limit * 4 {
        return None;
    }
    let join = |head: &Vec<u8>, tail: &Vec<u8>| head.iter().chain(tail).copied().collect();
    Some(heads.iter().flat_map(|head| tails.iter().map(move |tail| join(head, tail))).collect())
}

fn lower(bytes: &[u8], caseless: bool) -> Vec<u8> {
    if caseless { bytes.to_ascii_lowercase() } else { bytes.to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::dialect::parse;

    fn spelled(pattern: &str, caseless: bool, limit: usize) -> Option<Vec<String>> {
        let texts = spell(&parse(pattern).unwrap().hir, caseless, limit)?;
        Some(texts.into_iter().map(|text| String::from_utf8(text).unwrap()).collect())
    }

    #[test]
    fn few_texts_are_spelled_out() {
        assert_eq!(spelled("(?i)pt[ _]?id", true, 9).unwrap(), ["pt id", "pt_id", "ptid"]);
        assert_eq!(spelled("a(?:b|c){1,2}", false, 9).unwrap(), ["ab", "abb", "abc", "ac", "acb", "acc"]);
        assert_eq!(spelled("[-\u{2013}]x", false, 9).unwrap(), ["-x", "\u{2013}x"]);
        assert_eq!(spelled(r"\d{3}", false, 99), None);
        assert_eq!(spelled("ab+", false, 99), None);
    }
}
