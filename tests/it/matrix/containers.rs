//! What an identifier may be wrapped in on its way into a text: each container names the identifier as such things do, and
//! holds a word beside it that says what happened and has to survive.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use std::fmt::Write as _;
use std::io::Write as _;

/// What has to survive in every cell.
pub const SURVIVOR: &str = "refresh";

/// A container.
pub struct Container {
    pub name: &'static str,
    /// Wraps the value of a key.
    pub wrap: fn(&str, &str) -> String,
    /// How the value stands in it, where no search for an encoded text finds it.
    pub stands: Option<fn(&str, &str) -> String>,
}

const fn plain(name: &'static str, wrap: fn(&str, &str) -> String) -> Container {
    Container { name, wrap, stands: None }
}

pub const CONTAINERS: [Container; 26] = [
    plain("logfmt", |key, value| format!("level=warn op=refresh {key}=\"{value}\" took=12ms")),
    plain("prose", |key, value| format!("refresh failed, {}: {value}", key.replace('_', " "))),
    plain("json", |key, value| json!({"op": "refresh", "body": {key: value}, "took": 12}).to_string()),
    plain("json in json", |key, value| {
        json!({"op": "refresh", "message": json!({key: value}).to_string()}).to_string()
    }),
    plain("json, three deep", |key, value| {
        let inner = json!({"data": json!({key: value}).to_string()}).to_string();
        json!({"op": "refresh", "message": inner}).to_string()
    }),
    plain("json, \\u", |key, value| {
        format!("{{\"op\":\"refresh\",\"{key}\":\"{}\"}}", each(value, |unit| format!("\\u{:04x}", u32::from(unit))))
    }),
    plain("quoted in prose", |key, value| {
        format!("refresh sent \"{}\" at once", json!({key: value}).to_string().replace('"', "\\\""))
    }),
    plain("query", |key, value| format!("GET https://api.example.org/refresh?v=2&{key}={}&page=3", percent(value))),
    plain("form", |key, value| format!("op=refresh&{key}={}&page=3", percent(value).replace("%20", "+"))),
    plain("percent twice", |key, value| format!("/refresh?next=%2Fa%3F{key}%3D{}", percent(&percent(value)))),
    plain("xml", |key, value| format!("<call><op>refresh</op><{key}>{}</{key}></call>", entities(value, false))),
    plain("xml attribute", |key, value| format!("<call op=\"refresh\" {key}=\"{}\"/>", entities(value, false))),
    Container {
        name: "xml, &#..;",
        wrap: |key, value| format!("<op>refresh</op><{key}>{}</{key}>", entities(value, true)),
        stands: Some(|_, value| entities(value, true)),
    },
    plain("cdata", |key, value| format!("<op>refresh</op><{key}><![CDATA[{value}]]></{key}>")),
    plain("insert", |key, value| format!("INSERT INTO refresh (id, {key}, n) VALUES (7, '{value}', 3)")),
    plain("where", |key, value| format!("SELECT refresh FROM t WHERE {key} = '{value}' AND n > 3")),
    plain("repr", |key, value| format!("Call(op='refresh', {key}='{value}', took=12)")),
    plain("stack trace", |key, value| {
        format!("java.lang.IllegalStateException: rejected {key}={value}\n\tat com.acme.Job.refresh(Job.java:88)")
    }),
    plain("csv", |key, value| format!("op,{key},site,mrn\nrefresh,\"{value}\",North,40999001")),
    plain("header", |key, value| format!("op: refresh\r\nx-{}: {value}\r\naccept: */*", key.replace('_', "-"))),
    plain("yaml", |key, value| format!("op: refresh\nbody:\n  {key}: \"{value}\"\n  took: 12")),
    plain("base64", |key, value| format!("refresh sent {}", STANDARD.encode(json!({key: value, "n": 3}).to_string()))),
    plain("base64url", |key, value| format!("refresh?d={}", URL_SAFE_NO_PAD.encode(format!("a=1&{key}={value}&n=3")))),
    plain("hex", |key, value| format!("refresh got 0x{}", hex(json!({key: value}).to_string().as_bytes()))),
    Container {
        name: "gzip, base64",
        wrap: |key, value| format!("refresh sent {}", gzip(key, value)),
        stands: Some(gzip),
    },
    Container {
        name: "full width",
        wrap: |key, value| format!("op=refresh {key}=\"{}\" took=12ms", wide(value)),
        stands: Some(|_, value| wide(value)),
    },
];

fn gzip(key: &str, value: &str) -> String {
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(json!({key: value, "op": "again"}).to_string().as_bytes()).unwrap();
    STANDARD.encode(gzip.finish().unwrap())
}

fn wide(text: &str) -> String {
    let wide = |letter: char| match letter {
        '0'..='9' | 'A'..='Z' | 'a'..='z' => char::from_u32(u32::from(letter) + 0xfee0).unwrap(),
        other => other,
    };
    text.chars().map(wide).collect()
}

fn each(text: &str, write: impl Fn(u16) -> String) -> String {
    text.encode_utf16().map(write).collect()
}

fn percent(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        write!(out, "{byte:02x}").unwrap();
        out
    })
}

fn entities(text: &str, all: bool) -> String {
    text.chars().fold(String::new(), |mut out, letter| {
        if all && !letter.is_ascii_alphabetic() || "<>&\"".contains(letter) {
            write!(out, "&#{};", u32::from(letter)).unwrap();
        } else {
            out.push(letter);
        }
        out
    })
}
