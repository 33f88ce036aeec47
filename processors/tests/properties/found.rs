//! The smallest inputs of what these properties and their making have found.

use crate::wire::{Body, Fate, Item, encode};
use crate::{REFEREE, RULES, TODAY};
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

#[test]
fn a_second_scrub_reads_nothing_into_what_the_first_wrote() {
    let mut scrubber = Scrubber::new(&RULES).unwrap();
    for text in [
        "pt-MRN33649525://offset=7375550199",
        "copyright 1999-12-31 pt-MRN33649525",
        r#"{"lookup.536-22-8147": 12345}"#,
        "get ://last=x&address=1208+Cedar+Bend+Dr&consent=yes@",
    ] {
        let once = scrubber.scrub(&Bytes::from(text), Format::Text, TODAY).unwrap().bytes().clone();
        assert_ne!(once, text);
        let twice = scrubber.scrub(&once, Format::Text, TODAY).unwrap().bytes().clone();
        assert_eq!(once, twice, "{text}");
    }
}

#[test]
fn the_letters_of_a_token_make_no_identifier_of_a_value() {
    let key =
        Item { number: 1, body: Body::Len(b"lookup/redacted_ssn_kubeig3c5vqpnj5f62pt".to_vec()), fate: Fate::Stays };
    let value = Item { number: 3, body: Body::Varint(7), fate: Fate::Stays };
    let message = |number, items| Item { number, body: Body::Message(items), fate: Fate::Stays };
    let record = message(2, vec![message(6, vec![key, message(2, vec![value])])]);
    let source = Bytes::from(encode(&[message(1, vec![message(2, vec![record])])]));
    let out = scrub(&mut Scrubber::new(&RULES).unwrap(), &source).unwrap();
    assert_eq!(out, source);
}

#[test]
fn a_packed_list_that_is_cut_off_goes() {
    let message = |number, items| Item { number, body: Body::Message(items), fate: Fate::Stays };
    // The bucket counts of a histogram's data point: nine bytes of what should be eight each; then eight.
    let counts = |len| Item { number: 6, body: Body::Len(vec![0; len]), fate: Fate::Stays };
    let request = |counts| {
        let metric = message(2, vec![message(9, vec![message(1, counts)])]);
        Bytes::from(encode(&[message(1, vec![message(2, vec![metric])])]))
    };
    let mut scrubber = Scrubber::new(&RULES).unwrap();
    let scrubbed = scrubber.scrub(&request(vec![counts(9), counts(8)]), Format::Otlp(Signal::Metrics), TODAY).unwrap();
    assert_eq!(scrubbed.bytes(), &request(vec![counts(8)]));
}

#[test]
fn what_a_replacement_uncovers_goes_with_it() {
    let mut scrubber = Scrubber::new(&RULES).unwrap();
    for (text, uncovered) in [
        ("subscriber no. 12345678-01-203.0.113.77", "203.0.113.77"),
        (r#"patient.website=maria.example.org"}entries aged 94 evicted"#, "aged 94"),
        ("dob=datetime.date( yJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl 1958-03-14", "yJhbGciOi"),
    ] {
        let once = scrubber.scrub(&Bytes::from(text), Format::Text, TODAY).unwrap();
        assert!(!holds(once.bytes(), uncovered.as_bytes()), "{text} became {}", once.bytes().escape_ascii());
        let twice = scrubber.scrub(once.bytes(), Format::Text, TODAY).unwrap();
        assert_eq!(once.bytes().as_ptr(), twice.bytes().as_ptr(), "{text}");
        assert_eq!(twice.report().total(), 0, "{text}");
    }
}

/// A request with one log record that has a text of these keys.
fn text_below(keys: &[&[u8]], text: &str) -> Bytes {
    let item = |number, body| Item { number, body, fate: Fate::Stays };
    let mut value = item(1, Body::Len(text.as_bytes().to_vec()));
    for (depth, key) in keys.iter().enumerate().rev() {
        let entry = vec![item(1, Body::Len(key.to_vec())), item(2, Body::Message(vec![value]))];
        value = match depth {
            0 => item(6, Body::Message(entry)),
            _ => item(6, Body::Message(vec![item(1, Body::Message(entry))])),
        };
    }
    let record = item(2, Body::Message(vec![value]));
    encode(&[item(1, Body::Message(vec![item(2, Body::Message(vec![record]))]))]).into()
}

#[test]
fn a_value_is_judged_by_its_key_as_it_leaves() {
    let mut scrubber = Scrubber::new(&RULES).unwrap();
    for keys in [&[&b"patient.m\xFFrn"[..]][..], &[b"pati\xFFent", b"m\xFFrn"], &[b"app", b"pati\xC3ent", b"mrn"]] {
        let out = scrub(&mut scrubber, &text_below(keys, "A70367332")).unwrap();
        assert!(!holds(&out, b"A70367332"), "{}", out.escape_ascii());
        assert_eq!(scrub(&mut scrubber, &Bytes::from(out.clone())).unwrap(), out);
    }
}

#[test]
fn a_value_that_was_too_deep_once_is_left_alone() {
    let mut scrubber = Scrubber::new(&RULES).unwrap();
    let keys = [&b"level"[..]; 35];
    let source = text_below(&keys, "queue");
    let once = scrubber.scrub(&source, Format::Otlp(Signal::Logs), TODAY).unwrap();
    assert_eq!(once.report().unscanned, 1);
    let twice = scrubber.scrub(once.bytes(), Format::Otlp(Signal::Logs), TODAY).unwrap();
    assert_eq!(twice.report().unscanned, 0);
    assert_eq!(once.bytes().as_ptr(), twice.bytes().as_ptr());
}

/// The longest end of a candidate may touch a letter where a shorter one touches none: `.nii` of `.nIip`, behind `.pdf`.
#[test]
fn a_shorter_match_counts_where_the_longest_breaks_its_edge() {
    for rules in [&*RULES, &*REFEREE] {
        let mut scrubber = Scrubber::new(rules).unwrap();
        let text = Bytes::from("see patients/xqorlo-zygoz-00482913-x.pdf.nIip kept");
        let out = scrubber.scrub(&text, Format::Text, TODAY).unwrap().bytes().clone();
        assert!(!holds(&out, b"xqorlo"), "{}", out.escape_ascii());
    }
}

/// A plus that was encoded is one when it is decoded, also where it then looks like a space between words.
#[test]
fn a_plus_that_was_encoded_stays_one_and_one_beside_a_code_is_a_space() {
    let mut scrubber = Scrubber::new(&RULES).unwrap();
    for (text, gone) in [
        ("GET /x?note=Ri%2540%252B14155550142%2520called&page=2", "14155550142"),
        ("GET /x?next=%2Ffind%3Fphone%3D%2B1%2B415%2B555%2B0142&page=2", "415%2B555"),
        ("note=subscriber+XQH100200300+termed&sort=asc", "XQH100200300"),
        // Base64 in the alphabet of URLs, in three layers.
        (
            "GET /x?note=%252520UklGR8%252BHiV0VCUFZQO%252B5%252B6V%255F%252D%255F%255F%255F7%255F%252Bl%252BQt%252DTF0r3%252B%255F%2540x",
            "UklGR8",
        ),
    ] {
        let out = scrubber.scrub(&Bytes::from(text), Format::Text, TODAY).unwrap().bytes().clone();
        assert!(!holds(&out, gone.as_bytes()), "{text}: {}", out.escape_ascii());
    }
}
