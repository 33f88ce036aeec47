//! What a text may stand in, written and read back by other code than the engine's: one for each coding that it opens.

use std::fmt::Write as _;

/// A way to put a text into something, and to read what a reader of it would.
pub struct Container {
    /// The coding of `processors/src/contents` that it needs.
    pub coding: &'static str,
    pub name: &'static str,
    pub wrap: fn(&str) -> String,
    /// All that can be read out of it, itself included.
    pub read: fn(&str) -> String,
    /// How many of ten thousand texts may keep something that they lose by themselves: known gaps.
    pub gaps: usize,
}

const fn container(
    coding: &'static str,
    name: &'static str,
    wrap: fn(&str) -> String,
    read: fn(&str) -> String,
) -> Container {
    Container { coding, name, wrap, read, gaps: 0 }
}

/// All containers. Those whose coding the engine does not have are passed over; a coding that has none here is told.
pub const CONTAINERS: &[Container] = &[
    container("Percent", "percent", |text| format!("GET /x?note={}&page=2", percent(text)), unpercent),
    container(
        "Percent",
        "percent in percent",
        |text| format!("GET /x?note={}&page=2", percent(&percent(text))),
        |text| unpercent(&unpercent(text)),
    ),
    container(
        "Form",
        "form",
        |text| format!("note={}&sort=asc", percent(text).replace("%20", "+")),
        |text| unpercent(&text.replace('+', " ")),
    ),
    container("JsonString", "JSON", |text| format!("{{\"note\":{},\"retry\":2}}", json(text)), unescaped),
    container(
        "JsonString",
        "JSON in JSON",
        |text| format!("{{\"body\":{}}}", json(&format!("{{\"note\":{}}}", json(text)))),
        |text| unescaped(&unescaped(text)),
    ),
    container("JsonString", "JSON of numbers", |text| format!("{{\"note\":\"{}\"}}", units(text)), unescaped),
    container(
        "Escapes",
        "escapes",
        |text| text.bytes().fold("b'".to_owned(), |out, byte| out + &format!("\\x{byte:02x}")) + "'",
        unescaped,
    ),
    container("Entities", "entities", |text| format!("<note>{}</note>", entities(text)), unentities),
    // A value that stands in the text with its escapes may swallow what comes behind it.
    Container {
        gaps: 20,
        ..container(
            "Printable",
            "quoted-printable",
            |text| format!("R=C3=A9sum=C3=A9 of the visit {}", printable(text)),
            unprintable,
        )
    },
    // Words of a few letters are not opened.
    Container {
        gaps: 20,
        ..container(
            "HeaderWord",
            "header word",
            |text| format!("Subject: =?utf-8?b?{}?=", base64(text.as_bytes())),
            unbase64,
        )
    },
    container(
        "Base64",
        "base64",
        |text| payload(&base64(document(text).as_bytes())),
        |text| unescaped(&unbase64(text)),
    ),
    container("Hex", "hex", |text| payload(&hex(document(text).as_bytes())), |text| unescaped(&unhex(text))),
    container(
        "Numbers",
        "bytes by number",
        |text| numbers(document(text).as_bytes()),
        |text| unescaped(&unnumbers(text)),
    ),
    container(
        "Gzip",
        "gzip in base64",
        |text| payload(&base64(&gzip(document(text).as_bytes()))),
        |text| unescaped(&unbase64(text)),
    ),
    container(
        "Utf16Le",
        "UTF-16 in base64",
        |text| payload(&base64(&utf16(&document(text)))),
        |text| unescaped(&unutf16(text)),
    ),
];

/// Codings that need no container of their own here, and why.
pub const WITHOUT: [(&str, &str); 5] = [
    ("Folded", "folds letters one by one; what they fold to depends on the letter"),
    ("Dump", "is read line by line, each of 16 bytes with its offset"),
    ("Base64Bytes", "is base64 whose bytes are a message of protobuf"),
    ("Zlib", "differs from gzip by its frame"),
    ("Utf16Be", "differs by the order of two bytes"),
];

/// Bytes in letters are taken for text where they look like one: here, like a document.
fn document(text: &str) -> String {
    format!("{{\"note\":{},\"retry\":2}}", json(text))
}

fn payload(letters: &str) -> String {
    format!("payload {letters} end")
}

fn numbers(bytes: &[u8]) -> String {
    let list: Vec<String> = bytes.iter().map(ToString::to_string).collect();
    format!("{{\"type\":\"Buffer\",\"data\":[{}]}}", list.join(","))
}

/// The text, and what its lists of numbers are as bytes.
fn unnumbers(text: &str) -> String {
    let lists = text.split('[').skip(1).filter_map(|part| part.split(']').next());
    let bytes = lists.map(|list| list.split(',').filter_map(|number| number.trim().parse().ok()).collect::<Vec<u8>>());
    bytes.fold(text.to_owned(), |out, bytes| out + "\n" + &String::from_utf8_lossy(&bytes))
}

fn percent(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

fn unpercent(text: &str) -> String {
    let (mut out, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((first, behind)) = rest.split_first() {
        let code = behind.get(..2).filter(|_| *first == b'%').and_then(|code| std::str::from_utf8(code).ok());
        if let Some(byte) = code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            out.push(byte);
            rest = &behind[2..];
        } else {
            out.push(*first);
            rest = behind;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn json(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

fn units(text: &str) -> String {
    text.encode_utf16().fold(String::new(), |out, unit| out + &format!("\\u{unit:04x}"))
}

/// Reads every backslash as JSON and C do.
fn unescaped(text: &str) -> String {
    let (mut out, mut units, mut rest) = (Vec::new(), Vec::new(), text);
    let flush = |units: &mut Vec<u16>, out: &mut Vec<u8>| {
        out.extend(String::from_utf16_lossy(units).into_bytes());
        units.clear();
    };
    while let Some(first) = rest.chars().next() {
        let number = |from: usize, to: usize| rest.get(from..to).and_then(|code| u16::from_str_radix(code, 16).ok());
        if let Some(unit) = number(2, 6).filter(|_| rest.starts_with("\\u")) {
            units.push(unit);
            rest = &rest[6..];
            continue;
        }
        flush(&mut units, &mut out);
        if let Some(byte) = number(2, 4).filter(|_| rest.starts_with("\\x")) {
            out.push(byte as u8);
            rest = &rest[4..];
        } else if first == '\\' {
            let next = rest[1..].chars().next();
            let plain = match next {
                Some('n') => '\n',
                Some('t') => '\t',
                Some('r') => '\r',
                Some(other) => other,
                None => '\\',
            };
            out.extend(plain.to_string().into_bytes());
            rest = &rest[1 + next.map_or(0, char::len_utf8)..];
        } else {
            out.extend(first.to_string().into_bytes());
            rest = &rest[first.len_utf8()..];
        }
    }
    flush(&mut units, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

fn entities(text: &str) -> String {
    text.chars().fold(String::new(), |out, char| match char {
        char if char.is_ascii_alphanumeric() || char == ' ' => out + &char.to_string(),
        char => out + &format!("&#{};", u32::from(char)),
    })
}

fn unentities(text: &str) -> String {
    let mut parts = text.split("&#");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(';').and_then(|(code, rest)| Some((char::from_u32(code.parse().ok()?)?, rest))) {
            Some((char, rest)) => {
                out.push(char);
                out.push_str(rest);
            }
            None => out.push_str(part),
        }
    }
    out
}

fn printable(text: &str) -> String {
    let (mut out, mut width) = (String::new(), 0);
    for byte in text.bytes() {
        if width > 70 {
            out.push_str("=\n");
            width = 0;
        }
        if byte.is_ascii_alphanumeric() || byte == b' ' {
            out.push(char::from(byte));
            width += 1;
        } else {
            let _ = write!(out, "={byte:02X}");
            width += 3;
        }
    }
    out
}

fn unprintable(text: &str) -> String {
    unpercent(&text.replace("=\n", "").replace('%', "%25").replace('=', "%"))
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64(bytes: &[u8]) -> String {
    bytes.chunks(3).fold(String::new(), |mut out, chunk| {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let six = (bits >> (18 - 6 * place) & 63) as usize;
            out.push(if place <= chunk.len() { char::from(ALPHABET[six]) } else { '=' });
        }
        out
    })
}

/// What the words of a text are in base64.
fn decoded64(text: &str) -> impl Iterator<Item = Vec<u8>> {
    text.split(|char: char| !(char.is_ascii_alphanumeric() || "+/".contains(char))).map(|word| {
        let (mut bits, mut held, mut bytes) = (0u32, 0, Vec::new());
        for six in word.bytes().filter_map(|byte| ALPHABET.iter().position(|it| *it == byte)) {
            bits = bits << 6 | six as u32;
            held += 6;
            if held >= 8 {
                held -= 8;
                bytes.push((bits >> held) as u8);
            }
        }
        bytes
    })
}

/// The text, and what each of its words is in base64.
fn unbase64(text: &str) -> String {
    decoded64(text).fold(text.to_owned(), |out, bytes| out + "\n" + &String::from_utf8_lossy(&bytes))
}

fn unutf16(text: &str) -> String {
    let units =
        |bytes: &[u8]| bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect::<Vec<_>>();
    decoded64(text).fold(text.to_owned(), |out, bytes| out + "\n" + &String::from_utf16_lossy(&units(&bytes)))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |out, byte| out + &format!("{byte:02x}"))
}

fn unhex(text: &str) -> String {
    let mut out = text.to_owned();
    for word in text.split(|char: char| !char.is_ascii_hexdigit()).filter(|word| word.len() >= 8) {
        let spelled =
            word.as_bytes().chunks(2).fold(String::new(), |out, pair| out + "%" + &String::from_utf8_lossy(pair));
        out.push('\n');
        out.push_str(&unpercent(&spelled));
    }
    out
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A gzip of one stored block.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = b"\x1f\x8b\x08\0\0\0\0\0\0\xff\x01".to_vec();
    let len = bytes.len() as u16;
    out.extend(len.to_le_bytes());
    out.extend((!len).to_le_bytes());
    out.extend(bytes);
    let crc = !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| crc >> 1 ^ (0xEDB8_8320 & (crc & 1).wrapping_neg()))
    });
    out.extend(crc.to_le_bytes());
    out.extend((bytes.len() as u32).to_le_bytes());
    out
}

#[test]
fn what_is_wrapped_is_read_back() {
    let text = "Maria \"G\" <m@x.example>\n100 %, caf\u{e9} \u{1f980} a=b&c;\\d";
    for container in CONTAINERS {
        let wrapped = (container.wrap)(text);
        assert!(!wrapped.contains("m@x.example") || container.coding == "JsonString", "{}: {wrapped}", container.name);
        // A stored block of gzip is as it is.
        assert!((container.read)(&wrapped).contains(text), "{}: {wrapped}", container.name);
    }
}
