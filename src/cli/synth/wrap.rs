//! Texts inside other texts: what a gateway logs of a body, what a queue puts into a field.

use super::draft::Draft;
use std::fmt::Write as _;

/// Puts a text into another.
type Wrap = fn(Draft) -> Draft;

/// A way to put a text into another: what it is called, and how it is done.
pub(super) const WRAPS: &[(&str, Wrap)] = &[
    ("json", |draft| draft.inside("{\"event\":\"message.received\",\"attempt\":2,\"payload\":\"", json, "\"}")),
    ("json2", |draft| {
        let inner = draft.inside("{\"payload\":\"", json, "\"}");
        inner.inside("{\"topic\":\"inbound\",\"value\":\"", json, "\",\"partition\":3}")
    }),
    ("jsona", |draft| draft.inside("{\"level\":\"INFO\",\"body\":\"", json_ascii, "\"}")),
    ("url", |draft| draft.inside("POST /hook?source=gateway&body=", percent, "&retry=1")),
    ("xml", |draft| draft.inside("<message><body>", xml, "</body></message>")),
];

/// As the inside of a JSON string.
fn json(text: &str) -> String {
    let quoted = serde_json::to_string(text).unwrap_or_default();
    quoted.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or_default().to_owned()
}

/// The same, and every sign that is no letter, digit or space by its number.
fn json_ascii(text: &str) -> String {
    text.encode_utf16().fold(String::new(), |mut out, unit| {
        match u8::try_from(unit) {
            Ok(byte) if byte.is_ascii_alphanumeric() || byte == b' ' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
        out
    })
}

fn percent(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::super::draft::What;
    use super::*;

    #[test]
    fn what_is_wrapped_can_be_unwrapped() {
        let text = "\"Maria\" <m@x.example>\n100 %\u{e9}\u{1f980}";
        let mut draft = Draft::default();
        draft.put(text, What::Text);
        for (name, wrap) in WRAPS {
            let outer = wrap(draft.clone()).text();
            let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
            let inner = match *name {
                "json" => value(&outer)["payload"].as_str().unwrap().to_owned(),
                "json2" => value(value(&outer)["value"].as_str().unwrap())["payload"].as_str().unwrap().to_owned(),
                "jsona" => value(&outer)["body"].as_str().unwrap().to_owned(),
                "url" => {
                    let body = outer.split("body=").nth(1).unwrap().split('&').next().unwrap();
                    percent_encoding::percent_decode_str(body).decode_utf8().unwrap().into_owned()
                }
                "xml" => {
                    let body = outer.split("<body>").nth(1).unwrap().split("</body>").next().unwrap();
                    let plain = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")];
                    plain.iter().fold(body.to_owned(), |text, (from, to)| text.replace(from, to))
                }
                other => panic!("{other} is not read back"),
            };
            assert_eq!(inner, text, "{name}");
        }
    }
}
