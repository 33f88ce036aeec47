//! Makes export requests at the level of the wire, with identifiers planted in them, and knows what is to become of
//! every part.
//!
//! A request is made from a list of choices, so that a shorter list with smaller numbers is a simpler request: that is
//! how a failure shrinks. No choices left means none of everything.

use crate::wire::{Body, Fate, Item};
use processors::walk::otlp::{Field, Message, Scrub, Signal, Type};

/// How deep values nest at most: deeper ones become `[UNSCANNED]`.
const MAX_DEPTH: usize = 8;

/// Texts in which there is nothing to find.
const HARMLESS: [&str; 12] = [
    "GET /labs/orders",
    "queue",
    "the order was validated and sent on",
    "caf\u{e9} \u{65e5}\u{672c}\u{8a9e} \u{1f980}",
    "https://api.example.org/labs?page=2&sort=asc",
    "https://api.example.org/labs%2Forders?page=2",
    r#"{"state":"open","retry":{"left":2,"why":"busy \"now\""}}"#,
    r#"["blue","green"]"#,
    "SELECT state FROM orders WHERE topic = $1",
    "mrn=null patient_count=42",
    "6d92078a-8246-4ba4-ae5b-76104861e7dc",
    "%",
];

/// Keys that say nothing about their value.
const KEYS: [&str; 8] =
    ["app.queue", "app.step", "retry", "http.request.method", "cl\u{e9}", "shard", "app.query", "exception.message"];

/// Letters and signs without a meaning, to be strewn.
const JUNK: [&str; 24] = [
    "b",
    "q",
    "z",
    "X",
    " ",
    " ",
    "\u{e9}",
    "\u{df}",
    "\u{6f22}",
    "\u{1f980}",
    "_",
    "-",
    ".",
    "/",
    "%",
    "{",
    "}",
    "[",
    "]",
    "\"",
    "\\",
    "=",
    "&",
    "\n",
];

/// What stands around a planted identifier.
const AROUND: [(&str, &str); 6] = [
    ("", ""),
    ("before ", " behind"),
    ("h\u{e9}llo ", " w\u{f6}rld"),
    ("GET /labs/", "/orders"),
    (r#"{"state":"open","note":"say \""#, r#"\" now","retry":2}"#),
    ("https://api.example.org/labs?page=2&q=", "&sort=asc"),
];

/// A list of choices, read to its end.
pub struct Choices<'c> {
    rest: std::slice::Iter<'c, u16>,
}

impl<'c> Choices<'c> {
    pub fn new(choices: &'c [u16]) -> Self {
        Self { rest: choices.iter() }
    }

    /// A number below `limit`: zero if there are no choices left.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::from(self.rest.next().copied().unwrap_or(0)) % limit
    }

    pub fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }
}

/// A request and what was planted in it, as it stands in its bytes.
pub struct Request {
    pub items: Vec<Item>,
    pub planted: Vec<String>,
}

pub fn request(signal: Signal, choices: &[u16]) -> Request {
    let mut maker = Maker { choices: Choices::new(choices), planted: Vec::new() };
    let items = maker.message(signal.request());
    Request { items, planted: maker.planted }
}

/// An identifier that rules find by its shape alone, wherever it stands.
pub fn identifier(choices: &mut Choices<'_>) -> String {
    let (a, b, c) = (choices.below(500), choices.below(90), choices.below(9_000));
    match choices.below(4) {
        0 => format!("{:03}-{:02}-{:04}", 100 + a, 10 + b, 1_000 + c),
        1 => format!("maria.{c}@clinic.example"),
        2 => format!("({}) 555-01{:02}", [312, 646, 512][a % 3], 10 + b % 90),
        _ => "4111 1111 1111 1111".into(),
    }
}

struct Maker<'c> {
    choices: Choices<'c>,
    planted: Vec<String>,
}

impl Maker<'_> {
    fn message(&mut self, message: &'static Message) -> Vec<Item> {
        let mut items = Vec::new();
        for field in message.fields {
            // Several of what there may be only one of: all but one are superseded, and forwarded all the same.
            for _ in 0..self.choices.pick(&[0, 1, 1, 2, 1, 1, 3, 1]) {
                items.push(self.field(field));
            }
        }
        if self.choices.below(8) == 1 {
            let at = self.choices.below(items.len() + 1);
            items.insert(at, self.unknown(message));
        }
        if self.choices.below(4) == 1 {
            items.reverse();
        }
        items
    }

    fn field(&mut self, field: &'static Field) -> Item {
        let number = field.number;
        match (field.kind, field.scrub) {
            (Type::Nested(nested), _) if nested.name == "common.v1.KeyValue" => self.key_value(number, 0),
            (Type::Nested(nested), _) if nested.name == "common.v1.AnyValue" => {
                Item { number, body: Body::Message(self.any_value(0)), fate: Fate::Stays }
            }
            (Type::Nested(nested), _) => Item { number, body: Body::Message(self.message(nested)), fate: Fate::Stays },
            (_, Scrub::Id(len)) => {
                let right = self.choices.below(4) != 1;
                let len = if right { self.choices.pick(&[0, len]) } else { len + 1 };
                let fate = if right { Fate::Stays } else { Fate::Empties };
                Item { number, body: Body::Len(vec![0xAB; len]), fate }
            }
            (_, Scrub::Payload) => {
                let bytes = vec![7; self.choices.below(3)];
                let fate = if bytes.is_empty() { Fate::Stays } else { Fate::Empties };
                Item { number, body: Body::Len(bytes), fate }
            }
            (Type::String, _) => self.text(number, true),
            (Type::Bytes | Type::Hex, _) => self.text(number, false),
            (kind, _) => Item { number, body: self.scalar(kind, field.repeated), fate: Fate::Stays },
        }
    }

    fn scalar(&mut self, kind: Type, repeated: bool) -> Body {
        let value = self.choices.pick(&[0, 1, 2, 200, 70_367_332, u64::MAX]);
        let one = match kind {
            Type::Fixed64 | Type::Sfixed64 | Type::Double => Body::Fixed64(value),
            Type::Fixed32 => Body::Fixed32(7),
            // Positions in a table: some lie behind its end.
            Type::Int32 | Type::Uint32 | Type::Sint32 | Type::Enum => Body::Varint(value % 5),
            Type::Bool => Body::Varint(value % 2),
            _ => Body::Varint(value),
        };
        if !(repeated && self.choices.below(2) == 1) {
            return one;
        }
        let mut packed = Vec::new();
        for _ in 0..self.choices.below(4) {
            one.put_value(&mut packed);
        }
        Body::Len(packed)
    }

    /// A field that the message does not have, or not of this type.
    fn unknown(&mut self, message: &'static Message) -> Item {
        let strange = message.field(15).is_none() && self.choices.below(2) == 0;
        let number = if strange { 15 } else { 900 + u32::from(self.choices.below(2) == 1) * 100_000 };
        let body = match self.choices.below(5) {
            0 => Body::Varint(536_228_147),
            1 => Body::Len(b"ssn 536-22-8147".to_vec()),
            2 => Body::Fixed64(1),
            3 => Body::Fixed32(1),
            _ => Body::Group(vec![Item { number: 2, body: Body::Len(b"536-22-8147".to_vec()), fate: Fate::Stays }]),
        };
        Item { number, body, fate: Fate::Goes }
    }

    fn any_value(&mut self, depth: usize) -> Vec<Item> {
        // A second one supersedes the first.
        let count = self.choices.pick(&[0, 1, 1, 1, 1, 2]);
        (0..count).map(|_| self.one_value(depth)).collect()
    }

    fn one_value(&mut self, depth: usize) -> Item {
        let nested = if depth < MAX_DEPTH { 8 } else { 6 };
        let (number, body) = match self.choices.below(nested) {
            0 | 1 => return self.text(1, true),
            2 => (2, Body::Varint(1)),
            3 => (3, Body::Varint(self.choices.pick(&[0, 7, 70_367_331, 536_228_148, u64::MAX]))),
            4 => (4, Body::Fixed64(0.5f64.to_bits())),
            5 => return self.text(7, false),
            6 => {
                let list = (0..self.choices.below(4))
                    .map(|_| Item { number: 1, body: Body::Message(self.any_value(depth + 1)), fate: Fate::Stays })
                    .collect();
                (5, Body::Message(list))
            }
            _ => {
                let map = (0..self.choices.below(4)).map(|_| self.key_value(1, depth + 1)).collect();
                (6, Body::Message(map))
            }
        };
        Item { number, body, fate: Fate::Stays }
    }

    fn key_value(&mut self, number: u32, depth: usize) -> Item {
        let mut fate = Fate::Stays;
        let mut items = Vec::new();
        if self.choices.below(5) == 1 {
            // Of several keys the last one is meant.
            if self.choices.below(4) == 1 {
                items.push(Item { number: 1, body: Body::Len(b"app.step".to_vec()), fate: Fate::Stays });
            }
            let (value, goes) = self.identified(&mut items);
            items.push(value);
            if goes {
                fate = Fate::Goes;
            }
        } else {
            for _ in 0..self.choices.pick(&[1, 1, 1, 1, 0, 2]) {
                items.push(self.key());
            }
            for _ in 0..self.choices.pick(&[1, 1, 1, 1, 0, 2]) {
                items.push(Item { number: 2, body: Body::Message(self.any_value(depth)), fate: Fate::Stays });
            }
            if self.choices.below(4) == 1 {
                items.reverse();
            }
        }
        Item { number, body: Body::Message(items), fate }
    }

    fn key(&mut self) -> Item {
        match self.choices.below(8) {
            1 => {
                let planted = self.plant();
                let body = Body::Len(format!("lookup/{planted}").into_bytes());
                Item { number: 1, body, fate: Fate::Changes { head: "lookup/", tail: "" } }
            }
            2 => Item { number: 1, body: Body::Len(b"caf\xC3 key".to_vec()), fate: Fate::Mends("caf key") },
            3 => Item { number: 1, body: Body::Len(Vec::new()), fate: Fate::Stays },
            _ => Item { number: 1, body: Body::Len(self.choices.pick(&KEYS).into()), fate: Fate::Stays },
        }
    }

    /// Adds a key that makes an identifier of its value; returns the value, and whether the entry goes with it.
    fn identified(&mut self, items: &mut Vec<Item>) -> (Item, bool) {
        let mut key = |text: &str| items.push(Item { number: 1, body: Body::Len(text.into()), fate: Fate::Stays });
        let whole = Fate::Changes { head: "", tail: "" };
        let text = |text: &str| Item { number: 1, body: Body::Len(text.into()), fate: whole };
        let int = Item { number: 3, body: Body::Varint(70_367_332), fate: Fate::Stays };
        let (value, goes) = match self.choices.below(4) {
            0 => {
                key("patient.mrn");
                (text("A70367332"), false)
            }
            1 => {
                key("patient.name");
                (text("Ingrid Tanaka"), false)
            }
            2 => {
                key("patient.mrn");
                (int, true)
            }
            _ => {
                key("patient.mrn");
                let element = Item { number: 1, body: Body::Message(vec![int]), fate: Fate::Empties };
                let named = Item { number: 1, body: Body::Message(vec![text("A70367332")]), fate: Fate::Stays };
                (Item { number: 5, body: Body::Message(vec![element, named]), fate: Fate::Stays }, false)
            }
        };
        self.planted.extend(["A70367332".to_owned(), "Ingrid Tanaka".to_owned()]);
        (Item { number: 2, body: Body::Message(vec![value]), fate: Fate::Stays }, goes)
    }

    fn text(&mut self, number: u32, utf8: bool) -> Item {
        let (body, fate) = match self.choices.below(10) {
            0 => (String::new(), Fate::Stays),
            1..=4 => (self.choices.pick(&HARMLESS).to_owned(), Fate::Stays),
            5 => {
                let count = self.choices.below(12);
                ((0..count).map(|_| self.choices.pick(&JUNK)).collect(), Fate::Stays)
            }
            6 | 7 => {
                let (head, tail) = self.choices.pick(&AROUND);
                let planted = self.plant();
                ([head, &planted, tail].concat(), Fate::Changes { head, tail })
            }
            8 => {
                let (head, tail) = ("https://api.example.org/x?mail=", "&page=2");
                let planted = format!("maria.{}%40clinic.example", self.choices.below(9_000));
                let text = [head, &planted, tail].concat();
                self.planted.push(planted);
                (text, Fate::Changes { head, tail })
            }
            _ if utf8 => {
                let body = Body::Len(b"caf\xC3 au \xFFlait".to_vec());
                return Item { number, body, fate: Fate::Mends("caf au lait") };
            }
            _ => (String::from("bytes"), Fate::Stays),
        };
        Item { number, body: Body::Len(body.into_bytes()), fate }
    }

    fn plant(&mut self) -> String {
        let planted = identifier(&mut self.choices);
        self.planted.push(planted.clone());
        planted
    }
}
