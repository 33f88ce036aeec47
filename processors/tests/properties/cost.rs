//! What texts cost that were made to be slow: not much more than any other text of their length.

use super::{RULES, TODAY};
use bytes::Bytes;
use processors::{Format, Scrubber};
use std::time::{Duration, Instant};

/// What a text has, in bytes: where a look at each byte reaches over all others, that is a thousand times too slow.
const LONG: usize = 256 << 10;

/// How much slower than log lines a text may be. Those with a finding in every few bytes are the slowest.
const SLOWEST: u32 = 30;

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
fn no_text_costs_much_more_than_others() {
    let mut scrubber = Scrubber::new(&RULES).unwrap().without_memo();
    let usual = "2026-11-25T10:00:00Z INFO order 4711 left ward 3 after 31 ms status=200\n";
    let usual = cost(&mut scrubber, &text(usual, LONG));
    // A pair of words and a long row of pluses in front of them, again and again; words on both sides of an equals sign.
    let rows = [format!("={}", "+".repeat(500)), format!("{}=", "a".repeat(40)), format!("q={}", "a+".repeat(100))];
    let mut slow = Vec::new();
    for kind in KINDS.into_iter().map(str::to_owned).chain(rows) {
        let cost = cost(&mut scrubber, &text(&kind, LONG));
        if cost > usual * SLOWEST {
            slow.push(format!("{kind:.20?}: {cost:?}, usually {usual:?}"));
        }
    }
    assert!(slow.is_empty(), "{slow:#?}");
}
