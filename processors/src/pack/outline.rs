//! How the matches of a pattern begin, by kinds of bytes: three digits, a dash or none, two digits.
//!
//! Coarser than the pattern, and looked for at dozens of places at once: most windows that a context opens hold nothing
//! of the kind.

use super::guard::ByteSet;
use crate::tape::{Kind, Outline, Step};
use regex_syntax::hir::{Hir, HirKind};

/// The most bytes of a repetition that may be missing.
const MAX_OPTIONAL: u32 = 8;
/// The fewest steps that tell anything.
const MIN_STEPS: usize = 4;

/// The outline of a pattern, as far as its beginning has one; `None` if that says next to nothing.
pub(super) fn of(hir: &Hir) -> Option<Outline> {
    let mut steps = Vec::new();
    add(hir, &mut steps);
    steps.truncate(Outline::MAX);
    // What may be missing at the end says nothing.
    let last = steps.iter().rposition(|step| !step.optional && step.kind != Kind::Any).map_or(0, |last| last + 1);
    steps.truncate(last);
    (steps.len() >= MIN_STEPS).then(|| Outline::new(steps))
}

/// Appends the steps of `hir`; false if they do not reach its end.
fn add(hir: &Hir, steps: &mut Vec<Step>) -> bool {
    if steps.len() > Outline::MAX {
        return false;
    }
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => true,
        HirKind::Literal(literal) => {
            steps.extend(literal.0.iter().map(|byte| Step { kind: kind(|each| each == *byte), optional: false }));
            true
        }
        HirKind::Class(class) => {
            let Some(set) = ByteSet::of(class) else { return false };
            steps.push(Step { kind: kind(|byte| set.contains(byte)), optional: false });
            true
        }
        HirKind::Capture(capture) => add(&capture.sub, steps),
        HirKind::Concat(parts) => parts.iter().all(|part| add(part, steps)),
        HirKind::Alternation(_) => false,
        HirKind::Repetition(repetition) => {
            if !(0..repetition.min).all(|_| add(&repetition.sub, steps)) {
                return false;
            }
            let from = steps.len();
            match repetition.max {
                Some(max) if max == repetition.min => true,
                Some(max) if max - repetition.min <= MAX_OPTIONAL => {
                    let one = (0..max - repetition.min).all(|_| add(&repetition.sub, steps));
                    let single = repetition.sub.properties().maximum_len() == Some(1);
                    if !one || !single {
                        steps.truncate(from);
                        return false;
                    }
                    steps.iter_mut().skip(from).for_each(|step| step.optional = true);
                    true
                }
                Some(_) | None => false,
            }
        }
    }
}

/// The narrowest kind that holds every byte of a set.
fn kind(contains: impl Fn(u8) -> bool) -> Kind {
    let all = |is: fn(&u8) -> bool| (0..=u8::MAX).filter(|byte| contains(*byte)).all(|byte| is(&byte));
    if all(u8::is_ascii_digit) {
        Kind::Digit
    } else if all(u8::is_ascii_uppercase) {
        Kind::Upper
    } else if all(u8::is_ascii_alphabetic) {
        Kind::Letter
    } else if all(u8::is_ascii_alphanumeric) {
        Kind::Word
    } else if all(|byte| !byte.is_ascii_alphanumeric()) {
        Kind::Mark
    } else {
        Kind::Any
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack::dialect::parse;
    use crate::tape::Kinds;

    fn begins(pattern: &str, text: &str) -> Option<bool> {
        let outline = of(&parse(pattern).unwrap().hir)?;
        let mut kinds = Kinds::default();
        kinds.read(text.as_bytes());
        Some(kinds.outlines(0..text.len(), &outline))
    }

    #[test]
    fn what_begins_otherwise_is_told_from_what_may_match() {
        let number = r"\d{3}-?\d{2}-?\d{4}[A-Z]";
        for lead in 0..140 {
            let lead = "x".repeat(lead);
            assert_eq!(begins(number, &format!("{lead} 536-22-8147A")), Some(true));
            assert_eq!(begins(number, &format!("{lead} 536228147A")), Some(true));
            assert_eq!(begins(number, &format!("{lead} 53622-8147A and more")), Some(true));
            assert_eq!(begins(number, &format!("{lead} 53622-814-7A")), Some(false));
            assert_eq!(begins(number, &format!("{lead} 536-22-8147a")), Some(false));
        }
        assert_eq!(begins(r"[a-z]{1,30}\d", "x"), None);
        assert_eq!(begins(r"(?:ab|\d)\d{9}", "x"), None);
        assert_eq!(begins(r"\d{2,4} ?[a-z]{3}", "12 abc"), Some(true));
        assert_eq!(begins(r"\d{2,4} ?[a-z]{3}", "1 abc"), Some(false));
    }
}
