//! The items of a list of records, for whoever counts or divides them.

use super::json::Json;
use super::msgpack::{Head, head, skip_value};
use super::{Syntax as _, Token};
use std::ops::Range;

/// Where the items of a document stand that is a list. `None` if it is none. Costs a look over its bytes.
pub(crate) fn json_items(source: &[u8], list: Range<usize>) -> Option<Vec<Range<usize>>> {
    let mut json = Json::new(source, list);
    let Token::List(mut open) = json.token().ok()? else { return None };
    let mut items = Vec::new();
    while json.next(&mut open, false).ok()? {
        let start = json.at();
        json.skip().ok()?;
        items.push(start..json.at());
    }
    Some(items)
}

/// The same in MessagePack, of a list that begins at `at`.
pub(crate) fn msgpack_items(source: &[u8], at: usize) -> Option<Vec<Range<usize>>> {
    let (Head::List(count), mut at) = head(source, at, source.len()).ok()? else { return None };
    let mut items = Vec::with_capacity(count.min(1024));
    for _ in 0..count {
        let end = skip_value(source, at, source.len()).ok()?;
        items.push(at..end);
        at = end;
    }
    Some(items)
}

/// Where the value of an entry of a map in MessagePack stands that begins at `at`. `None` if the key is not there, or twice.
pub(crate) fn msgpack_entry(source: &[u8], at: usize, name: &[u8]) -> Option<Range<usize>> {
    let (Head::Map(count), mut at) = head(source, at, source.len()).ok()? else { return None };
    let mut found = None;
    for _ in 0..count {
        let (key, _) = head(source, at, source.len()).ok()?;
        let value = skip_value(source, at, source.len()).ok()?;
        at = skip_value(source, value, source.len()).ok()?;
        if let Head::Text(range) = key
            && source.get(range) == Some(name)
            && found.replace(value..at).is_some()
        {
            return None;
        }
    }
    found
}

/// The same in JSON.
pub(crate) fn json_entry(source: &[u8], map: Range<usize>, name: &[u8]) -> Option<Range<usize>> {
    let mut json = Json::new(source, map);
    let Token::Map(mut open) = json.token().ok()? else { return None };
    let mut found = None;
    while json.next(&mut open, true).ok()? {
        let key = json.key().ok()?;
        let value = json.at();
        json.skip().ok()?;
        let range = value..json.at();
        if let Token::Text(text) = key
            && json.words(&text) == name
            && found.replace(range).is_some()
        {
            return None;
        }
    }
    found
}
