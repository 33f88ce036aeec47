//! What is planted, and where: a row is one record of telemetry for each person.
//!
//! In a text, `<mrn>` stands for this person's number; which names there are, `people.rs` says. To try another place or
//! another way to write an identifier, add a row.

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};

/// Where in a record a text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The name of a span.
    SpanName,
    /// The value of a span's attribute.
    Span(&'static str),
    /// The same, as a number.
    SpanNumber(&'static str),
    /// The key of a span's attribute.
    SpanKey,
    /// The items of a list in a span's attribute; commas part them.
    SpanList(&'static str),
    /// The trace state of a span.
    TraceState,
    /// The status message of a span.
    Status,
    /// An attribute of a span's event.
    Event(&'static str, &'static str),
    /// An attribute of a span's link.
    Link(&'static str),
    /// An attribute of a resource.
    Resource(&'static str),
    /// An attribute of an instrumentation scope.
    Scope(&'static str),
    /// The body of a log record.
    Body,
    /// The body of a log record, as bytes.
    BodyBytes,
    /// A field of a log record whose body is a map.
    BodyField(&'static str),
    /// An attribute of a log record.
    Log(&'static str),
    /// A label of a metric's data point.
    Label(&'static str),
    /// The description of a metric.
    Description,
    /// An attribute of an exemplar: what a view took off the labels comes back here.
    Exemplar(&'static str),
}

/// One row.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// What it shows, in words.
    pub(super) about: &'static str,
    /// Where it stands.
    pub(super) place: Place,
    /// The text.
    pub(super) text: &'static str,
    /// What is made of the text before it is sent.
    pub(super) wrap: fn(String) -> String,
}

const fn row(about: &'static str, place: Place, text: &'static str) -> Row {
    Row { about, place, text, wrap: plain }
}

fn plain(text: String) -> String {
    text
}

fn percent(text: String) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// A text as a member of a JSON document.
fn quoted(text: String) -> String {
    serde_json::json!({ "event": "webhook.received", "attempt": 2, "payload": text }).to_string()
}

fn basic(text: String) -> String {
    format!("Basic {}", BASE64_STANDARD.encode(text))
}

/// A signed token whose claims are the text.
fn token(claims: String) -> String {
    let part = |text: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(text);
    let signature = [0x5c; 32];
    format!("Bearer {}.{}.{}", part(br#"{"alg":"HS256","typ":"JWT"}"#), part(claims.as_bytes()), part(&signature))
}

/// A picture as pages embed it; the text stands in its comment.
fn picture(text: String) -> String {
    let mut bytes = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xfe".to_vec();
    bytes.extend_from_slice(text.as_bytes());
    bytes.extend((0..96u8).map(|byte| byte.wrapping_mul(37)));
    format!("data:image/jpeg;base64,{}", BASE64_STANDARD.encode(bytes))
}

/// All rows.
pub(super) const ROWS: &[Row] = &[
    row("URL path in a span's name", Place::SpanName, "GET /patients/<ssn>/labs"),
    row("attribute that says what it is", Place::Span("patient.name"), "<name>"),
    row(
        "e-mail address in a URL's query",
        Place::Span("url.full"),
        "https://api.example.org/search?mail=<email>&page=2",
    ),
    Row {
        about: "percent-encoded query",
        place: Place::Span("url.query"),
        text: "<name>",
        wrap: |text| format!("patient_name={}&sort=asc", percent(text)),
    },
    row(
        "SQL literals",
        Place::Span("db.query.text"),
        "SELECT id FROM patients WHERE last_name = '<last>' AND ssn = '<ssn>'",
    ),
    row(
        "SQL columns and values",
        Place::Span("db.statement"),
        "INSERT INTO patients (last_name, ssn, dob) VALUES ('<last>', '<ssn>', '<dob>')",
    ),
    row(
        "JSON in a string",
        Place::Span("http.request.body.content"),
        r#"{"patient":{"name":"<name>","mrn":"<mrn>","address":{"street":"<street>","zip":"<zip>"}},"retry":2}"#,
    ),
    Row {
        about: "JSON in a string in JSON",
        place: Place::Span("messaging.message.body"),
        text: r#"{"patient":{"name":"<name>","dateOfBirth":"<dob>","phone":"<phone>"}}"#,
        wrap: quoted,
    },
    row(
        "prompt of a language model",
        Place::Span("gen_ai.prompt"),
        "Summarise the visit of Mrs. <name>, born <dob_us>, MRN <mrn>, phone <phone>. Keep it short.",
    ),
    row(
        "chat messages of a language model",
        Place::Span("gen_ai.input.messages"),
        r#"[{"role":"user","parts":[{"type":"text","content":"Draft a letter to patient <name>, SSN <ssn>, <email>"}]}]"#,
    ),
    row("number under an identifier's key", Place::SpanNumber("patient.ssn"), "<ssn9>"),
    row("medical record number as a number", Place::SpanNumber("patient.mrn"), "<mrn>"),
    row("identifier as a map's key", Place::SpanKey, "lookup.<email>"),
    row(
        "command line, value behind its option",
        Place::SpanList("process.command_args"),
        "export,--ssn,<ssn9>,--format,csv",
    ),
    row("trace state of a gateway", Place::TraceState, "gateway=<ssn>"),
    row("baggage copied to an attribute", Place::Span("baggage"), "tenant=north,patient.ssn=<ssn9>,user.email=<email>"),
    row("status message", Place::Status, "no patient with MRN <mrn> (ssn <ssn>)"),
    row(
        "exception message",
        Place::Event("exception", "exception.message"),
        "KeyError: no chart for patient <name>, dob <dob>",
    ),
    row(
        "stack trace",
        Place::Event("exception", "exception.stacktrace"),
        "Traceback (most recent call last):\n  File \"charts.py\", line 42, in load\n    raise KeyError(f\"ssn={ssn}\")\nKeyError: 'ssn=<ssn> mrn=<mrn>'",
    ),
    row("link of a batch job", Place::Link("messaging.message.note"), "merged from MRN <mrn>"),
    row("resource: who owns the process", Place::Resource("service.owner.email"), "<email>"),
    row("instrumentation scope", Place::Scope("plugin.contact"), "call <phone>"),
    row("address of a client", Place::Span("client.address"), "<ip>"),
    Row {
        about: "credentials in base64",
        place: Place::Span("http.request.header.authorization"),
        text: "<user>:<password>",
        wrap: basic,
    },
    Row {
        about: "claims in a token's base64",
        place: Place::Log("authorization"),
        text: r#"{"sub":"<email>","name":"<name>"}"#,
        wrap: token,
    },
    Row { about: "picture in base64", place: Place::Log("form.photo"), text: "<name>", wrap: picture },
    row("log line", Place::Body, "callback to <phone> for ssn <ssn> before noon"),
    row("log line of a payment", Place::Body, "charged card <card> of member id <plan>, receipt to <email>"),
    row(
        "log line with labels",
        Place::Body,
        "level=warn msg=\"slow lookup\" patient_name=\"<name>\" mrn=<mrn> took=31ms",
    ),
    row("account and licence", Place::Body, "verified account number <account>, driver's license <license>, VIN <vin>"),
    row("fax", Place::Body, "referral sent, fax: <fax>"),
    row("log line as bytes", Place::BodyBytes, "discharge summary for ssn <ssn>"),
    row("structured log", Place::BodyField("patient.address"), "<street>"),
    row("structured log, date", Place::BodyField("date_of_birth"), "<dob>"),
    row("HL7 v2 patient", Place::Body, "PID|1||<mrn>^^^HOSP^MR||<last>^^||<dob8>|F|||<street>^^RENO^NV^<zip>||<phone>"),
    row("row of a table", Place::Body, "row 17 rejected: <mrn>,<last>,<dob>,F,<phone>,<email>"),
    row("HL7 v2 note", Place::Body, "NTE|1||Patient <name>, MRN <mrn>, called (ssn <ssn>)"),
    row("device", Place::Log("device.serial_number"), "<serial>"),
    row("URL with a password", Place::Log("upstream"), "postgres://ehr:<password>@db.internal:5432/charts"),
    row("metric label", Place::Label("patient.email"), "<email>"),
    row("route as a metric label", Place::Label("http.route"), "/patients/<ssn>/labs"),
    row("description of a metric", Place::Description, "orders, first seen with SSN <ssn>"),
    row("exemplar", Place::Exemplar("patient.mrn"), "<mrn>"),
];

/// The text of a row for one person, and what of the person stands in it.
pub(super) fn fill(row: &Row, field: impl Fn(&str) -> Option<String>) -> (String, Vec<(String, String)>) {
    let mut planted = Vec::new();
    let mut parts = row.text.split('<');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('>').and_then(|(name, rest)| Some((name, field(name)?, rest))) {
            Some((name, value, rest)) => {
                text.push_str(&value);
                text.push_str(rest);
                planted.push((name.to_owned(), value));
            }
            None => {
                text.push('<');
                text.push_str(part);
            }
        }
    }
    ((row.wrap)(text), planted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::people::Person;
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;

    #[test]
    fn every_row_plants_what_stands_nowhere_else() {
        for seed in 0..60 {
            let person = Person::new(&mut StdRng::seed_from_u64(seed));
            for row in ROWS {
                let (_, planted) = fill(row, |name| person.field(name).map(str::to_owned));
                assert_eq!(planted.len(), row.text.matches('<').count(), "{}: a name nobody has", row.about);
                assert!(!planted.is_empty(), "{}", row.about);
                let (blank, _) = fill(row, |_| Some(String::new()));
                for (name, value) in planted {
                    assert!(!blank.to_lowercase().contains(&value.to_lowercase()), "{}: {name}", row.about);
                }
            }
        }
    }
}
