//! Single attributes at the edges of what rules and keys can see, through the program's command line. One that fails
//! stands in the known gaps; one that stands there and passes fails as well.

use crate::known_gaps::KNOWN_GAPS;
use crate::support::collector::command;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::Stdio;

/// What is called how, the key and value of a span's attribute, what must go.
type Edge = (&'static str, &'static str, Value, &'static [&'static str]);

fn text(text: &str) -> Value {
    json!({ "stringValue": text })
}

fn list(texts: &[&str]) -> Value {
    json!({ "arrayValue": { "values": texts.iter().map(|one| text(one)).collect::<Vec<_>>() } })
}

fn entry(key: &str, value: Value) -> Value {
    json!({ "kvlistValue": { "values": [{ "key": key, "value": value }] } })
}

fn numbers() -> Vec<Edge> {
    vec![
        ("int-negative", "patient.ssn", json!({ "intValue": "-536228147" }), &["536228147"]),
        ("int-short", "patient.mrn", json!({ "intValue": "482" }), &["482"]),
        ("int-epoch", "patient.dob", json!({ "intValue": "-372038400" }), &["372038400"]),
        ("int-date", "patient.birthDate", json!({ "intValue": "19580314" }), &["19580314"]),
        ("int-zip", "patient.zip", json!({ "intValue": "78758" }), &["78758"]),
        ("int-phone", "phone", json!({ "intValue": "5125550142" }), &["5125550142"]),
        ("double-whole", "patient.ssn", json!({ "doubleValue": 536_228_147.0 }), &["536228147"]),
        ("double-huge", "patient.mrn", json!({ "doubleValue": 4.8e21 }), &["4.8", "48"]),
        ("json-number", "app.note", text(r#"{"ssn":536228147}"#), &["536228147"]),
    ]
}

fn keys() -> Vec<Edge> {
    let name = || text("Velgora Bintu");
    let mut edges: Vec<Edge> = vec![
        ("key-percent", "app.536%2D22%2D8147", text("v"), &["2D8147"]),
        ("key-unicode", "app.\u{e9}.536-22-8147", text("v"), &["536-22"]),
        ("key-of-map", "byPatient", entry("MRN12582627", json!({ "intValue": "3" })), &["12582627"]),
        ("key-of-map-is-a-name", "byPatientName", entry("Velgora Bintu", json!({ "intValue": "3" })), &["Velgora"]),
        (
            "key-and-value-as-values",
            "params",
            json!({ "arrayValue": { "values": [{ "kvlistValue": { "values": [
            { "key": "name", "value": text("patient.name") }, { "key": "value", "value": name() }] } }] } }),
            &["Velgora"],
        ),
        ("name-accents", "patient.name", text("\u{17d}ofia \u{141}\u{105}cka"), &["ofia", "cka"]),
        ("name-ideographs", "patient.name", text("\u{5c71}\u{7530}\u{592a}\u{90ce}"), &["\u{5c71}"]),
    ];
    for (what, key) in [
        ("capitals", "PATIENT_NAME"),
        ("hyphen", "patient-name"),
        ("camel", "patientName"),
        ("index", "patients.0.name"),
        ("brackets", "fhir.Patient.name[0].given[0]"),
        ("colon", "patient:name"),
        ("space", "Patient Name"),
    ] {
        edges.push((what, key, name(), &["Velgora"]));
    }
    edges
}

fn texts() -> Vec<Edge> {
    let note = "app.note";
    vec![
        ("json-text", note, text(r#"{"patient":{"name":"Velgora Bintu","mrn":48291}}"#), &["Velgora", "48291"]),
        ("json-in-json", note, text(r#"{"a":"{\"patient\":{\"name\":\"Velgora\"}}"}"#), &["Velgora"]),
        ("query", note, text("https://x.example/p?first=Velgora&last=Bintu&dob=1964-07-13"), &["Velgora", "07-13"]),
        ("percent-twice", note, text("q=536%252D22%252D8147"), &["2D8147"]),
        ("newlines", note, text("ssn\n536-22-8147\n"), &["536-22"]),
        ("nul", note, text("a\u{0}536-22-8147\u{0}b"), &["536-22"]),
        ("underscores", note, text("x_536-22-8147_y"), &["536-22"]),
        ("letters-before", note, text("SSN536-22-8147"), &["536-22"]),
        ("letters-behind", note, text("536-22-8147abc"), &["536-22"]),
        ("mail-full-stop", note, text("to maria.gonzalez@example.org."), &["gonzalez"]),
        ("mail-capitals", note, text("MARIA@EXAMPLE.ORG"), &["MARIA"]),
        ("mail-accents", note, text("mar\u{ed}a@ex\u{e1}mple.org"), &["mar"]),
        ("mail-quoted", note, text("\"maria g\"@example.org"), &["maria"]),
        ("mail-at-address", note, text("maria@[203.0.113.7]"), &["maria"]),
        // "ssn 536-22-8147" in UTF-16; what is left of the digits in base64.
        (
            "bytes-utf-16",
            note,
            json!({ "bytesValue": "cwBzAG4AIAA1ADMANgAtADIAMgAtADgAMQA0ADcA" }),
            &["A1ADMANgAtADIAMgAt"],
        ),
        (
            "bytes-utf-16-be",
            note,
            json!({ "bytesValue": "AHMAcwBuACAANQAzADYALQAyADIALQA4ADEANAA3" }),
            &["NQAzADYALQAyADIALQA4"],
        ),
        // The same document packed both ways, a picture, and the document in base64 within a text.
        (
            "bytes-gzip",
            note,
            json!({ "bytesValue": "H4sIAAAAAAACA6tWKkgsyUzNK4nPS8xNVbJSCkvNSc8vSlRwyswrKVXSUSouzgOKmhqb6RoZ6VoYmpgr1QIAZ3HMbTQAAAA=" }),
            &["yUzNK4nPS8xNVbJSCkvNSc8vSlRwys"],
        ),
        (
            "bytes-zlib",
            note,
            json!({ "bytesValue": "eJyrVipILMlMzSuJz0vMTVWyUgpLzUnPL0pUcMrMKylV0lEqLs4Dipoam+kaGelaGJqYK9UCANjHEBQ=" }),
            &["TVWyUgpLzUnPL0pUcMrMKylV0lEqLs"],
        ),
        (
            "bytes-picture",
            note,
            json!({ "bytesValue": "/9j/4AAQSkZJRgABAAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJygpKissLS4v" }),
            &["/9j/4AAQSkZJRgABAAECAwQFBgcICQ"],
        ),
        (
            "base64",
            note,
            text("payload=eyJwYXRpZW50X25hbWUiOiJWZWxnb3JhIEJpbnR1Iiwic3NuIjoiNTM2LTIyLTgxNDcifQ== attempt=2"),
            &["eyJwYXRpZW50X25hbWUiOiJW", "NTM2LTIyLTgxNDcifQ=="],
        ),
        ("hex", note, text("frame 73736e203533362d32322d38313437 ok"), &["3533362d3232"]),
        ("full-width", note, text("ssn \u{ff15}\u{ff13}\u{ff16}-22-8147"), &["22-8147"]),
        ("colours", note, text("ssn=\u{1b}[33m536\u{1b}[0m-\u{1b}[33m22\u{1b}[0m-8147"), &["8147"]),
        ("references", note, text("ssn 536&#45;22&#45;8147"), &["22&#45;8147"]),
        ("bytes-json", note, json!({ "bytesValue": "eyJwYXRpZW50X25hbWUiOiJWZWxnb3JhIEJpbnR1In0=" }), &["WZWxnb3Jh"]),
        ("parts", "form.ssn.parts", list(&["536", "22", "8147"]), &["8147"]),
        ("flag-and-number", "process.command_args", list(&["enrol", "--ssn", "536228147"]), &["536228147"]),
        ("flag-and-name", "process.command_args", list(&["enrol", "--patient-name", "Velgora Bintu"]), &["Velgora"]),
        (
            "flag-in-json",
            note,
            text(r#"{"argv":["enrol","-patient-name","Velgora Bintu","--mrn",482913]}"#),
            &["Velgora", "482913"],
        ),
        ("pair-in-json", note, text(r#"{"params":[{"value":"Velgora Bintu","name":"patient.name"}]}"#), &["Velgora"]),
        (
            "pair-of-otlp",
            note,
            text(r#"[{"key":"patient.name","value":{"stringValue":"Velgora Bintu"}}]"#),
            &["Velgora"],
        ),
        ("pair-of-fhir", note, text(r#"{"telecom":[{"system":"phone","value":"512 555 0142"}]}"#), &["0142"]),
        (
            "pair-escaped",
            note,
            text(r#"{"field":"last_name","oldValue":"Velg\u006fra","newValue":"Bintu"}"#),
            &["Velg", "Bintu"],
        ),
        (
            "insert",
            note,
            text("INSERT INTO patients (id, ssn, last_name) VALUES ($1, 536228147, 'Velgora'), ($2, NULL, 'Bintu')"),
            &["536228147", "Velgora", "Bintu"],
        ),
        ("flag-with-value", "process.command_args", list(&["enrol", "--patient-name=Velgora"]), &["Velgora"]),
    ]
}

#[test]
fn nothing_passes_at_the_edges_but_known_gaps() {
    let edges: Vec<Edge> = [numbers(), keys(), texts()].concat();
    let lines: String = edges
        .iter()
        .map(|(name, key, value, _)| {
            let span = json!({ "name": "kept span", "attributes": [{ "key": key, "value": value }] });
            let input = json!({ "resourceSpans": [{ "scopeSpans": [{ "spans": [span] }] }] });
            format!("{}\n", json!({ "id": name, "signal": "traces", "input": input }))
        })
        .collect();
    let outputs = scrub(&lines);
    assert_eq!(outputs.len(), edges.len());
    let mut leaking = BTreeSet::new();
    for ((name, _, value, needles), output) in edges.iter().zip(&outputs) {
        assert_eq!(output["id"], *name);
        assert_ne!(output["output"], Value::Null, "{name} is refused");
        let left = output["output"].to_string();
        assert!(left.contains("kept span"), "{name}");
        if let Some(needle) = needles.iter().find(|needle| left.contains(**needle)) {
            eprintln!("{name}: {needle} of {value} is left: {left}");
            leaking.insert(*name);
        }
    }
    let known: BTreeSet<&str> = KNOWN_GAPS.iter().filter(|gap| gap.test == "edges").map(|gap| gap.place).collect();
    assert_eq!(leaking, known, "left: what leaks; right: the known gaps");
}

/// Runs lines through `scrub --jsonl`.
fn scrub(lines: &str) -> Vec<Value> {
    let mut child =
        command(&["scrub", "--jsonl"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
    // Fewer bytes than a pipe takes: nobody has to read meanwhile.
    assert!(lines.len() < 60_000);
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
