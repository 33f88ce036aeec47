//! What is inflated and scrubbed one after the other by the same worker: nothing of one sender is seen in what another sent,
//! and no stream costs more than it may.

use crate::fuzz::targets::{RULES, today};
use crate::fuzz::{asked, seeds};
use crate::support::sample::{SSN, holds, log};
use bytes::Bytes;
use processors::walk::otlp::Signal;
use processors::{Format, Scrubber};
use prost::Message as _;
use scrubjay::codec::otlp_json;
use scrubjay::net::{Budget, Encoding, InflateError, compress, inflate};
use scrubjay::settings::Compression;
use std::time::{Duration, Instant};

const MOST: usize = 1 << 20;

/// Requests of one sender, in every encoding: how it is encoded, whether it is JSON, and the bytes.
fn requests(sender: char) -> Vec<(Encoding, bool, Vec<u8>)> {
    let mut all = Vec::new();
    for number in 0..60 {
        let mark = format!("mark{sender}{number:02} ssn {SSN} ").repeat(1 + number * 7);
        let json = number % 3 == 0;
        let body = if json {
            let record = serde_json::json!({ "body": { "stringValue": mark } });
            serde_json::json!({ "resourceLogs": [{ "scopeLogs": [{ "logRecords": [record] }] }] })
                .to_string()
                .into_bytes()
        } else {
            log(&mark).encode_to_vec()
        };
        let packed = |compression| compress(compression, &body.clone().into()).unwrap().to_vec();
        all.push((Encoding::Gzip, json, packed(Compression::Gzip)));
        all.push((Encoding::Zstd, json, packed(Compression::Zstd)));
        all.push((Encoding::Deflate, json, seeds::deflate(&body)));
        all.push((Encoding::Brotli, json, seeds::brotli(&body, 18)));
        all.push((Encoding::Identity, json, body));
    }
    all
}

/// Two senders in turns, three of four requests broken. `SCRUBJAY_REQUESTS` says how many.
#[test]
fn nothing_of_one_sender_is_in_what_another_sent() {
    let count = asked("SCRUBJAY_REQUESTS", 4_000);
    let senders = [('A', requests('A')), ('B', requests('B'))];
    let mut scrubber = Scrubber::new(&RULES).unwrap();
    let budget = Budget::new(64 << 20);
    let (mut whole, mut broken) = (0usize, 0usize);
    let began = Instant::now();
    for number in 0..count {
        let (sender, requests) = &senders[number % 2];
        let other = if *sender == 'A' { "markB" } else { "markA" };
        let (encoding, json, body) = &requests[(number / 2).wrapping_mul(7919) % requests.len()];
        let mut body = body.clone();
        let spoiled = !number.is_multiple_of(4) && number % 4 != 1;
        if spoiled || number % 8 == 1 {
            let at = number.wrapping_mul(0x9E37_79B9) % body.len();
            match number % 3 {
                0 => body.truncate(at),
                1 => body[at] ^= 1 << (number % 8),
                _ => drop(body.drain(..at)),
            }
        }
        let mut reserved = budget.open();
        let out = inflate(*encoding, body.into(), MOST, &mut reserved).ok().and_then(|inflated| {
            let protobuf = if *json {
                Bytes::from(otlp_json::to_protobuf(Signal::Logs, &mut inflated.to_vec()).ok()?.protobuf)
            } else {
                inflated
            };
            Some(scrubber.scrub(&protobuf, Format::Otlp(Signal::Logs), today()).ok()?.bytes().clone())
        });
        match out {
            None => broken += 1,
            Some(out) => {
                whole += 1;
                assert!(!holds(&out, other), "request {number} of {sender} holds what is not his");
                assert!(spoiled || number % 8 == 1 || holds(&out, &format!("mark{sender}")), "request {number}");
            }
        }
    }
    assert_eq!(budget.used(), 0);
    eprintln!("{whole} whole and {broken} broken requests of two senders in {:?}", began.elapsed());
    assert!(whole > count / 4 && broken > count / 8);
}

/// A zstd frame without a length, whose window is so large, with these bytes in it.
fn frame(window_log: u8, content: &[u8]) -> Vec<u8> {
    let block = u32::try_from(content.len()).unwrap() << 3 | 1;
    [&[0x28, 0xB5, 0x2F, 0xFD, 0, (window_log - 10) << 3], &block.to_le_bytes()[..3], content].concat()
}

#[test]
fn windows_are_capped_and_empty_parts_are_no_work_without_end() {
    let open = |encoding, body: Vec<u8>| {
        let (budget, began) = (Budget::new(4 << 20), Instant::now());
        let out = inflate(encoding, body.into(), 64 << 10, &mut budget.open());
        assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
        out
    };
    for log in [10, 17, 22, 23] {
        assert_eq!(open(Encoding::Zstd, frame(log, b"some text")).as_deref(), Ok(&b"some text"[..]), "{log}");
    }
    for log in [24, 27, 30, 31, 41] {
        assert_eq!(open(Encoding::Zstd, frame(log, b"some text")), Err(InflateError::Corrupt), "{log}");
    }
    // Frames that are to be skipped hold nothing, whatever is in them.
    let skipped = [&[0x50, 0x2A, 0x4D, 0x18, 4, 0, 0, 0][..], b"skip"].concat();
    let text = frame(17, b"some text");
    let between = [&skipped[..], &text, &skipped, &text].concat();
    assert_eq!(open(Encoding::Zstd, between).as_deref(), Ok(&b"some textsome text"[..]));
    assert_eq!(open(Encoding::Zstd, skipped.repeat(50_000)).as_deref(), Ok(&b""[..]));
    assert_eq!(
        open(Encoding::Zstd, [&[0x50, 0x2A, 0x4D, 0x18, 255, 255, 255, 255][..], b"x"].concat()),
        Err(InflateError::Corrupt)
    );
    assert_eq!(open(Encoding::Zstd, frame(17, b"").repeat(100_000)).as_deref(), Ok(&b""[..]));
    let empty = compress(Compression::Gzip, &Bytes::new()).unwrap().to_vec();
    let member = compress(Compression::Gzip, &Bytes::from_static(b"x")).unwrap().to_vec();
    // What comes without a byte is a body without a byte; here each member is there.
    assert_eq!(open(Encoding::Gzip, [empty.repeat(50_000), member.clone()].concat()).as_deref(), Ok(&b"x"[..]));
    assert_eq!(open(Encoding::Gzip, member.repeat(70_000)), Err(InflateError::TooLarge));
    // Packed twice is packed once too often: what is in it is no request.
    let twice = compress(Compression::Gzip, &member.clone().into()).unwrap().to_vec();
    assert_eq!(open(Encoding::Gzip, twice).as_deref(), Ok(&member[..]));
}
