//! The tables by themselves: every field is found by its number, and no text passes unread.

use super::{Schema, root};
use crate::walk::otlp::{Kind, Message, Reason, Scrub, Type};
use std::collections::BTreeMap;

/// All messages of the tables, each once.
fn messages() -> Vec<&'static Message> {
    let roots = [Schema::DatadogMetrics, Schema::DatadogSketches, Schema::DatadogAgentTraces];
    let mut found: BTreeMap<&str, &'static Message> = BTreeMap::new();
    let mut left: Vec<&'static Message> = roots.into_iter().map(|schema| root(schema).unwrap()).collect();
    while let Some(message) = left.pop() {
        if let Some(other) = found.insert(message.name, message) {
            assert!(std::ptr::eq(other, message), "two tables of {}", message.name);
            continue;
        }
        for field in message.fields {
            if let Type::Nested(nested) = field.kind {
                left.push(nested);
            }
        }
    }
    found.into_values().collect()
}

#[test]
fn every_field_is_found_by_its_number() {
    let messages = messages();
    assert!(messages.len() > 25, "{}", messages.len());
    for message in messages {
        for field in message.fields {
            let found = message.field(field.number);
            assert!(found.is_some_and(|found| std::ptr::eq(found, field)), "{}.{}", message.name, field.name);
        }
        assert!(message.field(0).is_none() && message.field(17).is_none() && message.field(u32::MAX).is_none());
    }
}

#[test]
fn no_text_and_no_bytes_pass_unread() {
    for (message, field) in messages().into_iter().flat_map(|message| message.fields.iter().map(move |f| (message, f)))
    {
        let read = match (field.kind, field.scrub) {
            (Type::Nested(nested), Scrub::Entries(_) | Scrub::Indexed(_)) => nested.kind == Kind::Entry,
            (Type::Nested(nested), Scrub::Enter) => nested.kind != Kind::Entry || message.kind == Kind::Entry,
            (Type::String, Scrub::Tags(_)) => field.repeated && message.kind == Kind::Tagged,
            (Type::String, Scrub::Text(crate::tape::Place::StringTable)) => {
                message.kind == Kind::Tabled && field.number == 1 && field.repeated
            }
            (Type::String, Scrub::Text(_) | Scrub::Under(..) | Scrub::Statement(_) | Scrub::Payload) => true,
            (Type::String | Type::Bytes | Type::Int64 | Type::Double, Scrub::Inline) => message.kind == Kind::Entry,
            (Type::Bytes, scrub) => scrub == Scrub::Id(16),
            (Type::Uint32, Scrub::IndexedStatement) => true,
            (Type::Uint32, Scrub::Keep(Reason::Index)) => message.name.starts_with("idx."),
            (Type::Nested(_) | Type::String, _) => false,
            (_, scrub) => matches!(scrub, Scrub::Keep(_)),
        };
        assert!(read, "{}.{}: {:?}", message.name, field.name, field.scrub);
    }
}
