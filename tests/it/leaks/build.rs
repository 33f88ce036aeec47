//! Requests with something planted in every field that can hold it, made from the table the engine walks by.
//!
//! Nothing here knows a field by name but the values and keys that every signal shares: a field that is added to the
//! table is filled by its type.

use super::plant::{KEYS, Keyed, Plants};
use processors::Place;
use processors::walk::otlp::{Field, Message, Reason, Scrub, Signal, Type};
use processors::walk::wire::put_varint;
use std::collections::BTreeSet;

/// How deep values nest where everything is planted in everything.
const DEPTH: usize = 2;
/// How deep one chain of values nests.
const CHAIN: usize = 14;

/// A request, and the fields in which it carries something planted.
pub struct Built {
    pub request: Vec<u8>,
    /// `message.field`.
    pub carried: BTreeSet<String>,
}

/// What the wire looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// As libraries write it.
    Plain,
    /// Fields twice, all alternatives at once, unknown fields, ids of another length.
    Odd,
}

/// Builds an export request.
pub fn build(signal: Signal, shape: Shape, plants: &mut Plants) -> Built {
    let odd = shape == Shape::Odd;
    let mut builder =
        Builder { signal, odd, plants, carried: BTreeSet::new(), strings: vec![String::new()], written: 0, ids: 0 };
    let mut request = Vec::new();
    builder.message(signal.request(), 0, signal.name(), &mut request);
    Built { request, carried: builder.carried }
}

/// What a value stands under.
#[derive(Clone, Copy)]
enum Under {
    /// A key that says nothing, or none: what is planted has a shape.
    Nothing,
    /// A key that says what it is.
    Key(Keyed),
}

struct Builder<'p> {
    signal: Signal,
    odd: bool,
    plants: &'p mut Plants,
    carried: BTreeSet<String>,
    /// What of a profile's string table is not written yet.
    strings: Vec<String>,
    /// How many entries are: a second table goes on where the first ends.
    written: u64,
    ids: u64,
}

impl Builder<'_> {
    /// Writes a message. Of those with alternatives, `variant` says which one to take.
    fn message(&mut self, message: &'static Message, variant: usize, path: &str, out: &mut Vec<u8>) {
        let chosen = message.oneof.get(variant % message.oneof.len().max(1));
        // The string table last: everything else adds to it.
        let (late, first): (Vec<&'static Field>, Vec<&'static Field>) =
            message.fields.iter().partition(|field| field.scrub == Scrub::Text(Place::StringTable));
        for field in first.into_iter().chain(late) {
            let alternative = message.oneof.contains(&field.number);
            if alternative && chosen != Some(&field.number) && !self.odd {
                continue;
            }
            let path = format!("{path}.{}", field.name);
            for _ in 0..if self.odd && !field.repeated && !alternative { 2 } else { 1 } {
                match field.kind {
                    Type::Nested(nested) => self.nested(message, field, nested, variant, &path, out),
                    Type::String => self.text(message, field, &path, out),
                    Type::Bytes | Type::Hex => self.bytes(message, field, &path, out),
                    _ => self.number(field, out),
                }
            }
        }
        self.unknown(path, out);
    }

    /// In odd requests, fields that nobody knows: a text, and a group with one.
    fn unknown(&mut self, path: &str, out: &mut Vec<u8>) {
        if self.odd {
            put_bytes(999, self.plants.doomed(&format!("{path}, unknown field")).as_bytes(), out);
            put_varint(998 << 3 | 3, out);
            put_bytes(1, self.plants.doomed(&format!("{path}, unknown group")).as_bytes(), out);
            put_varint(998 << 3 | 4, out);
        }
    }

    fn nested(
        &mut self,
        message: &'static Message,
        field: &'static Field,
        nested: &'static Message,
        variant: usize,
        path: &str,
        out: &mut Vec<u8>,
    ) {
        self.carry(message, field);
        // By what the messages are, not by what the table says the scrub does with them: that is what is on trial.
        match nested.name {
            "common.v1.KeyValue" => self.attributes(field.number, path, out),
            "common.v1.AnyValue" => {
                let value = self.value(variant, Under::Nothing, 0, path);
                put_bytes(field.number, &value, out);
            }
            "profiles.v1development.KeyValueAndUnit" => self.table_attributes(field.number, path, out),
            _ => {
                let variants = if field.repeated && !self.odd { variants(nested) } else { 1 };
                for number in 0..variants {
                    let mut inner = Vec::new();
                    self.message(nested, if field.repeated { number } else { variant }, path, &mut inner);
                    put_bytes(field.number, &inner, out);
                }
            }
        }
    }

    fn text(&mut self, message: &'static Message, field: &'static Field, path: &str, out: &mut Vec<u8>) {
        self.carry(message, field);
        if field.scrub == Scrub::Text(Place::StringTable) {
            for _ in 0..30 {
                let text = self.plants.text(path);
                self.strings.push(text);
            }
            for text in std::mem::take(&mut self.strings) {
                self.written += 1;
                put_bytes(field.number, text.as_bytes(), out);
            }
            return;
        }
        for _ in 0..if field.repeated { 3 } else { 1 } {
            let text = match field.scrub {
                Scrub::Text(Place::EntityKey) => self.plants.key(path),
                _ => self.plants.text(path),
            };
            put_bytes(field.number, text.as_bytes(), out);
        }
    }

    fn bytes(&mut self, message: &'static Message, field: &'static Field, path: &str, out: &mut Vec<u8>) {
        match field.scrub {
            Scrub::Id(_) if self.odd => put_bytes(field.number, self.plants.doomed(path).as_bytes(), out),
            Scrub::Id(len) => {
                self.ids += 1;
                let id: Vec<u8> =
                    (0..len).map(|at| u8::try_from((self.ids * 31 + at as u64 * 7) % 256).unwrap()).collect();
                put_bytes(field.number, &id, out);
            }
            _ => {
                self.carry(message, field);
                let needle = self.plants.keyed(Keyed::Name, path);
                put_bytes(field.number, format!("JFR\u{1}\0thread of {needle}").as_bytes(), out);
            }
        }
    }

    /// A number that passes unread. It has to arrive: that is compared field by field.
    fn number(&mut self, field: &'static Field, out: &mut Vec<u8>) {
        self.ids += 1;
        let value = match field.scrub {
            Scrub::Keep(Reason::Time) => 1_767_225_600_000_000_000 + self.ids,
            Scrub::Keep(Reason::Enumerated) => 1,
            // The first entry of a table is the empty one.
            Scrub::Keep(Reason::Index) => 0,
            _ => 1 + self.ids % 50,
        };
        if !field.repeated {
            return put_number(field.number, field.kind, value, out);
        }
        let mut packed = Vec::new();
        for more in 0..3 {
            put_plain_number(field.kind, value + more, &mut packed);
        }
        put_bytes(field.number, &packed, out);
    }

    /// Attributes or map entries: every kind of value under a key that says nothing but holds an identifier itself,
    /// and identifiers without a shape under keys that say what they are.
    fn attributes(&mut self, number: u32, path: &str, out: &mut Vec<u8>) {
        for variant in 0..8 {
            let key = self.plants.key(&format!("{path}.key"));
            let value = self.value(variant, Under::Nothing, 0, path);
            self.key_value(number, &key, &value, out);
        }
        for (key, keyed) in KEYS {
            let value = self.value(0, Under::Key(*keyed), 0, &format!("{path}[{key}]"));
            self.key_value(number, key, &value, out);
        }
        for (key, keyed, variant) in UNDER_KEYS {
            let value = self.value(*variant, Under::Key(*keyed), 0, &format!("{path}[{key}]"));
            self.key_value(number, key, &value, out);
        }
        let patient = self.patient(&format!("{path}[patient]"));
        self.key_value(number, "patient", &patient, out);
        let chain = self.chain(path);
        self.key_value(number, "app.chain", &chain, out);
        for key in ["service.name", "k8s.pod.name", "host.name", "http.route", "app.step", "exception.message"] {
            let text = self.plants.survivor(&format!("{path}[{key}]"));
            self.key_value(number, key, &string(&text), out);
        }
        let id = format!("4bf92f3577b34da6a3ce929d{:08x}", self.ids);
        self.ids += 1;
        self.plants.survive(&id, path);
        self.key_value(number, "trace_id", &string(&id), out);
        if self.signal == Signal::Profiles {
            let value = self.value(0, Under::Key(Keyed::Name), 0, &format!("{path}[key_strindex]"));
            let mut entry = Vec::new();
            put_bytes(2, &value, &mut entry);
            let index = self.string("patient.name".into());
            put_number(3, Type::Int32, index, &mut entry);
            put_bytes(number, &entry, out);
        }
    }

    fn key_value(&mut self, number: u32, key: &str, value: &[u8], out: &mut Vec<u8>) {
        self.carried.insert("common.v1.KeyValue.key".into());
        self.carried.insert("common.v1.KeyValue.value".into());
        let mut entry = Vec::new();
        if self.odd {
            // Readers take the last of several.
            put_bytes(1, self.plants.bare("a superseded key").as_bytes(), &mut entry);
            self.unknown("key_value", &mut entry);
        }
        // The key behind the value every other time: the order on the wire is the sender's choice.
        self.ids += 1;
        if self.ids.is_multiple_of(2) {
            put_bytes(1, key.as_bytes(), &mut entry);
            put_bytes(2, value, &mut entry);
        } else {
            put_bytes(2, value, &mut entry);
            put_bytes(1, key.as_bytes(), &mut entry);
        }
        put_bytes(number, &entry, out);
    }

    /// The attribute table of a profile: keys, and some of the values, are entries of the string table.
    fn table_attributes(&mut self, number: u32, path: &str, out: &mut Vec<u8>) {
        let mut entries: Vec<(String, Vec<u8>)> = Vec::new();
        for variant in 0..8 {
            let key = self.plants.key(&format!("{path}.key"));
            entries.push((key, self.value(variant, Under::Nothing, 0, path)));
        }
        for (key, keyed) in KEYS {
            entries.push(((*key).into(), self.value(0, Under::Key(*keyed), 0, &format!("{path}[{key}]"))));
            entries.push(((*key).into(), self.value(7, Under::Key(*keyed), 0, &format!("{path}[{key}] by index"))));
        }
        for (key, keyed, variant) in UNDER_KEYS {
            entries.push(((*key).into(), self.value(*variant, Under::Key(*keyed), 0, &format!("{path}[{key}]"))));
        }
        entries.push(("patient".into(), self.patient(&format!("{path}[patient]"))));
        self.carried.insert("profiles.v1development.KeyValueAndUnit.value".into());
        for (key, value) in entries {
            let mut entry = Vec::new();
            let index = self.string(key);
            put_number(1, Type::Int32, index, &mut entry);
            put_bytes(2, &value, &mut entry);
            put_number(3, Type::Int32, 0, &mut entry);
            put_bytes(number, &entry, out);
        }
    }

    /// An `AnyValue`: its `variant` is one of the eight, in the order of their field numbers.
    fn value(&mut self, variant: usize, under: Under, depth: usize, path: &str) -> Vec<u8> {
        let mut out = Vec::new();
        if self.odd {
            put_bytes(7, self.planted(under, &format!("{path}, a losing alternative")).as_bytes(), &mut out);
            self.unknown(path, &mut out);
        }
        match (variant % 8, under) {
            (0, _) => put_bytes(1, self.planted(under, path).as_bytes(), &mut out),
            (1, _) => put_number(2, Type::Bool, 1, &mut out),
            (2, Under::Nothing) => put_number(3, Type::Int64, self.plants.harmless_int(path).cast_unsigned(), &mut out),
            (2, Under::Key(keyed)) => {
                self.carry_value("int_value");
                put_number(3, Type::Int64, self.plants.int(keyed, path).cast_unsigned(), &mut out);
            }
            (3, Under::Nothing) => put_number(4, Type::Fixed64, self.plants.harmless_double(path).to_bits(), &mut out),
            (3, Under::Key(keyed)) => {
                self.carry_value("double_value");
                put_number(4, Type::Fixed64, self.plants.double(keyed, path).to_bits(), &mut out);
            }
            (4, _) => put_bytes(5, &self.list(under, depth, &format!("{path}[]")), &mut out),
            (5, _) => put_bytes(6, &self.map(under, depth, &format!("{path}{{}}")), &mut out),
            (6, _) => {
                self.carry_value("bytes_value");
                put_bytes(7, self.planted(under, path).as_bytes(), &mut out);
            }
            // Outside profiles there is no table, and the index leads nowhere.
            _ => {
                let text = if self.signal == Signal::Profiles { self.planted(under, path) } else { String::new() };
                let index = self.string(text);
                put_number(8, Type::Int32, index, &mut out);
            }
        }
        self.carry_value(["string_value", "", "", "", "array_value", "kvlist_value", "", ""][variant % 8]);
        out
    }

    fn planted(&mut self, under: Under, path: &str) -> String {
        match under {
            Under::Nothing => self.plants.text(path),
            Under::Key(keyed) => self.plants.keyed(keyed, path),
        }
    }

    fn list(&mut self, under: Under, depth: usize, path: &str) -> Vec<u8> {
        self.carried.insert("common.v1.ArrayValue.values".into());
        let mut out = Vec::new();
        let variants: &[usize] = if depth < DEPTH { &[0, 1, 2, 3, 4, 5, 6, 7, 0] } else { &[0, 6, 0] };
        for variant in variants {
            put_bytes(1, &self.value(*variant, under, depth + 1, path), &mut out);
        }
        out
    }

    fn map(&mut self, under: Under, depth: usize, path: &str) -> Vec<u8> {
        self.carried.insert("common.v1.KeyValueList.values".into());
        let mut out = Vec::new();
        let variants: &[usize] = if depth < DEPTH { &[0, 1, 2, 3, 4, 5, 6, 7] } else { &[0, 6] };
        for variant in variants {
            let (key, value) = match under {
                Under::Nothing => {
                    (self.plants.key(&format!("{path}.key")), self.value(*variant, under, depth + 1, path))
                }
                // The words that say what it is stand at the end of the path.
                Under::Key(keyed) => {
                    let key = KEYS.iter().find(|(_, other)| *other == keyed).unwrap().0;
                    (key.to_owned(), self.value(*variant, under, depth + 1, path))
                }
            };
            self.key_value(1, &key, &value, &mut out);
        }
        let (key, keyed) = KEYS[self.strings.len() % KEYS.len()];
        let value = self.value(0, Under::Key(keyed), depth + 1, &format!("{path}[{key}]"));
        self.key_value(1, key, &value, &mut out);
        out
    }

    /// A person as maps and lists: what a value is stands in keys above it.
    fn patient(&mut self, path: &str) -> Vec<u8> {
        let mut name = Vec::new();
        for key in ["family", "given"] {
            let text = self.plants.keyed(Keyed::Word, &format!("{path}.name.{key}"));
            self.key_value(1, key, &string(&text), &mut name);
        }
        let mut contact = Vec::new();
        let text = self.plants.keyed(Keyed::Phone, &format!("{path}.contacts[].phone"));
        self.key_value(1, "phone", &string(&text), &mut contact);
        let mut contacts = Vec::new();
        put_bytes(1, &field(6, &contact), &mut contacts);
        let mut patient = Vec::new();
        self.key_value(1, "name", &field(6, &name), &mut patient);
        self.key_value(1, "contacts", &field(5, &contacts), &mut patient);
        let mut number = Vec::new();
        put_number(3, Type::Int64, self.plants.int(Keyed::Number, &format!("{path}.mrn")).cast_unsigned(), &mut number);
        self.key_value(1, "mrn", &number, &mut patient);
        field(6, &patient)
    }

    /// Lists in maps in lists, far down a text.
    fn chain(&mut self, path: &str) -> Vec<u8> {
        let mut value = string(&self.plants.text(&format!("{path}, {CHAIN} levels down")));
        for level in 0..CHAIN {
            if level.is_multiple_of(2) {
                value = field(5, &field(1, &value));
            } else {
                let mut list = Vec::new();
                self.key_value(1, "level", &value, &mut list);
                value = field(6, &list);
            }
        }
        value
    }

    /// Puts a text into the string table.
    fn string(&mut self, text: String) -> u64 {
        self.strings.push(text);
        self.written + self.strings.len() as u64 - 1
    }

    fn carry(&mut self, message: &Message, field: &Field) {
        self.carried.insert(format!("{}.{}", message.name, field.name));
    }

    fn carry_value(&mut self, field: &str) {
        if !field.is_empty() {
            self.carried.insert(format!("common.v1.AnyValue.{field}"));
        }
    }
}

/// Numbers, bytes, lists and maps under keys that say what they are.
const UNDER_KEYS: &[(&str, Keyed, usize)] = &[
    ("patient.ssn", Keyed::Ssn, 2),
    ("patient.mrn", Keyed::Number, 2),
    ("patient.phone", Keyed::Phone, 2),
    ("billing.account.number", Keyed::Code, 2),
    ("patient.mrn", Keyed::Number, 3),
    ("patient.home.lat", Keyed::City, 3),
    ("patient.name", Keyed::Name, 4),
    ("patient.mrn", Keyed::Number, 4),
    ("patient.name", Keyed::Name, 5),
    ("patient.mrn", Keyed::Number, 5),
    ("patient.name", Keyed::Name, 6),
];

/// How many instances it takes until every alternative of a message, and of what it holds once, has had its turn.
fn variants(message: &'static Message) -> usize {
    let own = message.oneof.len().max(1);
    let held = message.fields.iter().filter(|field| !field.repeated).map(|field| match field.kind {
        Type::Nested(nested) if !std::ptr::eq(nested, message) => nested.oneof.len(),
        _ => 1,
    });
    held.max().unwrap_or(1).max(own)
}

fn field(number: u32, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    put_bytes(number, content, &mut out);
    out
}

fn string(text: &str) -> Vec<u8> {
    field(1, text.as_bytes())
}

fn put_bytes(number: u32, content: &[u8], out: &mut Vec<u8>) {
    put_varint(u64::from(number << 3 | 2), out);
    put_varint(content.len() as u64, out);
    out.extend_from_slice(content);
}

fn put_number(number: u32, kind: Type, value: u64, out: &mut Vec<u8>) {
    let wire = match kind {
        Type::Fixed64 | Type::Sfixed64 | Type::Double => 1,
        Type::Fixed32 => 5,
        _ => 0,
    };
    put_varint(u64::from(number << 3 | wire), out);
    put_plain_number(kind, value, out);
}

fn put_plain_number(kind: Type, value: u64, out: &mut Vec<u8>) {
    match kind {
        Type::Fixed64 | Type::Sfixed64 => out.extend_from_slice(&value.to_le_bytes()),
        Type::Double => out.extend_from_slice(&f64::from(u32::try_from(value).unwrap()).to_le_bytes()),
        Type::Fixed32 => out.extend_from_slice(&u32::try_from(value).unwrap().to_le_bytes()),
        Type::Sint32 => put_varint(value << 1, out),
        Type::Bool => put_varint(value & 1, out),
        _ => put_varint(value, out),
    }
}
