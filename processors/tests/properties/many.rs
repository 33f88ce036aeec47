//! A scrubber that takes so many texts and findings: what has more is refused as a whole, wherever they lie.

use super::requests::{int, logs, map, string};
use super::{RULES, TODAY};
use bytes::Bytes;
use processors::walk::otlp::Signal;
use processors::{Format, Most, Rejected, Schema, Scrubber};

const MOST: usize = 100;

#[test]
fn more_texts_than_may_be_are_too_large_and_nothing_of_them_goes_on() {
    // The memo would pass over texts that were clean in the batch before.
    let mut scrubber =
        Scrubber::new(&RULES).unwrap().without_memo().with_most(Most { texts: MOST, findings: MOST / 2 });
    let records = |count: usize| logs((0..count).map(|number| string(&format!("line {number}"))).collect());
    let keys = |count: usize| {
        let keys: Vec<String> = (0..count).map(|number| format!("app.key{number}")).collect();
        logs(vec![map(&keys.iter().map(|key| (key.as_str(), "x")).collect::<Vec<_>>())])
    };
    let parts = |count: usize| {
        let fields: Vec<String> = (0..count).map(|number| format!("\"mrn{number}\":\"v\"")).collect();
        format!("{{{}}}", fields.join(","))
    };
    let in_a_text = |count: usize| logs(vec![string(&parts(count))]);
    let otlp = Format::Otlp(Signal::Logs);
    for (what, format, few, many) in [
        ("records", otlp, records(MOST / 2), records(MOST + 1)),
        ("keys", otlp, keys(MOST / 4), keys(MOST)),
        ("parts of a text", otlp, in_a_text(MOST / 4), in_a_text(MOST * 2)),
        ("lines", Format::Lines, "a line\n".repeat(MOST / 2).into(), "a line\n".repeat(MOST * 2).into()),
        (
            "findings",
            Format::Text,
            "ssn 536-22-8147, ".repeat(MOST / 4).into(),
            "ssn 536-22-8147, ".repeat(MOST).into(),
        ),
        (
            "fields",
            Format::Json(Schema::DatadogLogs),
            Bytes::from(format!("[{}]", parts(MOST / 4))),
            Bytes::from(format!("[{}]", parts(MOST * 2))),
        ),
    ] {
        assert!(scrubber.scrub(&few, format, TODAY).is_ok(), "{what}");
        assert!(matches!(scrubber.scrub(&many, format, TODAY), Err(Rejected::TooLarge)), "{what}");
        // What was refused leaves nothing behind.
        assert!(scrubber.scrub(&few, format, TODAY).is_ok(), "{what}");
    }
    let numbers = logs((0..MOST as i64 * 2).map(int).collect());
    assert!(scrubber.scrub(&numbers, otlp, TODAY).is_ok(), "numbers of no key are no texts");
}
