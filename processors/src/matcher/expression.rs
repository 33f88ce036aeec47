//! Writes an HIR over bytes as an expression vectorscan reads.

use super::literals;
use regex_syntax::hir::{Class, ClassBytes, ClassBytesRange, ClassUnicode, Hir, HirKind};
use regex_syntax::utf8::Utf8Sequences;
use std::fmt::Write as _;

/// An expression and whether it is to be read without regard to case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expression {
    /// The expression, ASCII only.
    pub(crate) text: String,
    /// Whether ASCII case is ignored: vectorscan's literal engines are at their best with such a flag.
    pub(crate) caseless: bool,
}

/// What a trigger is looked for as: all its texts where they are few, itself otherwise.
pub(crate) fn spell_or_write(hir: &Hir) -> Vec<Expression> {
    let caseless = folds(hir);
    match literals::spell(hir, caseless, literals::MANY) {
        Some(texts) => texts.iter().map(|text| Expression { text: plain(text), caseless }).collect(),
        None => vec![write(hir)],
    }
}

/// Writes `hir`, which holds no captures and no assertions.
pub(crate) fn write(hir: &Hir) -> Expression {
    let caseless = folds(hir);
    let mut text = String::new();
    node(hir, caseless, &mut text);
    Expression { text, caseless }
}

/// Whether the pattern means the same with case ignored.
pub(crate) fn folds(hir: &Hir) -> bool {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => !literal.0.iter().any(u8::is_ascii_alphabetic),
        HirKind::Class(Class::Bytes(class)) => closed(class),
        HirKind::Class(Class::Unicode(class)) => closed(&ascii_part(class)),
        HirKind::Repetition(repetition) => folds(&repetition.sub),
        HirKind::Capture(capture) => folds(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().all(folds),
    }
}

/// Whether a class holds both cases of every letter it holds.
fn closed(class: &ClassBytes) -> bool {
    let mut folded = class.clone();
    folded.case_fold_simple();
    folded == *class
}

fn ascii_part(class: &ClassUnicode) -> ClassBytes {
    ClassBytes::new(class.ranges().iter().filter_map(|range| {
        let start = u8::try_from(range.start()).ok().filter(u8::is_ascii)?;
        let end = u8::try_from(range.end().min('\x7F')).ok()?;
        Some(ClassBytesRange::new(start, end))
    }))
}

fn node(hir: &Hir, caseless: bool, out: &mut String) {
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => {}
        HirKind::Class(Class::Unicode(set)) => unicode(set, caseless, out),
        HirKind::Literal(literal) => literal.0.iter().for_each(|byte| put(*byte, out)),
        HirKind::Class(Class::Bytes(set)) => class(set, caseless, out),
        HirKind::Repetition(repetition) => {
            group(&repetition.sub, caseless, out);
            // Writing to a String cannot fail.
            let _ = match (repetition.min, repetition.max) {
                (0, Some(1)) => write!(out, "?"),
                (0, None) => write!(out, "*"),
                (1, None) => write!(out, "+"),
                (min, None) => write!(out, "{{{min},}}"),
                (min, Some(max)) if min == max => write!(out, "{{{min}}}"),
                (min, Some(max)) => write!(out, "{{{min},{max}}}"),
            };
        }
        HirKind::Capture(capture) => group(&capture.sub, caseless, out),
        HirKind::Concat(parts) => {
            for part in parts {
                if matches!(part.kind(), HirKind::Alternation(_)) {
                    group(part, caseless, out);
                } else {
                    node(part, caseless, out);
                }
            }
        }
        HirKind::Alternation(parts) => {
            for (index, part) in parts.iter().enumerate() {
                if index > 0 {
                    out.push('|');
                }
                node(part, caseless, out);
            }
        }
    }
}

fn group(hir: &Hir, caseless: bool, out: &mut String) {
    out.push_str("(?:");
    node(hir, caseless, out);
    out.push(')');
}

fn class(set: &ClassBytes, caseless: bool, out: &mut String) {
    let single = |at: usize| set.ranges().get(at).filter(|range| range.start() == range.end());
    match (set.ranges().len(), single(0), single(1)) {
        (1, Some(only), _) => put(only.start(), out),
        // The pair `Xx`, which the caseless flag makes one letter again.
        (2, Some(upper), Some(lower)) if caseless && upper.start().to_ascii_lowercase() == lower.start() => {
            put(lower.start(), out);
        }
        _ => {
            out.push('[');
            for range in set.ranges() {
                put(range.start(), out);
                if range.end() > range.start() {
                    out.push('-');
                    put(range.end(), out);
                }
            }
            out.push(']');
        }
    }
}

/// The HIR constructors fold alternatives of single characters into such a class: it is written as UTF-8 sequences.
fn unicode(set: &ClassUnicode, caseless: bool, out: &mut String) {
    let ascii = ascii_part(set);
    out.push_str("(?:");
    let mut first = true;
    if !ascii.ranges().is_empty() {
        class(&ascii, caseless, out);
        first = false;
    }
    for range in set.ranges().iter().filter(|range| range.end() > '\x7F') {
        for sequence in Utf8Sequences::new(range.start().max('\u{80}'), range.end()) {
            if !first {
                out.push('|');
            }
            first = false;
            for byte in sequence.as_slice() {
                class(&ClassBytes::new([ClassBytesRange::new(byte.start, byte.end)]), false, out);
            }
        }
    }
    out.push(')');
}

/// Writes a plain text.
pub(crate) fn plain(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    text.iter().for_each(|byte| put(*byte, &mut out));
    out
}

fn put(byte: u8, out: &mut String) {
    if byte.is_ascii_alphanumeric() {
        out.push(char::from(byte));
    } else {
        let _ = write!(out, "\\x{byte:02x}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::dialect::parse;

    #[test]
    fn expressions_read_the_same() {
        for (pattern, text, caseless) in [
            (r"\d{3}-\d{2}", r"(?:[0-9]){3}\x2d(?:[0-9]){2}", true),
            (r"(?i)mrn[ :]?", r"mrn(?:[\x20\x3a])?", true),
            (r"MRN", "MRN", false),
            (r"(?:ab|c+)d", "(?:ab|(?:c)+)d", false),
            (r"[\x00~]{2,}", r"(?:[\x00\x7e]){2,}", true),
            ("[-\u{2013}]", r"(?:\x2d|\xe2\x80\x93)", true),
            ("[a\u{e9}]", r"(?:a|\xc3\xa9)", false),
        ] {
            let written = write(&parse(pattern).unwrap().hir);
            assert_eq!((written.text.as_str(), written.caseless), (text, caseless));
        }
    }
}
