//! What must be true in the end.

use super::load::{Heard, Journal, canaries, id};
use crate::support::backend::Received;
use crate::support::sample::bodies;
use aho_corasick::AhoCorasick;
use std::collections::HashMap;

/// How often each record has arrived.
fn arrived(received: &[Received]) -> HashMap<String, usize> {
    let mut arrived = HashMap::new();
    for text in received.iter().flat_map(|request| bodies(&request.body)) {
        if let Some(name) = text.split(' ').next().filter(|name| name.starts_with("record-number-")) {
            *arrived.entry(name.to_owned()).or_default() += 1;
        }
    }
    arrived
}

/// Records that were acknowledged and have not arrived.
pub fn lost(journal: &Journal, taken: &[Received]) -> Vec<String> {
    let arrived = arrived(taken);
    let acknowledged = journal.entries().iter().filter(|entry| entry.heard == Heard::Taken);
    acknowledged.map(|entry| id(entry.record)).filter(|name| !arrived.contains_key(name)).collect()
}

/// How many records have arrived more than once.
pub fn duplicates(taken: &[Received]) -> usize {
    arrived(taken).values().filter(|times| **times > 1).count()
}

/// Where a canary is to be seen: at the backend, or in anything that the collector has shown.
pub fn leaked(journal: &Journal, received: &[Received], shown: &str) -> Vec<String> {
    let forms: Vec<String> = journal.entries().iter().flat_map(|entry| canaries(entry.record)).collect();
    let search = AhoCorasick::new(&forms).unwrap();
    let mut seen = Vec::new();
    let mut look = |place: &str, bytes: &[u8]| {
        seen.extend(search.find_iter(bytes).map(|found| format!("{place}: {}", forms[found.pattern().as_usize()])));
    };
    look("shown", shown.as_bytes());
    for request in received {
        look("at the backend", &request.body);
        for (name, value) in &request.headers {
            look(name.as_str(), value.as_bytes());
        }
    }
    seen.truncate(20);
    seen
}
