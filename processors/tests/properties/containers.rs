//! What is found in a text is found in it inside every container, two deep, and the container is still one: other parsers
//! than ours read it, and read what a scrub makes of the text alone.

use crate::messages::check as check_all;
use crate::{RULES, TODAY, each, fail};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use flate2::read::{GzDecoder, ZlibDecoder};
use flate2::write::{GzEncoder, ZlibEncoder};
use processors::{Format, Scrubber};
use proptest::prelude::*;
use std::cell::RefCell;
use std::io::{Read as _, Write as _};

/// Puts a text into a container, and takes it out by a parser that is not the engine's.
struct Container {
    name: &'static str,
    wrap: fn(&str) -> String,
    unwrap: fn(&str) -> Option<String>,
}

const CONTAINERS: &[Container] = &[
    Container { name: "json", wrap: json, unwrap: from_json },
    Container { name: "json with escapes", wrap: json_escaped, unwrap: from_json },
    Container { name: "percent", wrap: percent, unwrap: from_percent },
    Container {
        name: "percent twice",
        wrap: |text| percent(&percent(text)),
        unwrap: |text| from_percent(&from_percent(text)?),
    },
    Container { name: "form", wrap: form, unwrap: from_form },
    Container {
        name: "base64",
        wrap: |text| STANDARD.encode(text),
        unwrap: |text| string(STANDARD.decode(text).ok()?),
    },
    Container { name: "base64url", wrap: |text| URL_SAFE_NO_PAD.encode(text), unwrap: from_base64url },
    Container { name: "base64 in lines", wrap: in_lines, unwrap: from_lines },
    Container { name: "base64 in a path", wrap: in_path, unwrap: from_path },
    Container { name: "hex", wrap: |text| hex(text, ""), unwrap: from_hex },
    Container { name: "hex in pairs", wrap: |text| hex(text, " "), unwrap: from_hex },
    Container { name: "hex with colons", wrap: |text| hex(text, ":"), unwrap: from_hex },
    Container { name: "gzip", wrap: gzip, unwrap: from_gzip },
    Container { name: "zlib", wrap: zlib, unwrap: from_zlib },
    Container { name: "xml", wrap: xml, unwrap: from_xml },
    Container { name: "xml with references", wrap: xml_referred, unwrap: from_xml },
    Container { name: "numbers", wrap: numbers, unwrap: from_numbers },
    Container { name: "UTF-16", wrap: utf16, unwrap: from_utf16 },
];

fn string(bytes: Vec<u8>) -> Option<String> {
    String::from_utf8(bytes).ok()
}

fn json(text: &str) -> String {
    serde_json::json!({ "note": text }).to_string()
}

fn json_escaped(text: &str) -> String {
    let escaped: String = text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
    format!("{{\"note\": \"{escaped}\"}}")
}

fn from_json(text: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    Some(value.get("note")?.as_str()?.to_owned())
}

fn percent(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}

fn from_percent(text: &str) -> Option<String> {
    Some(percent_encoding::percent_decode_str(text).decode_utf8().ok()?.into_owned())
}

fn form(text: &str) -> String {
    format!("lang=en&q={}", percent(text).replace("%20", "+"))
}

fn from_form(text: &str) -> Option<String> {
    from_percent(&text.strip_prefix("lang=en&q=")?.replace('+', " "))
}

/// What was neither padded nor in need of it is filled up with spaces.
fn from_base64url(text: &str) -> Option<String> {
    let letters = text.replace('+', "-").replace('/', "_");
    Some(string(URL_SAFE_NO_PAD.decode(letters).ok()?)?.trim_end_matches(' ').to_owned())
}

fn in_lines(text: &str) -> String {
    let letters = STANDARD.encode(text).into_bytes();
    letters.chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect::<Vec<_>>().join("\r\n")
}

fn from_lines(text: &str) -> Option<String> {
    Some(string(STANDARD.decode(text.replace(['\r', '\n'], "")).ok()?)?.trim_end_matches(' ').to_owned())
}

fn in_path(text: &str) -> String {
    format!("GET /v1/objects/{}/meta", URL_SAFE_NO_PAD.encode(text))
}

fn from_path(text: &str) -> Option<String> {
    from_base64url(text.strip_prefix("GET /v1/objects/")?.strip_suffix("/meta")?)
}

fn hex(text: &str, between: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(between)
}

fn from_hex(text: &str) -> Option<String> {
    let digits: Vec<char> = text.chars().filter(|letter| !matches!(letter, ' ' | ':')).collect();
    string(digits.chunks(2).map(|pair| u8::from_str_radix(&String::from_iter(pair), 16).ok()).collect::<Option<_>>()?)
}

/// Not behind `=`: a plus between two pieces of base64 that look like words is read as a form's space, and what another layer
/// reaches into goes as a whole.
fn gzip(text: &str) -> String {
    let mut packer = GzEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(text.as_bytes()).unwrap();
    format!("blob {}", STANDARD.encode(packer.finish().unwrap()))
}

fn from_gzip(text: &str) -> Option<String> {
    let bytes = STANDARD.decode(text.strip_prefix("blob ")?.trim_end()).ok()?;
    let mut out = String::new();
    GzDecoder::new(bytes.as_slice()).read_to_string(&mut out).ok()?;
    Some(out)
}

fn zlib(text: &str) -> String {
    let mut packer = ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(text.as_bytes()).unwrap();
    format!("blob {}", STANDARD.encode(packer.finish().unwrap()))
}

fn from_zlib(text: &str) -> Option<String> {
    let bytes = STANDARD.decode(text.strip_prefix("blob ")?).ok()?;
    let mut out = String::new();
    ZlibDecoder::new(bytes.as_slice()).read_to_string(&mut out).ok()?;
    Some(out)
}

fn xml(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    format!("<log><note>{text}</note></log>")
}

fn xml_referred(text: &str) -> String {
    let refer = |letter: char| match letter {
        'a'..='z' | 'A'..='Z' | '0'..='9' => letter.to_string(),
        '-' => "&#x2D;".to_owned(),
        other => format!("&#{};", u32::from(other)),
    };
    format!("<log><note>{}</note></log>", text.chars().map(refer).collect::<String>())
}

fn from_xml(text: &str) -> Option<String> {
    let document = roxmltree::Document::parse(text).ok()?;
    let note = document.descendants().find(|node| node.has_tag_name("note"))?;
    Some(note.text().unwrap_or_default().to_owned())
}

fn numbers(text: &str) -> String {
    serde_json::json!({ "type": "Buffer", "data": text.as_bytes() }).to_string()
}

fn from_numbers(text: &str) -> Option<String> {
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let bytes = value.get("data")?.as_array()?.iter().map(|byte| u8::try_from(byte.as_u64()?).ok());
    string(bytes.collect::<Option<_>>()?)
}

fn utf16(text: &str) -> String {
    let bytes: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    format!("body {}", STANDARD.encode(bytes))
}

fn from_utf16(text: &str) -> Option<String> {
    let bytes = STANDARD.decode(text.strip_prefix("body ")?).ok()?;
    let units: Vec<u16> =
        bytes.chunks(2).map(|pair| u16::from_le_bytes([pair[0], *pair.get(1).unwrap_or(&0)])).collect();
    Some(String::from_utf16(&units).ok()?.trim_end_matches('\u{2020}').trim_end_matches(' ').to_owned())
}

/// Parts of texts: with identifiers that need nothing around them, with labels, and with nothing to find.
const PARTS: [&str; 16] = [
    "the order was validated and sent on",
    "queue blue, retry 3 of 5",
    "state=open",
    "SELECT state FROM orders WHERE topic = $1",
    "caf\u{e9} au lait",
    "took 15 ms (12 rows)",
    "a <b> & \"c\"",
    "100% of it",
    "ssn 536-22-8147",
    "ssn=219-09-9941",
    "mail maria.gonzalez@example.org now",
    "patient_name=\"Ingrid Tanaka\"",
    "mrn=A70367332",
    "call (512) 555-0142",
    "dob=1958-03-14",
    "card 4111 1111 1111 1111",
];

fn text(choices: &[u8]) -> String {
    let parts: Vec<&str> = choices.iter().map(|choice| PARTS[usize::from(*choice) % PARTS.len()]).collect();
    // Long enough to be looked into.
    format!("entry of the log, {}, end", parts.join(", "))
}

fn scrub(scrubber: &mut Scrubber<'_>, text: &str) -> Result<String, TestCaseError> {
    let out = scrubber.scrub(&text.to_owned().into(), Format::Text, TODAY).map_err(|error| fail(error.to_string()))?;
    string(out.bytes().to_vec()).ok_or_else(|| fail("no text came out"))
}

/// What may go as a whole in place of what was found in it, and why.
const GIVEN_UP: [(&str, &str); 3] = [
    ("base64 in lines in xml with references", "its line breaks are references, inside what would be written anew"),
    ("UTF-16 in gzip", "is read as bytes with a text between zeros, and the marker stands in their place"),
    ("UTF-16 in zlib", "is read as bytes with a text between zeros, and the marker stands in their place"),
];

#[test]
fn every_container_holds_what_a_scrub_makes_of_the_text_alone() {
    let scrubber = RefCell::new(Scrubber::new(&RULES).unwrap().without_memo());
    each(24, any::<u8>(), 5, |choices| {
        let scrubber = &mut *scrubber.borrow_mut();
        let text = text(&choices);
        let expected = scrub(scrubber, &text)?;
        for outer in CONTAINERS {
            let wrapped = (outer.wrap)(&text);
            check(scrubber, &wrapped, &expected, &text, outer.unwrap, outer.name)?;
            for inner in CONTAINERS {
                let wrapped = (outer.wrap)(&(inner.wrap)(&text));
                let name = format!("{} in {}", inner.name, outer.name);
                let read = |text: &str| (inner.unwrap)((outer.unwrap)(text)?.trim_end_matches(' '));
                if GIVEN_UP.iter().any(|(given_up, _)| *given_up == name) {
                    let out = scrub(scrubber, &wrapped)?;
                    if read(&out).is_none() && expected != text && out != wrapped && scrub(scrubber, &out)? == out {
                        continue;
                    }
                }
                check(scrubber, &wrapped, &expected, &text, read, &name)?;
            }
        }
        Ok(())
    });
}

fn check(
    scrubber: &mut Scrubber<'_>,
    wrapped: &str,
    expected: &str,
    text: &str,
    unwrap: impl Fn(&str) -> Option<String>,
    name: &str,
) -> Result<(), TestCaseError> {
    if unwrap(wrapped).as_deref() != Some(text) {
        return Err(fail(format!("{name}: does not hold {text}")));
    }
    let out = scrub(scrubber, wrapped)?;
    let read = unwrap(&out).ok_or_else(|| fail(format!("{name}: broken: {out}")))?;
    if read.trim_end_matches(' ') != expected {
        return Err(fail(format!("{name}: {text}\n  became {read}\n  not {expected}\n  in {out}")));
    }
    if expected == text && out != wrapped {
        return Err(fail(format!("{name}: changed for nothing: {out}")));
    }
    let again = scrub(scrubber, &out)?;
    if again != out {
        return Err(fail(format!("{name}: the second scrub made of {out} this: {again}")));
    }
    Ok(())
}

/// Beginnings, middles and ends of encoded things.
const SHREDS: [&str; 48] = [
    "%",
    "%2",
    "%25",
    "%41",
    "%2D",
    "+",
    "=",
    "=3D",
    "=\n",
    "=C3=A1",
    "=?utf-8?q?",
    "?=",
    "\\",
    "\\n",
    "\\x2d",
    "\\u00",
    "\\u{",
    "\\303\\261",
    "&#",
    "&#45;",
    "&amp;",
    "&nbsp;",
    ";",
    "eyJ",
    "eyJzc24iOiI1MzYtMjItODE0NyJ9",
    "H4sI",
    "H4sIAAAAAAACA6tW",
    "eJyrVi",
    "/9j/4AAQSkZJRgABPD0+P0BB",
    "3533362d32322d38313437",
    "0x35",
    "35 33 36 2d 32 32 2d 38",
    "00000000: 3533 362d",
    "  |536-22|\n",
    "[53,51,54,45,50,50,45,56",
    "]",
    "\u{ff15}\u{ff13}",
    "\u{200b}",
    "\u{2013}",
    "\u{301}",
    "\u{1b}[3",
    "m",
    "\u{0}",
    "5",
    "-",
    " ",
    "\"",
    "{",
];

#[test]
fn shreds_of_containers_harm_nobody() {
    let scrubber = RefCell::new(Scrubber::new(&RULES).unwrap().without_memo());
    each(256, any::<u16>(), 40, |choices| {
        let scrubber = &mut *scrubber.borrow_mut();
        let shreds = choices.iter().map(|choice| SHREDS[usize::from(*choice) % SHREDS.len()]);
        let text: String = shreds.collect();
        let once = scrub(scrubber, &text)?;
        let twice = scrub(scrubber, &once)?;
        if once != twice {
            return Err(fail(format!("{text:?}: the second scrub made of {once:?} this: {twice:?}")));
        }
        Ok(())
    });
}

#[test]
fn layers_in_layers_end() {
    let mut scrubber = Scrubber::new(&RULES).unwrap();
    let mut text = "ssn 536-22-8147 of the patient".to_owned();
    for depth in 0..9 {
        let out = scrub(&mut scrubber, &text).unwrap();
        assert_ne!(out, text, "{depth} deep");
        text = STANDARD.encode(&text);
    }
    let mut bomb = vec![b' '; 1 << 24];
    for _ in 0..2 {
        let mut packer = GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(&bomb).unwrap();
        bomb = packer.finish().unwrap();
        let text = format!("blob={} end", STANDARD.encode(&bomb));
        let began = std::time::Instant::now();
        let out = scrub(&mut scrubber, &text).unwrap();
        // The marker stands in base64 itself, packed or not.
        let inside = out.split(' ').next().and_then(|blob| STANDARD.decode(blob.strip_prefix("blob=")?).ok());
        let mut unpacked = String::new();
        let packed = GzDecoder::new(inside.as_deref().unwrap_or(&[])).read_to_string(&mut unpacked).is_ok();
        let marked = |text: &str| text.contains("[UNSCANNED]") || text.contains("W1VOU0NBTk5FRF");
        assert!(marked(&out) || packed && marked(&unpacked), "{out}");
        assert!(out.ends_with(" end"), "{out}");
        assert!(began.elapsed().as_secs() < 10);
    }
}

#[test]
fn lines_that_a_runtime_cut_are_one() {
    check_all(&[
        (
            "2026-01-01T12:00:00.1Z stdout P visit of ssn 536-22-\n2026-01-01T12:00:00.2Z stdout F 8147 is over\n",
            "2026-01-01T12:00:00.1Z stdout P visit of ssn _\n2026-01-01T12:00:00.2Z stdout F _ is over\n",
        ),
        (
            "{\"log\":\"visit of ssn 536-22-\",\"stream\":\"stdout\"}\n{\"log\":\"8147 is over\\n\",\"stream\":\"stdout\"}\n",
            "{\"log\":\"visit of ssn _\",\"stream\":\"stdout\"}\n{\"log\":\"_ is over\\n\",\"stream\":\"stdout\"}\n",
        ),
    ]);
}

#[test]
fn what_is_written_otherwise_than_it_is_read_goes() {
    check_all(&[
        (r"ssn \x35\x33\x36-22-8147 end", "ssn _ end"),
        (r"ssn \065\063\066\05522\0558147 end", "ssn _ end"),
        (r"ssn \u{35}\u{33}\u{36}-22-8147 end", "ssn _ end"),
        ("ssn 536&#45;22&ndash;8147 &amp; more", "ssn _ &amp; more"),
        ("ssn \u{ff15}\u{ff13}\u{ff16}\u{ff0d}22\u{2013}8147 end", "ssn _ end"),
        ("ssn \u{665}\u{663}\u{666}-\u{662}\u{662}-\u{668}\u{661}\u{664}\u{667} end", "ssn _ end"),
        ("ssn 5\u{200b}36-2\u{ad}2-81\u{200d}47 end", "ssn _ end"),
        (
            "\u{1b}[32mssn=\u{1b}[33m536\u{1b}[0m-\u{1b}[33m22\u{1b}[0m-8147\u{1b}[0m",
            "\u{1b}[32mssn=\u{1b}[33m_\u{1b}[0m",
        ),
        ("mail m\u{430}ria.gonz\u{430}lez@example.org end", "mail _ end"),
        ("mail body: maria=40example.org, 536=2D22=2D8147=\n and more=20text", "mail body: _, _=\n and more=20text"),
        ("dump\n00000000: 7373 6e20 3533 362d 3232 2d38 3134 3720  ssn 536-22-8147 \nend", "dump\n_\nend"),
        ("grpc-status-details-bin: CAMSHHNzbiA1MzYtMjItODE0NyBub3QgaW4gaW5kZXg= end", "grpc-status-details-bin: _ end"),
        ("rec UklGRiQAAABXQVZFZm10IAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZ end", "rec _ end"),
        ("tpl 464d52002032300000010203 end", "tpl _ end"),
        (r#"{"data":[255,216,255,224,0,16,74,70,73,70,0,1],"ok":true}"#, r#"{"data":[null],"ok":true}"#),
        (r#"[["x-patient-mrn","00482913"],["accept","*/*"]]"#, r#"[["x-patient-mrn","_"],["accept","*/*"]]"#),
        (
            "q=ssn+536+22+8147&address=1208+Cedar+Bend+Dr&k=1",
            "q=ssn+%5BREDACTED%3Assn%5D&address=%5BREDACTED%3Aaddress%5D&k=1",
        ),
        ("note=MBI+1EG4+TE5+MK73+ok7&sort=asc", "note=MBI+%5BREDACTED%3Aplan%5D+ok7&sort=asc"),
        (
            "claim c3NuPTUzNi0yMi04MTQ3IGZvciBNYXJpYSA=\ngpu worker",
            "claim c3NuPVtSRURBQ1RFRDpzc25dIGZvciBNYXJpYSA=\ngpu worker",
        ),
    ]);
}

#[test]
fn what_only_looks_encoded_stays() {
    for text in [
        "id=79b9da39-b7ae-508a-a6bc-864b2829c622 sha256=9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "GET /usr/share/collectd/types.db /var/log/containers/patient-api-7d9f8b6c5d-x2x4z_default_app",
        "integrity sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC",
        "cfg=eyJyZXRyeSI6MywicXVldWUiOiJsYWJzIiwibW9kZSI6ImZhc3QifQ== loaded",
        "[1, 2, 3, 4, 5, 6, 7, 8, 9, 10] [10.5, 11] [100,101,102,103,104,105,106,107]",
        "\u{1b}[32mINFO\u{1b}[0m started in 12 ms \u{2013} \u{201c}ready\u{201d}, it\u{2019}s up",
        "ts=2026-01-01T00:00:00+00:00 size=40 code=2D w=20",
        "sum=1+2+3 q=c+++17+is+out sig=abc+def/ghi+jkl+mno==",
        r"C:\new\users\x64 &copy; a & b",
        "\u{43c}\u{43e}\u{441}\u{43a}\u{432}\u{430} \u{1f468}\u{200d}\u{2695}\u{fe0f}",
    ] {
        check_all(&[(text, text)]);
    }
}
