//! Every rule proves itself: its examples run through the whole engine, and what it finds must be what they mark.

use super::RuleSet;
use super::parse::{Example, RuleDef, Spot};
use crate::document::{Mistakes, Position};
use crate::scrub::Probe;

/// Checks all examples of all rules.
pub(super) fn prove<'d>(set: &RuleSet, rules: impl Iterator<Item = (&'d str, &'d RuleDef)>, mistakes: &mut Mistakes) {
    let mut probe = match Probe::new(set) {
        Ok(probe) => probe,
        Err(error) => {
            mistakes.add("packs", Position::default(), error.to_string());
            return;
        }
    };
    for ((file, rule), number) in rules.zip(0u16..) {
        for example in &rule.matches {
            check(&mut probe, file, rule, number, example, mistakes);
        }
        for example in &rule.ignores {
            check(&mut probe, file, rule, number, example, mistakes);
        }
    }
}

fn check(
    probe: &mut Probe<'_>,
    file: &str,
    rule: &RuleDef,
    number: u16,
    example: &Spot<Example>,
    mistakes: &mut Mistakes,
) {
    let (text, marked) = unmark(&example.value.text);
    let found = match probe.find(example.value.key.as_deref(), &text, number) {
        Ok(found) => found,
        Err(error) => {
            mistakes.add(file, example.at, format!("rule {}: {error}", rule.id));
            return;
        }
    };
    if found != marked {
        let show = |spans: &[(usize, usize)]| {
            let parts: Vec<&str> = spans.iter().filter_map(|(start, end)| text.get(*start..*end)).collect();
            if parts.is_empty() { "nothing".to_owned() } else { format!("`{}`", parts.join("`, `")) }
        };
        mistakes.add(
            file,
            example.at,
            format!("rule {} finds {} where the example marks {}", rule.id, show(&found), show(&marked)),
        );
    }
}

/// Takes the marks off an example; returns the text and what was marked.
fn unmark(example: &str) -> (String, Vec<(usize, usize)>) {
    let mut text = String::with_capacity(example.len());
    let mut marked = Vec::new();
    let mut rest = example;
    while let Some((before, behind)) = rest.split_once("[[") {
        text.push_str(before);
        let start = text.len();
        let (inside, after) = behind.split_once("]]").unwrap_or((behind, ""));
        text.push_str(inside);
        marked.push((start, text.len()));
        rest = after;
    }
    text.push_str(rest);
    (text, marked)
}
