//! Sentry's envelopes: a line of JSON, then items, each a line of JSON and what that line announces.
//!
//! What is no item of a known type goes, and is counted: attachments, replays and dumps are documents that no walker
//! reads. An envelope that is left without items goes as a whole.

use super::json::Json;
use super::read::{Spot, Tree};
use super::shape::Node;
use super::{Syntax as _, Token, sentry};
use crate::tape::Place;
use crate::walk::{Change, Malformed, Out, Value, WalkError};
use std::ops::Range;

/// An item of an envelope.
#[derive(Debug)]
pub(crate) struct Item {
    /// All of it, with the line break behind it.
    pub(crate) all: Range<usize>,
    /// The line that announces it.
    pub(crate) header: Range<usize>,
    /// Where in that line the length of the content stands, if it does.
    pub(crate) length: Option<Range<usize>>,
    pub(crate) content: Range<usize>,
    node: Option<(&'static Node, Place)>,
}

/// Where the parts of an envelope stand.
#[derive(Debug)]
pub(crate) struct Envelope {
    pub(crate) header: Range<usize>,
    pub(crate) items: Vec<Item>,
}

/// What is read of the items of a type; `None` of those that go.
fn node(kind: &[u8], listed: bool) -> Option<(&'static Node, Place)> {
    Some(match kind {
        b"event" | b"transaction" | b"feedback" => (&sentry::EVENT, Place::EventAttribute),
        b"span" if !listed => (&sentry::RECORD, Place::SpanAttribute),
        b"span" => (&sentry::RECORDS, Place::SpanAttribute),
        b"log" => (&sentry::RECORDS, Place::LogAttribute),
        b"trace_metric" => (&sentry::RECORDS, Place::MetricLabel),
        b"session" | b"sessions" => (&sentry::SESSION, Place::ResourceAttribute),
        b"user_report" | b"check_in" | b"client_report" | b"profile" | b"profile_chunk" => {
            (&sentry::OTHER, Place::EventAttribute)
        }
        _ => return None,
    })
}

/// Finds the parts of an envelope.
///
/// # Errors
/// If they cannot be told apart without doubt: a reader that saw other parts would see what nobody has looked at.
pub(crate) fn parts(source: &[u8]) -> Result<Envelope, Malformed> {
    let line = |start: usize| {
        let rest = source.get(start..).unwrap_or(&[]);
        start..start + memchr::memchr(b'\n', rest).unwrap_or(rest.len())
    };
    let header = line(0);
    let mut items = Vec::new();
    let mut at = header.end + 1;
    while at < source.len() {
        let start = at;
        let header = line(start);
        // Some writers end with an empty line.
        if header.is_empty() {
            at = header.end + 1;
            continue;
        }
        let announced = Announced::read(source, header.clone())?;
        let from = (header.end + 1).min(source.len());
        let content = match announced.length {
            None => line(from),
            Some((length, _)) => from..from.checked_add(length).ok_or(Malformed { offset: start })?,
        };
        if content.end > source.len() || source.get(content.end).is_some_and(|byte| *byte != b'\n') {
            return Err(Malformed { offset: start });
        }
        at = content.end + 1;
        items.push(Item {
            all: start..at.min(source.len()),
            header,
            length: announced.length.map(|(_, range)| range),
            content,
            node: announced.node,
        });
    }
    Ok(Envelope { header, items })
}

/// What the line above an item says.
#[derive(Default)]
struct Announced {
    node: Option<(&'static Node, Place)>,
    length: Option<(usize, Range<usize>)>,
}

impl Announced {
    fn read(source: &[u8], line: Range<usize>) -> Result<Self, Malformed> {
        let broken = Malformed { offset: line.start };
        let mut json = Json::new(source, line);
        let Token::Map(mut open) = json.token()? else { return Err(broken) };
        let (mut kind, mut length, mut listed) = (None, None, false);
        while json.next(&mut open, true)? {
            let Token::Text(key) = json.key()? else { return Err(broken) };
            let key = json.words(&key).to_vec();
            let at = json.at();
            let token = json.token()?;
            // Two of them, or other values, are one thing to some readers and another to others.
            if key == b"type" {
                let Token::Text(text) = token else { return Err(broken) };
                if kind.replace(json.words(&text).to_vec()).is_some() {
                    return Err(broken);
                }
            } else if key == b"length" {
                let Token::Number(Value::Int(value), range) = token else { return Err(broken) };
                let value = usize::try_from(value).map_err(|_| broken)?;
                if length.replace((value, range)).is_some() {
                    return Err(broken);
                }
            } else {
                listed |= key == b"item_count";
                json.seek(at);
                json.skip()?;
            }
        }
        let kind = kind.ok_or(broken)?;
        Ok(Self { node: node(&kind, listed), length })
    }
}

/// Walks an envelope.
pub(crate) fn walk(source: &[u8], out: &mut Out<'_>) -> Result<(), WalkError> {
    if source.is_empty() {
        return Ok(());
    }
    let envelope = parts(source)?;
    let kept = envelope.items.iter().filter(|item| item.node.is_some()).count();
    let gone = envelope.items.len() - kept;
    out.walked.unknown_fields += gone as u64;
    if kept == 0 && gone > 0 {
        out.walked.changes.push(Change::Remove(0..source.len()));
        return Ok(());
    }
    part(source, envelope.header, (&sentry::HEADER, Place::ResourceAttribute), out)?;
    for item in envelope.items {
        match item.node {
            Some(node) => {
                part(source, item.header, (&sentry::ITEM_HEADER, Place::ResourceAttribute), out)?;
                part(source, item.content, node, out)?;
            }
            None => out.walked.changes.push(Change::Remove(item.all)),
        }
    }
    out.walked.records = out.walked.records.max(1);
    Ok(())
}

/// A line of an envelope, or the content of an item.
fn part(
    source: &[u8],
    range: Range<usize>,
    (node, place): (&'static Node, Place),
    out: &mut Out<'_>,
) -> Result<(), WalkError> {
    let mut tree = Tree { syntax: Json::new(source, range), out };
    tree.value(node, &Spot::root(place))?;
    if tree.syntax.ended() { Ok(()) } else { Err(Malformed { offset: tree.syntax.at() }.into()) }
}
