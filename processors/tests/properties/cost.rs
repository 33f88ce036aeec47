//! What texts cost that were made to be slow: in proportion to their length, and not much more than any other text.

use super::{RULES, TODAY};
use bytes::Bytes;
use processors::{Format, Scrubber};
use std::time::{Duration, Instant};

/// The shorter and the longer text, in bytes. What grows with the square of the length takes 64 times as long.
const SHORT: usize = 32 << 10;
const LONG: usize = 8 * SHORT;

/// How much slower than a log line a text may be, byte by byte. Those with a finding in every few bytes are the slowest.
const SLOWEST: u32 = 60;

/// What texts are made of, again and again.
const KINDS: [&str; 48] = [
    "7",
    "1 ",
    "1-",
    "1.",
    "1:",
    "+",
    "%",
    "%41",
    "%25",
    "@",
    "a@b ",
    "://",
    "http://a:b@c/",
    "{",
    "[",
    "(",
    "<",
    "<a ",
    "{\"a\":",
    "\"",
    "'",
    "\\",
    "\\\"",
    "\\u0041",
    "=",
    "a=b&",
    "=3D",
    "=?utf-8?q?",
    "&#",
    "|",
    "PID|",
    "PID||",
    "N1*",
    "ISA*",
    "NM1*IL*",
    "~",
    "ssn:",
    "patient: ",
    "dob 1 ",
    "Maria ",
    "A B ",
    "select 'a' ",
    "QUFB",
    "35 33 ",
    "eyJ.",
    "/patients/",
    "[REDACTED:",
    "\u{ff15}",
];

fn text(of: &str, bytes: usize) -> Bytes {
    of.repeat(bytes / of.len()).into()
}

/// How long the quicker of two scrubs takes.
fn cost(scrubber: &mut Scrubber<'_>, text: &Bytes) -> Duration {
    let once = |_| {
        let began = Instant::now();
        scrubber.scrub(text, Format::Text, TODAY).unwrap();
        began.elapsed()
    };
    [(), ()].map(once).into_iter().min().unwrap()
}

#[test]
fn no_text_costs_much_more_than_its_length() {
    let mut scrubber = Scrubber::new(&RULES).unwrap().without_memo();
    let usual = "2026-11-25T10:00:00Z INFO order 4711 left ward 3 after 31 ms status=200\n";
    let usual = cost(&mut scrubber, &text(usual, LONG));
    // A pair of words and a long row of pluses in front of them, again and again; words on both sides of an equals sign.
    let rows = [format!("={}", "+".repeat(500)), format!("{}=", "a".repeat(40)), format!("q={}", "a+".repeat(100))];
    let mut slow = Vec::new();
    for kind in KINDS.into_iter().map(str::to_owned).chain(rows) {
        let [short, long] = [SHORT, LONG].map(|bytes| cost(&mut scrubber, &text(&kind, bytes)));
        if long > short * 20 + Duration::from_millis(20) || long > usual * SLOWEST {
            slow.push(format!("{kind:.20?}: {short:?}, eight times as long {long:?}, usually {usual:?}"));
        }
    }
    assert!(slow.is_empty(), "{slow:#?}");
}
