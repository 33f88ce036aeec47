//! The protobuf wire format as these tests write and read it: written anew, so that a slip in the engine's reader shows.

/// A field of a message.
#[derive(Clone, Debug)]
pub struct Item {
    pub number: u32,
    pub body: Body,
    pub fate: Fate,
}

/// A field's value.
#[derive(Clone, Debug)]
pub enum Body {
    Message(Vec<Item>),
    Len(Vec<u8>),
    Varint(u64),
    Fixed64(u64),
    Fixed32(u32),
    Group(Vec<Item>),
}

/// What is to become of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It stays; of a message, the fields have fates of their own.
    Stays,
    /// It goes, tag and all.
    Goes,
    /// Its content goes.
    Empties,
    /// What lies between becomes something else.
    Changes { head: &'static str, tail: &'static str },
    /// It was no valid UTF-8 and becomes this.
    Mends(&'static str),
}

impl Body {
    /// Appends the value without its tag and length.
    pub fn put_value(&self, out: &mut Vec<u8>) {
        match self {
            Self::Message(items) | Self::Group(items) => items.iter().for_each(|item| item.put(out)),
            Self::Len(bytes) => out.extend(bytes),
            Self::Varint(value) => put_varint(*value, out),
            Self::Fixed64(value) => out.extend(value.to_le_bytes()),
            Self::Fixed32(value) => out.extend(value.to_le_bytes()),
        }
    }

    fn wire_type(&self) -> u32 {
        match self {
            Self::Varint(_) => 0,
            Self::Fixed64(_) => 1,
            Self::Message(_) | Self::Len(_) => 2,
            Self::Group(_) => 3,
            Self::Fixed32(_) => 5,
        }
    }
}

impl Item {
    fn put(&self, out: &mut Vec<u8>) {
        let wire_type = self.body.wire_type();
        put_varint(u64::from(self.number << 3 | wire_type), out);
        let mut value = Vec::new();
        self.body.put_value(&mut value);
        if wire_type == 2 {
            put_varint(value.len() as u64, out);
        }
        out.extend(value);
        if wire_type == 3 {
            put_varint(u64::from(self.number << 3 | 4), out);
        }
    }

    /// Whether nothing is to become of it or its fields.
    pub fn is_untouched(&self) -> bool {
        let inside = match &self.body {
            Body::Message(items) => items.iter().all(Self::is_untouched),
            _ => true,
        };
        self.fate == Fate::Stays && inside
    }
}

pub fn encode(items: &[Item]) -> Vec<u8> {
    let mut out = Vec::new();
    items.iter().for_each(|item| item.put(&mut out));
    out
}

/// Holds what came out against what is to become of what went in.
pub fn compare(items: &[Item], mut out: &[u8]) -> Result<(), String> {
    for item in items.iter().filter(|item| item.fate != Fate::Goes) {
        let (tag, wire_type, value) = read(&mut out).ok_or_else(|| format!("{item:?} is lost"))?;
        if (tag, wire_type) != (item.number, item.body.wire_type()) {
            return Err(format!("field {tag} of type {wire_type} where {item:?} should be"));
        }
        let within = |why: String| format!("{}: {why}", item.number);
        match (item.fate, &item.body) {
            (Fate::Goes, _) => {}
            (Fate::Stays, Body::Message(inner)) => compare(inner, value).map_err(within)?,
            (Fate::Stays, body) => {
                let mut before = Vec::new();
                body.put_value(&mut before);
                if before != value {
                    return Err(within(format!("{} became {}", show(&before), show(value))));
                }
            }
            (Fate::Empties, _) if value.is_empty() => {}
            (Fate::Mends(text), _) if value == text.as_bytes() => {}
            (Fate::Changes { head, tail }, Body::Len(before)) if changed(before, value, head, tail) => {}
            (fate, body) => {
                let mut before = Vec::new();
                body.put_value(&mut before);
                return Err(within(format!("{fate:?}: {} became {}", show(&before), show(value))));
            }
        }
    }
    if out.is_empty() { Ok(()) } else { Err(format!("{} is left over", show(out))) }
}

fn changed(before: &[u8], after: &[u8], head: &str, tail: &str) -> bool {
    before != after
        && std::str::from_utf8(after).is_ok()
        && after.len() > head.len() + tail.len()
        && after.starts_with(head.as_bytes())
        && after.ends_with(tail.as_bytes())
}

fn show(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

/// Takes a field off the front: its number, its wire type, its value without a length.
fn read<'o>(out: &mut &'o [u8]) -> Option<(u32, u32, &'o [u8])> {
    let tag = u32::try_from(read_varint(out)?).ok()?;
    let len = match tag & 7 {
        0 => out.iter().position(|byte| *byte < 0x80)? + 1,
        1 => 8,
        2 => usize::try_from(read_varint(out)?).ok()?,
        5 => 4,
        _ => return None,
    };
    let (value, rest) = out.split_at_checked(len)?;
    *out = rest;
    Some((tag >> 3, tag & 7, value))
}

fn read_varint(out: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = out.split_first()?;
        *out = rest;
        value |= u64::from(byte & 0x7F) << shift;
        if *byte < 0x80 {
            return Some(value);
        }
    }
    None
}

pub fn put_varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
