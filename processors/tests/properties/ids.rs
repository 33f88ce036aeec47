//! Ids of spans, traces and requests stay, whatever their digits spell.

use crate::{TODAY, complete};
use processors::{Engine, Format, Scrubber};

/// Digits that repeat from run to run.
struct Digits(u64);

impl Digits {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

#[test]
fn ids_stay() {
    let rules = complete(Engine::default());
    let mut scrubber = Scrubber::new(&rules).unwrap();
    let mut digits = Digits(0x9E37_79B9_7F4A_7C15);
    let mut text = String::new();
    for _ in 0..20_000 {
        let (a, b) = (digits.next(), digits.next());
        text += &format!("span_id={a:016x} trace_id={b:016x}{a:016x} ");
        let (c, d, e) = (a >> 32, a >> 16 & 0xffff, a & 0xfff);
        text += &format!("req {c:08x}-{d:04x}-4{e:03x}-a{:03x}-{:012x} done\n", b >> 52, b & 0xffff_ffff_ffff);
    }
    let out = scrubber.scrub(&text.clone().into(), Format::Lines, TODAY).unwrap();
    let out = std::str::from_utf8(out.bytes()).unwrap();
    let changed: Vec<(&str, &str)> = text.lines().zip(out.lines()).filter(|(line, other)| line != other).collect();
    assert!(changed.is_empty(), "{} of 20000, such as {:?}", changed.len(), &changed[..changed.len().min(4)]);
}
