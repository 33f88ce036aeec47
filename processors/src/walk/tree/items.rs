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

/// How many items a list in MessagePack has that begins at `at`.
pub(crate) fn msgpack_count(source: &[u8], at: usize) -> Option<usize> {
    match head(source, at, source.len()).ok()?.0 {
        Head::List(count) => Some(count),
        Head::Map(_) | Head::Text(_) | Head::Bytes(_) | Head::Extension(..) | Head::Number(_) | Head::Plain => None,
    }
}

/// Where the value of an entry of a map in MessagePack begins.
pub(crate) fn msgpack_entry(source: &[u8], name: &[u8]) -> Option<usize> {
    let (Head::Map(count), mut at) = head(source, 0, source.len()).ok()? else { return None };
    for _ in 0..count {
        let (key, value) = head(source, at, source.len()).ok()?;
        if let Head::Text(range) = key
            && source.get(range) == Some(name)
        {
            return Some(value);
        }
        at = skip_value(source, skip_value(source, at, source.len()).ok()?, source.len()).ok()?;
    }
    None
}
