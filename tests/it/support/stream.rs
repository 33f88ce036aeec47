//! Traces v1.0 as a tracer writes them and as readers read them: the Agent's counts a text once, another may count each.

use rmpv::Value as Packed;
use serde_json::{Map, Value, json};
use std::collections::HashMap;

/// Writes texts where they are used first.
#[derive(Default)]
struct Writer(HashMap<String, u64>);

impl Writer {
    fn text(&mut self, text: &str) -> Packed {
        if text.is_empty() {
            return 0.into();
        }
        let next = self.0.len() as u64 + 1;
        match self.0.get(text) {
            Some(index) => (*index).into(),
            None => {
                self.0.insert(text.to_owned(), next);
                text.into()
            }
        }
    }

    /// Attributes of a map, or nothing. What is null is left out.
    fn attributes(&mut self, of: &Value) -> Packed {
        let mut items = Vec::new();
        for (key, value) in of.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
            items.push(self.text(key));
            self.value(value, &mut items);
        }
        Packed::Array(items)
    }

    fn value(&mut self, value: &Value, items: &mut Vec<Packed>) {
        let (kind, value): (u8, Packed) = match value {
            Value::Null => (1, 0.into()),
            Value::String(text) => (1, self.text(text)),
            Value::Bool(value) => (2, (*value).into()),
            Value::Number(number) => match number.as_i64() {
                Some(value) => (4, value.into()),
                None => (3, number.as_f64().unwrap().into()),
            },
            Value::Array(values) => {
                let mut inner = Vec::new();
                values.iter().for_each(|value| self.value(value, &mut inner));
                (6, Packed::Array(inner))
            }
            Value::Object(entries) => match entries.get("$bytes") {
                Some(bytes) => (5, Packed::Binary(from_hex(bytes.as_str().unwrap()))),
                None => (7, self.attributes(value)),
            },
        };
        items.extend([kind.into(), value]);
    }

    fn span(&mut self, span: &Value) -> Packed {
        let text = |field: &Value| field.as_str().unwrap_or_default().to_owned();
        let mut entries: Vec<(Packed, Packed)> = Vec::new();
        for (number, name) in [(1, "service"), (2, "name"), (3, "resource")] {
            entries.push((number.into(), self.text(&text(&span[name]))));
        }
        for (number, value) in [(4, 8_u64), (5, 0), (6, 1_764_000_000_000_000_000), (7, 1_200)] {
            entries.push((number.into(), value.into()));
        }
        entries.push((8.into(), true.into()));
        entries.push((9.into(), self.attributes(&span["attributes"])));
        entries.push((10.into(), self.text("web")));
        let mut links = Vec::new();
        for link in span["links"].as_array().into_iter().flatten() {
            let attributes = self.attributes(&link["attributes"]);
            let state = self.text(&text(&link["tracestate"]));
            links.push(Packed::Map(vec![
                (1.into(), Packed::Binary(vec![7; 16])),
                (2.into(), 9.into()),
                (3.into(), attributes),
                (4.into(), state),
                (5.into(), 1.into()),
            ]));
        }
        let mut events = Vec::new();
        for event in span["events"].as_array().into_iter().flatten() {
            let name = self.text(&text(&event["name"]));
            let attributes = self.attributes(&event["attributes"]);
            events.push(Packed::Map(vec![(1.into(), 5.into()), (2.into(), name), (3.into(), attributes)]));
        }
        entries.push((11.into(), Packed::Array(links)));
        entries.push((12.into(), Packed::Array(events)));
        entries.push((13.into(), self.text("prod")));
        entries.push((16.into(), 2.into()));
        Packed::Map(entries)
    }
}

/// A payload of chunks, each of which is its spans: `{service, name, resource, attributes, links, events}`.
pub fn write(chunks: &[Value]) -> Vec<u8> {
    let mut writer = Writer::default();
    let mut entries: Vec<(Packed, Packed)> = vec![(3.into(), writer.text("python")), (7.into(), writer.text("prod"))];
    let of_all = writer.attributes(&json!({ "team": "labs" }));
    entries.push((10.into(), of_all));
    let mut written = Vec::new();
    for spans in chunks {
        let origin = writer.text("lambda");
        let spans = spans.as_array().into_iter().flatten().map(|span| writer.span(span)).collect();
        written.push(Packed::Map(vec![
            (1.into(), 1.into()),
            (2.into(), origin),
            (3.into(), Packed::Array(Vec::new())),
            (4.into(), Packed::Array(spans)),
            (6.into(), Packed::Binary(vec![7; 16])),
            (7.into(), 3.into()),
        ]));
    }
    entries.push((11.into(), Packed::Array(written)));
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &Packed::Map(entries)).unwrap();
    bytes
}

/// A document in MessagePack.
pub fn packed(value: &Value) -> Vec<u8> {
    fn pack(value: &Value) -> Packed {
        match value {
            Value::Null => Packed::Nil,
            Value::Bool(value) => (*value).into(),
            Value::Number(number) => match number.as_i64() {
                Some(value) => value.into(),
                None => number.as_f64().unwrap().into(),
            },
            Value::String(text) => text.as_str().into(),
            Value::Array(items) => Packed::Array(items.iter().map(pack).collect()),
            Value::Object(entries) => {
                Packed::Map(entries.iter().map(|(key, value)| (key.as_str().into(), pack(value))).collect())
            }
        }
    }
    let mut bytes = Vec::new();
    rmpv::encode::write_value(&mut bytes, &pack(value)).unwrap();
    bytes
}

/// Bytes stand in JSON as `{"$bytes": ".."}`, in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn from_hex(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

/// Which texts have positions: each that is written, or each once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    Once,
    Each,
}

struct Reader {
    counts: Counts,
    texts: Vec<String>,
}

fn entries(value: &Packed) -> Option<Vec<(u64, &Packed)>> {
    value.as_map()?.iter().map(|(key, value)| Some((key.as_u64()?, value))).collect()
}

impl Reader {
    fn text(&mut self, value: &Packed) -> Option<String> {
        match value {
            Packed::String(text) => {
                let text = String::from_utf8_lossy(text.as_bytes()).into_owned();
                let known = self.texts.contains(&text);
                if self.counts == Counts::Each || !known {
                    self.texts.push(text.clone());
                }
                Some(text)
            }
            other => self.texts.get(usize::try_from(other.as_u64()?).ok()?).cloned(),
        }
    }

    fn attributes(&mut self, value: &Packed) -> Option<Value> {
        let items = value.as_array().filter(|items| items.len() % 3 == 0)?;
        let mut read = Map::new();
        for item in items.chunks(3) {
            let key = self.text(&item[0])?;
            let value = self.value(&item[1], &item[2])?;
            read.insert(key, value);
        }
        Some(Value::Object(read))
    }

    fn value(&mut self, kind: &Packed, value: &Packed) -> Option<Value> {
        Some(match kind.as_u64()? {
            1 => self.text(value)?.into(),
            2 => value.as_bool()?.into(),
            3 => value.as_f64()?.into(),
            4 => value.as_i64()?.into(),
            5 => match value {
                Packed::Binary(bytes) => json!({ "$bytes": hex(bytes) }),
                _ => return None,
            },
            6 => {
                let items = value.as_array().filter(|items| items.len() % 2 == 0)?;
                items.chunks(2).map(|item| self.value(&item[0], &item[1])).collect::<Option<Value>>()?
            }
            7 => self.attributes(value)?,
            _ => return None,
        })
    }

    fn all(&mut self, value: &Packed, read: impl Fn(&mut Self, &Packed) -> Option<Value>) -> Option<Value> {
        value.as_array()?.iter().map(|item| read(self, item)).collect()
    }

    fn span(&mut self, span: &Packed) -> Option<Value> {
        let mut read = Map::new();
        for (number, value) in entries(span)? {
            let (name, value) = match number {
                1 => ("service", self.text(value)?.into()),
                2 => ("name", self.text(value)?.into()),
                3 => ("resource", self.text(value)?.into()),
                9 => ("attributes", self.attributes(value)?),
                10 => ("type", self.text(value)?.into()),
                11 => ("links", self.all(value, Self::link)?),
                12 => ("events", self.all(value, Self::event)?),
                13 => ("env", self.text(value)?.into()),
                14 => ("version", self.text(value)?.into()),
                15 => ("component", self.text(value)?.into()),
                4..=8 | 16 => continue,
                _ => return None,
            };
            read.insert(name.into(), value);
        }
        Some(Value::Object(read))
    }

    fn link(&mut self, link: &Packed) -> Option<Value> {
        let mut read = Map::new();
        for (number, value) in entries(link)? {
            match number {
                3 => drop(read.insert("attributes".into(), self.attributes(value)?)),
                4 => drop(read.insert("tracestate".into(), self.text(value)?.into())),
                1 | 2 | 5 => {}
                _ => return None,
            }
        }
        Some(Value::Object(read))
    }

    fn event(&mut self, event: &Packed) -> Option<Value> {
        let mut read = Map::new();
        for (number, value) in entries(event)? {
            match number {
                1 => {}
                2 => drop(read.insert("name".into(), self.text(value)?.into())),
                3 => drop(read.insert("attributes".into(), self.attributes(value)?)),
                _ => return None,
            }
        }
        Some(Value::Object(read))
    }

    fn chunk(&mut self, chunk: &Packed) -> Option<Value> {
        let mut read = Map::new();
        for (number, value) in entries(chunk)? {
            match number {
                2 => drop(read.insert("origin".into(), self.text(value)?.into())),
                3 => drop(read.insert("attributes".into(), self.attributes(value)?)),
                4 => drop(read.insert("spans".into(), self.all(value, Self::span)?)),
                1 | 5 | 6 | 7 => {}
                _ => return None,
            }
        }
        Some(Value::Object(read))
    }
}

/// What a reader makes of a payload, and the texts that it has positions for. `None` if it is none.
pub fn read(bytes: &[u8], counts: Counts) -> Option<(Value, Vec<String>)> {
    let mut rest = bytes;
    let payload = rmpv::decode::read_value_with_max_depth(&mut rest, 200).ok().filter(|_| rest.is_empty())?;
    let mut reader = Reader { counts, texts: vec![String::new()] };
    let mut read = Map::new();
    for (number, value) in entries(&payload)? {
        match number {
            1 if reader.texts.len() == 1 => {
                for text in value.as_array()? {
                    let text = String::from_utf8_lossy(text.as_str().map(str::as_bytes)?).into_owned();
                    reader.texts.extend(Some(text).filter(|text| !text.is_empty()));
                }
            }
            2..=9 => drop(read.insert(format!("of all {number}"), reader.text(value)?.into())),
            10 => drop(read.insert("attributes".into(), reader.attributes(value)?)),
            11 => drop(read.insert("chunks".into(), reader.all(value, Reader::chunk)?)),
            _ => return None,
        }
    }
    Some((Value::Object(read), reader.texts))
}
