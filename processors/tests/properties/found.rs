//! The smallest inputs of what these properties and their making have found.

use crate::wire::{Body, Fate, Item, encode};
use crate::{RULES, TODAY};
use bytes::Bytes;
use processors::walk::otlp::Signal;
use processors::{Format, Rejected, Scrubber};

/// A request with one log record for each key.
fn logs(keys: &[&[u8]]) -> Bytes {
    let message = |number, items| Item { number, body: Body::Message(items), fate: Fate::Stays };
    let records = keys.iter().map(|key| {
        let key = Item { number: 1, body: Body::Len(key.to_vec()), fate: Fate::Stays };
        message(2, vec![message(6, vec![key])])
    });
    encode(&[message(1, vec![message(2, records.collect())])]).into()
}

fn scrub(scrubber: &mut Scrubber<'_>, source: &Bytes) -> Result<Vec<u8>, Rejected> {
    Ok(scrubber.scrub(source, Format::Otlp(Signal::Logs), TODAY)?.bytes().to_vec())
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn a_key_that_stands_twice_in_a_batch_is_redacted_twice() {
    let mut scrubber = Scrubber::new(&RULES).unwrap();
    let out = scrub(&mut scrubber, &logs(&[b"lookup.536-22-8147", b"lookup.536-22-8147"])).unwrap();
    assert!(!holds(&out, b"536-22-8147"), "{}", out.escape_ascii());
}

#[test]
fn a_key_of_a_batch_that_was_refused_is_redacted_in_the_next() {
    let mut scrubber = Scrubber::new(&RULES).unwrap();
    let source = logs(&[b"lookup.536-22-8147"]);
    let broken = Bytes::from([&source, &b"\x0A\xFF"[..]].concat());
    assert!(scrub(&mut scrubber, &broken).is_err());
    let out = scrub(&mut scrubber, &source).unwrap();
    assert!(!holds(&out, b"536-22-8147"), "{}", out.escape_ascii());
}

#[test]
fn a_key_that_is_no_utf8_is_mended_wherever_it_stands() {
    let mut scrubber = Scrubber::new(&RULES).unwrap();
    for _ in 0..2 {
        let out = scrub(&mut scrubber, &logs(&[b"caf\xC3 key", b"caf\xC3 key"])).unwrap();
        assert!(!holds(&out, b"\xC3"), "{}", out.escape_ascii());
    }
}
