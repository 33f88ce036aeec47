//! The table against the protocol: what is sent and stands in no row of the table is dropped unseen, and what stands in
//! it wrongly is read wrongly.

use super::{Field, Message, Reason, Scrub, Signal, Type};
use opentelemetry_proto::DESCRIPTORS;
use prost::Message as _;
use prost_types::field_descriptor_proto::{Label, Type as Described};
use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorSet};
use std::collections::{BTreeMap, BTreeSet};

const PACKAGE: &str = ".opentelemetry.proto.";

#[test]
fn the_table_is_what_the_descriptors_say() {
    let described = described();
    let table = in_table();
    assert!(described.len() > 200, "the descriptors were read: {}", described.len());
    let missing: Vec<&String> = described.difference(&table).collect();
    let invented: Vec<&String> = table.difference(&described).collect();
    assert!(
        missing.is_empty() && invented.is_empty(),
        "only in the descriptors: {missing:#?}\nonly in the table: {invented:#?}"
    );
}

#[test]
fn every_field_is_found_by_its_number() {
    for message in messages() {
        for field in message.fields {
            assert!(
                message.field(field.number).is_some_and(|found| std::ptr::eq(found, field)),
                "{}.{}",
                message.name,
                field.name
            );
        }
        let highest = message.fields.iter().map(|field| field.number).max().unwrap_or(0);
        for number in [0, highest + 1, highest + 128, 1000, u32::MAX] {
            assert!(message.field(number).is_none(), "{} {number}", message.name);
        }
    }
}

#[test]
fn no_text_and_no_bytes_pass_unread() {
    for (message, field) in messages().into_iter().flat_map(|message| message.fields.iter().map(move |f| (message, f)))
    {
        let read = match (field.kind, field.scrub) {
            (Type::Nested(_), scrub) => matches!(scrub, Scrub::Enter | Scrub::Attributes(_) | Scrub::Value(_)),
            (Type::String, scrub) => matches!(scrub, Scrub::Text(_) | Scrub::Inline),
            (Type::Bytes, scrub) => matches!(scrub, Scrub::Id(_) | Scrub::Payload | Scrub::Inline),
            (Type::Hex, scrub) => matches!(scrub, Scrub::Id(8 | 16)),
            (Type::Fixed64 | Type::Sfixed64 | Type::Double, scrub) => {
                matches!(scrub, Scrub::Keep(Reason::Time | Reason::Measurement | Reason::Count) | Scrub::Inline)
            }
            (_, scrub) => matches!(scrub, Scrub::Keep(_) | Scrub::Inline),
        };
        assert!(read, "{}.{}: {:?}", message.name, field.name, field.scrub);
        if field.scrub == Scrub::Inline {
            assert!(["common.v1.AnyValue", "common.v1.KeyValue"].contains(&message.name), "{}", message.name);
        }
    }
}

/// All messages of the table, each once.
fn messages() -> Vec<&'static Message> {
    let mut found: BTreeMap<&str, &'static Message> = BTreeMap::new();
    let mut left: Vec<&'static Message> = Signal::ALL.map(Signal::request).to_vec();
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

/// A line for each message and field of the table.
fn in_table() -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for message in messages() {
        assert!(lines.insert(message.name.to_owned()));
        for field in message.fields {
            let oneof = message.oneof.contains(&field.number);
            let line = line(message.name, field.number, field.name, field.json, &kind(field), field.repeated, oneof);
            assert!(lines.insert(line), "{}.{} twice", message.name, field.name);
        }
    }
    lines
}

fn kind(field: &Field) -> String {
    let name = match field.kind {
        Type::Nested(message) => message.name,
        Type::String => "string",
        Type::Bytes => "bytes",
        Type::Hex => "id",
        Type::Bool => "bool",
        Type::Enum => "enum",
        Type::Int32 => "int32",
        Type::Uint32 => "uint32",
        Type::Sint32 => "sint32",
        Type::Fixed32 => "fixed32",
        Type::Int64 => "int64",
        Type::Uint64 => "uint64",
        Type::Fixed64 => "fixed64",
        Type::Sfixed64 => "sfixed64",
        Type::Double => "double",
    };
    name.to_owned()
}

/// The same lines for all messages that the export requests reach by the descriptors.
fn described() -> BTreeSet<String> {
    let set = FileDescriptorSet::decode(DESCRIPTORS).unwrap();
    let mut known = BTreeMap::new();
    for file in set.file {
        let package = format!(".{}", file.package());
        file.message_type.iter().for_each(|message| collect(&package, message, &mut known));
    }
    let mut lines = BTreeSet::new();
    let mut left: Vec<String> = Signal::ALL.map(|signal| format!("{PACKAGE}{}", signal.request().name)).to_vec();
    while let Some(name) = left.pop() {
        let short = name.strip_prefix(PACKAGE).expect("a message of OTLP");
        if !lines.insert(short.to_owned()) {
            continue;
        }
        let message = known.get(&name).unwrap_or_else(|| panic!("{name} is not in the descriptors"));
        for field in &message.field {
            // A field that is merely optional stands in a oneof of its own, which is none.
            let oneof = field.oneof_index.is_some() && !field.proto3_optional();
            let number = u32::try_from(field.number()).unwrap();
            let repeated = field.label() == Label::Repeated;
            let kind = described_kind(field);
            lines.insert(line(short, number, field.name(), field.json_name(), &kind, repeated, oneof));
            if field.r#type() == Described::Message {
                left.push(field.type_name().to_owned());
            }
        }
    }
    lines
}

fn collect(parent: &str, message: &DescriptorProto, known: &mut BTreeMap<String, DescriptorProto>) {
    let name = format!("{parent}.{}", message.name());
    message.nested_type.iter().for_each(|nested| collect(&name, nested, known));
    known.insert(name, message.clone());
}

fn described_kind(field: &FieldDescriptorProto) -> String {
    let name = match field.r#type() {
        Described::Message => field.type_name().strip_prefix(PACKAGE).expect("a message of OTLP"),
        Described::String => "string",
        // OTLP/JSON writes these, and no other bytes, in hexadecimal.
        Described::Bytes if ["trace_id", "span_id", "parent_span_id"].contains(&field.name()) => "id",
        Described::Bytes => "bytes",
        Described::Bool => "bool",
        Described::Enum => "enum",
        Described::Int32 => "int32",
        Described::Uint32 => "uint32",
        Described::Sint32 => "sint32",
        Described::Fixed32 => "fixed32",
        Described::Int64 => "int64",
        Described::Uint64 => "uint64",
        Described::Fixed64 => "fixed64",
        Described::Sfixed64 => "sfixed64",
        Described::Double => "double",
        Described::Float | Described::Group | Described::Sfixed32 | Described::Sint64 => {
            panic!("{}: the table has no type for it", field.name())
        }
    };
    name.to_owned()
}

fn line(message: &str, number: u32, name: &str, json: &str, kind: &str, repeated: bool, oneof: bool) -> String {
    let (many, one) = (if repeated { " repeated" } else { "" }, if oneof { " oneof" } else { "" });
    format!("{message} {number} {name} ({json}): {kind}{many}{one}")
}
