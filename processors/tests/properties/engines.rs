//! Three engines, one answer; and lines of text, which keep what is clean around what is not.

use crate::generate::{self, Choices};
use crate::wire::{Body, Fate, Item, encode};
use crate::{REFEREE, RULES, TODAY, compile, each, fail};
use bytes::Bytes;
use processors::document::{Data, Node};
use processors::walk::otlp::Signal;
use processors::{Engine, Format, RuleSet, Scrubber};
use proptest::prelude::*;
use std::cell::RefCell;
use std::sync::LazyLock;

pub static LAZY_DFA: LazyLock<RuleSet> = LazyLock::new(|| compile(Engine::LazyDfa));

/// The examples of all rules, what matches and what does not, without their marks.
pub static EXAMPLES: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut examples = Vec::new();
    for pack in patterns::PACKS {
        let rules = Node::parse(pack.file, pack.text).unwrap();
        let Some(Data::Sequence(rules)) = rules.get("rules").map(|rules| &rules.data) else { continue };
        for list in rules.iter().flat_map(|rule| [rule.get("matches"), rule.get("ignores")]).flatten() {
            let Data::Sequence(list) = &list.data else { continue };
            for example in list {
                let key = example.get("key").and_then(Node::text).map(|key| format!("{key}="));
                let text = example.text().or_else(|| example.get("text").and_then(Node::text)).unwrap();
                examples.push([&key.unwrap_or_default(), text].concat().replace("[[", "").replace("]]", ""));
            }
        }
    }
    assert!(examples.len() > 400, "every rule has examples: {}", examples.len());
    examples
});

/// What stands between examples: keys, words that are context, the beginnings and ends of what rules look for.
pub const BETWEEN: [&str; 28] = [
    " ",
    " ",
    ", ",
    "=",
    ": ",
    "\n",
    "\"",
    "{\"",
    "\":\"",
    "\"}",
    "&",
    "%20",
    "%40",
    "/",
    "-",
    ".",
    "7",
    "x",
    "ssn ",
    "patient ",
    "mrn=",
    "phone ",
    "dob: ",
    "@",
    "://",
    "\u{e9}",
    "\\u0041",
    "[REDACTED:ssn]",
];

/// Examples, parts of examples and what stands between, one after another.
fn assemble(choices: &[u16]) -> String {
    let mut choices = Choices::new(choices);
    let mut text = String::new();
    for _ in 0..1 + choices.below(6) {
        let example = &EXAMPLES[choices.below(EXAMPLES.len())];
        // Near misses: the beginning or the end is gone.
        let chars: Vec<char> = example.chars().collect();
        let cut = choices.below(chars.len() + 1);
        match choices.below(4) {
            1 => text.extend(&chars[..cut]),
            2 => text.extend(&chars[cut..]),
            _ => text.push_str(example),
        }
        text.push_str(choices.pick(&BETWEEN));
    }
    text
}

#[test]
fn all_engines_find_the_same() {
    let scrubbers =
        [&*RULES, &*LAZY_DFA, &*REFEREE].map(|rules| RefCell::new(Scrubber::new(rules).unwrap().without_memo()));
    each(256, any::<u16>(), 24, |choices| {
        let text = assemble(&choices);
        for format in [Format::Text, Format::Lines] {
            let [vectorscan, lazy_dfa, referee] = scrubbers.each_ref().map(|scrubber| {
                let scrubbed = scrubber.borrow_mut().scrub(&Bytes::from(text.clone()), format, TODAY).unwrap();
                (scrubbed.bytes().escape_ascii().to_string(), scrubbed.report().findings.clone())
            });
            for (engine, found) in [("vectorscan", vectorscan), ("the lazy DFA", lazy_dfa)] {
                if found != referee {
                    return Err(fail(format!("{text:?}: {engine} found {found:?}, the referee {referee:?}")));
                }
            }
        }
        Ok(())
    });
}

#[test]
fn what_is_detected_is_what_is_replaced() {
    let scrubber = RefCell::new(Scrubber::new(&RULES).unwrap());
    each(256, any::<u16>(), 60, |choices| {
        let text = assemble(&choices);
        let mut scrubber = scrubber.borrow_mut();
        let scrubbed = scrubber.scrub(&Bytes::from(text.clone()), Format::Text, TODAY).unwrap();
        let told = scrubber.detect_text(&text, TODAY).unwrap();
        let (mut spliced, mut at) = (String::new(), 0);
        for replaced in told {
            spliced.push_str(text.get(at..replaced.range.start).unwrap());
            spliced.push_str(&replaced.with);
            at = replaced.range.end;
        }
        spliced.push_str(text.get(at..).unwrap());
        if spliced.as_bytes() != &scrubbed.bytes()[..] {
            return Err(fail(format!(
                "{text:?} is told as {spliced:?}, and becomes {}",
                scrubbed.bytes().escape_ascii()
            )));
        }
        Ok(())
    });
}

#[test]
fn what_was_scrubbed_once_is_scrubbed() {
    let scrubber = RefCell::new(Scrubber::new(&RULES).unwrap());
    each(512, any::<u16>(), 24, |choices| {
        let text = Bytes::from(assemble(&choices));
        for format in [Format::Text, Format::Lines] {
            let mut scrubber = scrubber.borrow_mut();
            let once = scrubber.scrub(&text, format, TODAY).unwrap().bytes().clone();
            let twice = scrubber.scrub(&once, format, TODAY).unwrap().bytes().clone();
            if once != twice {
                let (text, once, twice) = (text.escape_ascii(), once.escape_ascii(), twice.escape_ascii());
                return Err(fail(format!("{text} became {once} and then {twice}")));
            }
        }
        Ok(())
    });
}

/// A value: a text, a number, or a map of one or two further ones.
fn value(choices: &mut Choices<'_>, depth: u32) -> Vec<Item> {
    let item = |number, body| vec![Item { number, body, fate: Fate::Stays }];
    match choices.below(if depth < 4 { 5 } else { 2 }) {
        0 => item(1, Body::Len(piece(choices).into_bytes())),
        1 => item(3, Body::Varint(choices.pick(&[7, 70_367_332, 536_228_147]))),
        _ => {
            let entries = (0..1 + choices.below(2)).map(|_| attribute(choices, 1, depth + 1));
            item(6, Body::Message(entries.collect()))
        }
    }
}

/// An attribute whose key is made of examples, of what stands between them, and of bytes that are no UTF-8.
fn attribute(choices: &mut Choices<'_>, number: u32, depth: u32) -> Item {
    let mut key = piece(choices).into_bytes();
    if choices.below(4) == 1 {
        key.insert(choices.below(key.len() + 1), 0xFF);
    }
    let key = Item { number: 1, body: Body::Len(key), fate: Fate::Stays };
    let value = Item { number: 2, body: Body::Message(value(choices, depth)), fate: Fate::Stays };
    Item { number, body: Body::Message(vec![key, value]), fate: Fate::Stays }
}

fn piece(choices: &mut Choices<'_>) -> String {
    let between = |choices: &mut Choices<'_>| choices.pick(&BETWEEN);
    match choices.below(4) {
        0 => ["patient", between(choices), "name"].concat(),
        1 => [between(choices), "name", between(choices)].concat(),
        2 => choices.pick(&["mrn", "patient", "name", "Ingrid Tanaka", "A70367332", "app.step"]).into(),
        _ => {
            let example = &EXAMPLES[choices.below(EXAMPLES.len())];
            [between(choices), example, between(choices)].concat()
        }
    }
}

#[test]
fn attributes_below_changed_keys_are_scrubbed_once_and_for_all() {
    let scrubber = RefCell::new(Scrubber::new(&RULES).unwrap());
    each(512, any::<u16>(), 40, |choices| {
        let mut choices = Choices::new(&choices);
        let message = |number, items| Item { number, body: Body::Message(items), fate: Fate::Stays };
        let record = message(2, (0..2).map(|_| attribute(&mut choices, 6, 0)).collect());
        let items = [message(1, vec![message(2, vec![record])])];
        let source = Bytes::from(encode(&items));
        let mut scrubber = scrubber.borrow_mut();
        let format = Format::Otlp(Signal::Logs);
        let once = scrubber.scrub(&source, format, TODAY).unwrap().bytes().clone();
        let twice = scrubber.scrub(&once, format, TODAY).unwrap().bytes().clone();
        if once.as_ptr() != twice.as_ptr() {
            let (source, once, twice) = (source.escape_ascii(), once.escape_ascii(), twice.escape_ascii());
            return Err(fail(format!("{source} became {once} and then {twice}")));
        }
        Ok(())
    });
}

#[test]
fn lines_lose_what_was_planted_and_nothing_else() {
    let scrubber = RefCell::new(Scrubber::new(&RULES).unwrap());
    each(256, any::<u16>(), 80, |choices| {
        let mut choices = Choices::new(&choices);
        let lines: Vec<(String, Option<String>)> = (0..choices.below(12))
            .map(|_| match choices.below(3) {
                0 => ("level=info the order was validated and sent on".into(), None),
                1 => (String::new(), None),
                _ => {
                    let planted = generate::identifier(&mut choices);
                    (format!("level=info found {planted} on file"), Some(planted))
                }
            })
            .collect();
        let source = lines.iter().map(|(line, _)| line.as_str()).collect::<Vec<_>>().join("\n");
        let scrubbed = scrubber.borrow_mut().scrub(&source.into(), Format::Lines, TODAY).unwrap();
        let out = String::from_utf8(scrubbed.bytes().to_vec()).unwrap();
        let after: Vec<&str> = out.split('\n').collect();
        if after.len() != lines.len().max(1) {
            return Err(fail(format!("{} lines became {}", lines.len(), after.len())));
        }
        for ((before, planted), after) in lines.iter().zip(after) {
            let right = match planted {
                None => before == after,
                Some(planted) => {
                    after.starts_with("level=info found [REDACTED:")
                        && after.ends_with("] on file")
                        && !after.contains(planted)
                }
            };
            if !right {
                return Err(fail(format!("{before:?} became {after:?}")));
            }
        }
        Ok(())
    });
}
