//! How the matches of a pattern begin, by kinds of bytes: three digits, a dash or none, two digits.
//!
//! Coarser than the pattern, and looked for at dozens of places at once: most windows that a context opens hold nothing
//! of the kind.

use super::guard::ByteSet;
use crate::tape::{Kind, Outline, Step};
use regex_syntax::hir::{Hir, HirKind, Repetition};

/// The most bytes of a repetition that may be missing.
const MAX_OPTIONAL: u32 = 8;
/// The fewest steps that tell anything.
const MIN_STEPS: usize = 4;
/// The most ways that are told apart.
const MAX_WAYS: usize = 12;

/// The outlines of a pattern, one for each way that its matches begin; none if one of them says next to nothing.
pub(super) fn of(hir: &Hir) -> Vec<Outline> {
    let mut all = Vec::new();
    if !follow(vec![hir], Vec::new(), &mut all) {
        return Vec::new();
    }
    let mut outlines: Vec<Outline> = Vec::new();
    for mut steps in all {
        steps.truncate(Outline::MAX);
        // What may be missing at the end says nothing.
        let last = steps.iter().rposition(|step| !step.optional && step.kind != Kind::Any).map_or(0, |last| last + 1);
        steps.truncate(last);
        if steps.len() < MIN_STEPS {
            return Vec::new();
        }
        let outline = Outline::new(steps);
        if !outlines.contains(&outline) {
            outlines.push(outline);
        }
    }
    outlines
}

/// Takes the items of a pattern, of which the next one is the last of the list, one after another; adds the steps of each way
/// through them to `all`. False if there are too many ways.
fn follow(mut items: Vec<&Hir>, mut steps: Vec<Step>, all: &mut Vec<Vec<Step>>) -> bool {
    while steps.len() <= Outline::MAX
        && let Some(item) = items.pop()
    {
        match item.kind() {
            HirKind::Empty | HirKind::Look(_) => {}
            HirKind::Literal(literal) => {
                steps.extend(literal.0.iter().map(|byte| Step { kind: kind(|each| each == *byte), optional: false }));
            }
            HirKind::Class(class) => {
                let Some(set) = ByteSet::of(class) else { break };
                steps.push(Step { kind: kind(|byte| set.contains(byte)), optional: false });
            }
            HirKind::Capture(capture) => items.push(&capture.sub),
            HirKind::Concat(parts) => items.extend(parts.iter().rev()),
            HirKind::Alternation(parts) => {
                return parts.iter().all(|part| {
                    let mut items = items.clone();
                    items.push(part);
                    follow(items, steps.clone(), all)
                });
            }
            HirKind::Repetition(repetition) => {
                let Repetition { min, max, sub, greedy: _ } = repetition;
                match (max.map(|max| max - min), one(sub)) {
                    (Some(0), _) => {}
                    (Some(more), Some(kind)) if more <= MAX_OPTIONAL => {
                        let step = |optional| Step { kind, optional };
                        steps.extend((0..*min).map(|_| step(false)).chain((0..more).map(|_| step(true))));
                        continue;
                    }
                    // With it and without it.
                    (Some(1), _) if *min == 0 => {
                        let mut with = items.clone();
                        with.push(sub);
                        if !follow(with, steps.clone(), all) {
                            return false;
                        }
                        continue;
                    }
                    // What is there at least; what follows it is not known.
                    (Some(_) | None, _) => items.clear(),
                }
                let least = usize::try_from(*min).unwrap_or(0).min(Outline::MAX + 1);
                items.extend(std::iter::repeat_n(&**sub, least));
            }
        }
    }
    all.push(steps);
    all.len() <= MAX_WAYS
}

/// The kind of what is one byte in every match; `None` where that is not told.
fn one(hir: &Hir) -> Option<Kind> {
    match hir.kind() {
        HirKind::Class(class) => ByteSet::of(class).map(|set| kind(|byte| set.contains(byte))),
        HirKind::Literal(literal) => Some(kind(|byte| literal.0.contains(&byte))).filter(|_| literal.0.len() == 1),
        HirKind::Capture(capture) => one(&capture.sub),
        HirKind::Empty | HirKind::Look(_) | HirKind::Concat(_) | HirKind::Alternation(_) | HirKind::Repetition(_) => {
            None
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
        let outlines = of(&parse(pattern).unwrap().hir);
        let mut kinds = Kinds::default();
        kinds.read(text.as_bytes());
        let any = outlines.iter().any(|outline| kinds.outlines(0..text.len(), outline));
        Some(any).filter(|_| !outlines.is_empty())
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
        for (text, may) in [("ab123", true), ("ab12", false), ("7123", true), ("b7 1234", true), ("712", false)] {
            assert_eq!(begins(r"(?:ab|\d)\d{3}", text), Some(may), "{text}");
        }
        for (text, may) in
            [("xy-12", true), ("-12 3", true), ("-1 2", false), ("7-12", true), ("77-12", true), ("y-1 2", false)]
        {
            assert_eq!(begins(r"(?:[a-z]{2})?\d{0,2}-\d\d|[a-z]{2}-\d{2}", text), Some(may), "{text}");
        }
        assert_eq!(begins(r"(?:ab|\d)\d", "ab1"), None, "three steps tell next to nothing");
        assert_eq!(begins(r"(?:[a-z] ){2,9}\d{9}", "a b c 1"), Some(true));
        assert_eq!(begins(r"(?:[a-z] ){2,9}\d{9}", "a 1"), Some(false));
        assert_eq!(begins(r"\d{2,4} ?[a-z]{3}", "12 abc"), Some(true));
        assert_eq!(begins(r"\d{2,4} ?[a-z]{3}", "1 abc"), Some(false));
    }
}
