//! What is no request, or almost one: refused, or scrubbed to something that decodes. Never a panic.

use crate::generate::{self, Choices};
use crate::{RULES, TODAY, decodes, each, fail, wire};
use bytes::Bytes;
use processors::walk::otlp::Signal;
use processors::{Format, Rejected, Scrubber};
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use std::cell::RefCell;

#[test]
fn requests_with_broken_bytes_are_refused_or_decode() {
    let scrubber = RefCell::new(Scrubber::new(&RULES).unwrap());
    each(192, any::<u16>(), 600, |choices| {
        let (breaks, choices) = choices.split_at(choices.len().min(12));
        for signal in Signal::ALL {
            let mut bytes = wire::encode(&generate::request(signal, choices).items);
            break_up(&mut bytes, &mut Choices::new(breaks));
            sound(&mut scrubber.borrow_mut(), signal, &bytes.into())?;
        }
        Ok(())
    });
}

#[test]
fn bytes_of_any_kind_are_refused_or_decode() {
    let scrubber = RefCell::new(Scrubber::new(&RULES).unwrap());
    each(256, any::<u8>(), 300, |bytes| {
        let bytes = Bytes::from(bytes);
        for signal in Signal::ALL {
            sound(&mut scrubber.borrow_mut(), signal, &bytes)?;
        }
        for format in [Format::Text, Format::Lines] {
            stable(&mut scrubber.borrow_mut(), format, &bytes)?;
        }
        Ok(())
    });
}

/// Flips bits, cuts, repeats and takes out stretches, sets single bytes to what lengths and tags are made of.
fn break_up(bytes: &mut Vec<u8>, choices: &mut Choices<'_>) {
    for _ in 0..=choices.below(3) {
        let at = choices.below(bytes.len() + 1);
        match choices.below(6) {
            0 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte ^= 1 << choices.below(8);
                }
            }
            1 => bytes.truncate(at),
            2 => drop(bytes.drain(at..bytes.len().min(at + 1 + choices.below(4)))),
            3 => bytes.insert(at, choices.pick(&[0x00, 0x01, 0x0A, 0x12, 0x7F, 0x80, 0xFF])),
            4 => {
                if let Some(byte) = bytes.get_mut(at) {
                    *byte = choices.pick(&[0x00, 0x03, 0x04, 0x0B, 0x7F, 0xFF]);
                }
            }
            _ => bytes.extend_from_within(at..),
        }
    }
}

/// What is not refused decodes.
fn sound(scrubber: &mut Scrubber<'_>, signal: Signal, source: &Bytes) -> Result<(), TestCaseError> {
    let Some(out) = stable(scrubber, Format::Otlp(signal), source)? else { return Ok(()) };
    decodes(signal, &out)
        .map_err(|error| fail(format!("{error}: {signal:?} {} became {}", source.escape_ascii(), out.escape_ascii())))
}

/// What is not refused stays as it is when it is scrubbed again.
fn stable(scrubber: &mut Scrubber<'_>, format: Format, source: &Bytes) -> Result<Option<Bytes>, TestCaseError> {
    let out = match scrubber.scrub(source, format, TODAY) {
        Ok(scrubbed) => scrubbed.bytes().clone(),
        Err(Rejected::Malformed { offset }) if offset <= source.len() => return Ok(None),
        Err(error) => return Err(fail(format!("{error}: {format:?} {}", source.escape_ascii()))),
    };
    match scrubber.scrub(&out, format, TODAY) {
        Ok(again) if again.bytes() == &out => Ok(Some(out)),
        Ok(again) => {
            let (first, second) = (out.escape_ascii(), again.bytes().escape_ascii());
            Err(fail(format!("{format:?} {} became {first} and then {second}", source.escape_ascii())))
        }
        Err(error) => Err(fail(format!("{error} at the second scrub of {format:?} {}", source.escape_ascii()))),
    }
}
