//! The ways in which a reader may look at an output: its leaves, and what decoding them gives. These are the rules of
//! the checker that comes with the vectors; of Unicode's compatibility forms only those of digits and ASCII letters.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use processors::walk::otlp::{Message, Signal, Type};
use regex_automata::meta::Regex;
use serde_json::Value;
use std::collections::BTreeSet;
use std::io::Read as _;
use std::sync::LazyLock;

const DEPTH: usize = 4;

/// Names of OTLP/JSON: they are no data.
static NAMES: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
    let mut names = BTreeSet::new();
    let mut seen = BTreeSet::new();
    let mut left: Vec<&'static Message> = Signal::ALL.map(Signal::request).to_vec();
    while let Some(message) = left.pop() {
        if seen.insert(message.name) {
            names.extend(message.fields.iter().map(|field| field.json));
            for field in message.fields {
                if let Type::Nested(nested) = field.kind {
                    left.push(nested);
                }
            }
        }
    }
    names
});
static BASE64: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[A-Za-z0-9+/_\-]{12,}={0,2}").unwrap());
static HEX: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?:[0-9a-fA-F]{2}[ :]?){6,}").unwrap());
static ANSI: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\x1b\[[0-9;]*m").unwrap());

/// The leaves of an output as they stand there; bytes also decoded.
pub fn leaves(output: &Value) -> Vec<String> {
    let mut out = Vec::new();
    gather(output, "", &mut out);
    out
}

/// Everything that can be read out of an output.
pub fn all(output: &Value) -> BTreeSet<String> {
    let mut bases = leaves(output);
    joined(output, &mut bases);
    let mut views = BTreeSet::new();
    for base in bases {
        derive(base, 0, &mut views);
    }
    views
}

/// What a leaf says when the escapes of JSON are undone.
pub fn unescaped(leaf: &str) -> String {
    leaf.replace("\\\"", "\"").replace("\\n", "\n").replace("\\/", "/").replace("\\\\", "\\")
}

fn gather(value: &Value, name: &str, out: &mut Vec<String>) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => out.push(number.to_string()),
        Value::String(text) => {
            out.push(text.clone());
            match name {
                "bytesValue" | "originalPayload" => {
                    for bytes in inflated(base64::engine::general_purpose::STANDARD.decode(text).unwrap_or_default()) {
                        texts(&bytes, out);
                    }
                }
                "traceId" | "spanId" => out.extend(hex(text).map(|bytes| latin(&bytes))),
                _ => {}
            }
        }
        Value::Array(values) => values.iter().for_each(|value| gather(value, "", out)),
        Value::Object(entries) => {
            for (key, value) in entries {
                if !NAMES.contains(key.as_str()) {
                    out.push(key.clone());
                }
                if key == "doubleValue"
                    && let Some(number) = value.as_f64()
                {
                    out.push(format!("{:.0}", number.trunc()));
                }
                gather(value, key, out);
            }
        }
    }
}

/// Neighbours joined: the texts of a list, the bodies of successive records, the texts of successive events.
fn joined(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| joined(value, out)),
        Value::Object(entries) => {
            if let Some(Value::Array(values)) = entries.get("values") {
                let texts: Option<Vec<&str>> = values.iter().map(|value| value.get("stringValue")?.as_str()).collect();
                if let Some(texts) = texts {
                    out.extend(["", " ", "-"].map(|between| texts.join(between)));
                }
            }
            for name in ["logRecords", "events"] {
                let Some(Value::Array(records)) = entries.get(name) else { continue };
                let texts: Vec<String> = records
                    .iter()
                    .map(|record| {
                        let attributes = record.get("attributes").and_then(Value::as_array).into_iter().flatten();
                        let mut texts = Vec::new();
                        match record.get("body") {
                            Some(body) => strings(body, &mut texts),
                            None => {
                                attributes.filter_map(|one| one.get("value")).for_each(|one| strings(one, &mut texts))
                            }
                        }
                        texts.concat()
                    })
                    .collect();
                out.extend(["", " "].map(|between| texts.join(between)));
            }
            entries.values().for_each(|value| joined(value, out));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The texts of a value, without names.
fn strings<'v>(value: &'v Value, out: &mut Vec<&'v str>) {
    match value {
        Value::String(text) => out.push(text),
        Value::Array(values) => values.iter().for_each(|value| strings(value, out)),
        Value::Object(entries) => entries.values().for_each(|value| strings(value, out)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn derive(text: String, depth: usize, seen: &mut BTreeSet<String>) {
    if depth > DEPTH || text.len() > 2_000_000 || !seen.insert(text.clone()) {
        return;
    }
    let mut more = Vec::new();
    if text.contains('%') {
        more.push(percent(&text));
        more.push(percent(&text.replace('+', " ")));
    } else if text.contains('+') {
        more.push(text.replace('+', " "));
    }
    if text.contains('&') {
        more.push(entities(&text));
    }
    if text.contains('\\') {
        more.push(escapes(&text));
    }
    if text.contains('=') {
        more.push(quoted_printable(&text));
    }
    more.push(fold(&text));
    base64_runs(&text, &mut more);
    if text.contains('\n') {
        base64_runs(&text.split_whitespace().collect::<String>(), &mut more);
    }
    for found in HEX.find_iter(&text) {
        let digits: String = text[found.range()].chars().filter(char::is_ascii_hexdigit).collect();
        if let Some(bytes) = hex(&digits[..digits.len() / 2 * 2]) {
            texts(&bytes, &mut more);
        }
    }
    for text in more {
        derive(text, depth + 1, seen);
    }
}

fn base64_runs(text: &str, out: &mut Vec<String>) {
    for found in BASE64.find_iter(text) {
        let run = &text[found.range()];
        for part in std::iter::once(run).chain(run.split('/').filter(|part| part.len() >= 12)) {
            let standard = part.replace('-', "+").replace('_', "/");
            if let Ok(bytes) = STANDARD_NO_PAD.decode(standard.trim_end_matches('=')) {
                for bytes in inflated(bytes) {
                    texts(&bytes, out);
                }
            }
        }
    }
}

/// The bytes, and what they inflate to.
fn inflated(bytes: Vec<u8>) -> Vec<Vec<u8>> {
    let (mut gzip, mut zlib) = (Vec::new(), Vec::new());
    let mut all = Vec::new();
    if flate2::read::GzDecoder::new(&bytes[..]).read_to_end(&mut gzip).is_ok() {
        all.push(gzip);
    }
    if flate2::read::ZlibDecoder::new(&bytes[..]).read_to_end(&mut zlib).is_ok() {
        all.push(zlib);
    }
    all.push(bytes);
    all
}

/// Bytes as UTF-8, as UTF-16, or else byte by byte.
fn texts(bytes: &[u8], out: &mut Vec<String>) {
    let readable = |text: &str| {
        let printed = text.chars().filter(|char| !char.is_control() || "\r\n\t".contains(*char)).count();
        printed * 10 >= text.chars().count() * 8
    };
    let wide: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    let wide = if bytes.len().is_multiple_of(2) { String::from_utf16(&wide).ok() } else { None };
    let found: Vec<String> =
        [String::from_utf8(bytes.to_vec()).ok(), wide].into_iter().flatten().filter(|text| readable(text)).collect();
    if found.is_empty() {
        out.push(latin(bytes));
    }
    out.extend(found);
}

fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn hex(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    pairs.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

fn percent(text: &str) -> String {
    replaced(text, '%', |rest| Some((u8::from_str_radix(rest.get(..2)?, 16).ok()?, 2)))
}

fn quoted_printable(text: &str) -> String {
    replaced(&text.replace("=\r\n", "").replace("=\n", ""), '=', |rest| {
        Some((u8::from_str_radix(rest.get(..2)?, 16).ok()?, 2))
    })
}

/// Replaces what stands behind each `sign` by the byte that `decode` makes of it.
fn replaced(text: &str, sign: char, decode: impl Fn(&str) -> Option<(u8, usize)>) -> String {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(sign) {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        rest = &rest[at + 1..];
        match decode(rest) {
            Some((byte, used)) => {
                out.push(byte);
                rest = &rest[used..];
            }
            None => out.extend_from_slice(sign.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    out.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&out).into_owned()
}

fn entities(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.find(';').filter(|end| *end <= 10);
        let char = end.and_then(|end| match &rest[1..end] {
            "amp" => Some('&'),
            "lt" => Some('<'),
            "gt" => Some('>'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            "nbsp" => Some(' '),
            name => {
                let number = name.strip_prefix('#')?;
                let hexadecimal = number.strip_prefix(['x', 'X']).map(|digits| u32::from_str_radix(digits, 16));
                char::from_u32(hexadecimal.unwrap_or_else(|| number.parse()).ok()?)
            }
        });
        let used = char.map_or(1, |_| end.unwrap_or(0) + 1);
        out.push(char.unwrap_or('&'));
        rest = &rest[used..];
    }
    out + rest
}

/// Undoes the escapes of JSON and C.
fn escapes(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(char) = chars.next() {
        if char != '\\' {
            out.push(char);
            continue;
        }
        let rest = chars.as_str();
        let number = |digits: usize| char::from_u32(u32::from_str_radix(rest.get(1..=digits)?, 16).ok()?);
        let (decoded, used) = match rest.chars().next() {
            Some('u') => (number(4), 5),
            Some('x') => (number(2), 3),
            Some('n') => (Some('\n'), 1),
            Some('t') => (Some('\t'), 1),
            Some('r') => (Some('\r'), 1),
            other => (other, 1),
        };
        match decoded {
            Some(decoded) => {
                out.push(decoded);
                chars.by_ref().take(used).for_each(|_| {});
            }
            None => out.push('\\'),
        }
    }
    out
}

/// Without colours and invisible characters, with one kind of hyphen, space, digit and letter.
fn fold(text: &str) -> String {
    let mut plain = String::new();
    let mut at = 0;
    for found in ANSI.find_iter(text) {
        plain.push_str(&text[at..found.start()]);
        at = found.end();
    }
    plain.push_str(&text[at..]);
    let visible = plain.chars().filter(|char| {
        !matches!(char, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{2064}' | '\u{FEFF}')
    });
    let of = |char: char, from: u32, to: char| char::from_u32(u32::from(to) + (u32::from(char) - from) % 10);
    visible
        .filter_map(|char| match char {
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}' => Some('-'),
            '\u{A0}' | '\u{2000}'..='\u{200A}' | '\u{202F}' | '\u{205F}' | '\u{3000}' => Some(' '),
            '\u{FF01}'..='\u{FF5E}' => char::from_u32(u32::from(char) - 0xFEE0),
            '\u{1D7CE}'..='\u{1D7FF}' => of(char, 0x1D7CE, '0'),
            '\u{660}'..='\u{669}' => of(char, 0x660, '0'),
            '\u{6F0}'..='\u{6F9}' => of(char, 0x6F0, '0'),
            '\u{966}'..='\u{96F}' => of(char, 0x966, '0'),
            '\u{2080}'..='\u{2089}' => of(char, 0x2080, '0'),
            '\u{2070}' | '\u{2074}'..='\u{2079}' => of(char, 0x2070, '0'),
            '\u{B9}' => Some('1'),
            '\u{B2}' => Some('2'),
            '\u{B3}' => Some('3'),
            char => Some(char),
        })
        .collect()
}

#[test]
fn encoded_texts_are_read() {
    let seen = |leaf: &str| all(&serde_json::json!([leaf])).iter().any(|view| view.contains("536-22-8147"));
    for leaf in [
        "ssn 536-22-8147",
        "q=536%2D22%2D8147",
        "q=536%252D22%252D8147",
        "536&#45;22&#x2d;8147",
        r"536\u002d22\x2d8147",
        "536=2D22=2D81=\n47",
        "token NTM2LTIyLTgxNDcgaXMgaXQ= here",
        "0x3533362d32322d38313437",
        "5\u{200B}36-22-8147",
        "\u{FF15}36\u{2011}22\u{2212}8147",
        "\u{1b}[31m536\u{1b}[0m-22-8147",
    ] {
        assert!(seen(leaf), "{leaf:?}");
    }
    assert!(!seen("ssn [REDACTED:ssn], 536-22, NTM2LTIyLTgxNDggaXMgaXQ="));
    let output = serde_json::json!({"arrayValue": {"values": [{"stringValue": "536"}, {"stringValue": "22"}, {"stringValue": "8147"}]}});
    assert!(all(&output).contains("536-22-8147"));
    let event =
        |text: &str| serde_json::json!({"name": "chunk", "attributes": [{"key": "k", "value": {"stringValue": text}}]});
    assert!(
        all(&serde_json::json!({"events": [event("it is 536-2"), event("2-8147, no?")]}))
            .iter()
            .any(|view| view.contains("536-22-8147"))
    );
    let output = serde_json::json!({"bytesValue": "NTM2LTIyLTgxNDc=", "a key": 1, "traceId": "56495349543030303933333431313737"});
    for text in ["536-22-8147", "a key", "VISIT00093341177"] {
        assert!(leaves(&output).iter().any(|leaf| leaf.contains(text)), "{text}");
    }
    assert!(!leaves(&output).contains(&"bytesValue".to_owned()));
}
