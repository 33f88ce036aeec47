//! What another scrubber's tests say goes from statements, commands and addresses: the same has to go here, and what it keeps of their
//! structure has to stay. Its vectors lie beside the repository; without them this test says so and passes.
//!
//! Where its tests keep what may be somebody's (a mode that only reformats, keys of Redis), that goes here all the same.

use crate::support::collector::command;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::Stdio;

#[derive(Deserialize)]
struct Case {
    kind: String,
    name: Option<String>,
    input: Value,
    expected: Value,
}

/// Where the two differ on purpose, by the line of the case, and why.
const DIFFERENCES: &[(&[usize], &str)] = &[
    (
        &[157, 158, 196, 197, 198, 199, 200, 201, 202, 211, 214, 215, 219, 265, 307, 311],
        "LIMIT 20 counts rows: it stays",
    ),
    (&[169, 253, 264, 368], "VARCHAR(255), TOP 100 PERCENT: lengths of types and counts of rows stay"),
    (&[172], "some$dollar$filled_thing$$ is a name: no literal of PostgreSQL begins within one"),
];

/// The least share that has to agree, in percent.
const LEAST: usize = 95;

#[test]
fn the_same_literals_go_and_the_same_structure_stays() {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/peers/libdatadog-obfuscation.jsonl");
    let Ok(text) = std::fs::read_to_string(file) else {
        return eprintln!("skipped: there is no libdatadog-obfuscation.jsonl beside the repository");
    };
    let cases: Vec<(usize, Case)> =
        text.lines().enumerate().map(|(line, text)| (line + 1, serde_json::from_str(text).unwrap())).collect();
    let judged: Vec<(usize, &Case, &str, &str)> = cases.iter().filter_map(|(line, case)| judged(*line, case)).collect();
    let outputs = scrub(&judged);
    let mut different = Vec::new();
    for ((line, case, _, input), output) in judged.iter().zip(&outputs) {
        let expected = case.expected.as_str().unwrap_or("");
        let (leaked, lost) = if case.kind == "redis" {
            redis(case.name.as_deref().unwrap_or(""), input, expected, output)
        } else {
            compare(input, expected, output)
        };
        if !leaked.is_empty() || !lost.is_empty() {
            different.push((*line, leaked, lost, *input, output));
        }
    }
    let explained = |line: &usize| DIFFERENCES.iter().any(|(lines, _)| lines.contains(line));
    for (line, leaked, lost, input, output) in &different {
        let why = DIFFERENCES.iter().find(|(lines, _)| lines.contains(line)).map_or("UNEXPLAINED", |(_, why)| why);
        eprintln!("{line}: {why}\n  left {leaked:?}, lost {lost:?}\n  in   {input}\n  out  {output}");
    }
    let agree = judged.len() - different.len();
    eprintln!("{agree} of {} agree", judged.len());
    assert!(agree * 100 >= judged.len() * LEAST, "{agree} of {}", judged.len());
    assert!(different.iter().all(|(line, ..)| explained(line)), "a difference without a reason");
    let shows = |line: &usize| different.iter().any(|(other, ..)| other == line);
    let stale: Vec<&usize> =
        DIFFERENCES.iter().flat_map(|(lines, _)| lines.iter()).filter(|line| !shows(line)).collect();
    assert!(stale.is_empty(), "these agree now: {stale:?}");
}

/// What of a case is to be judged: the key its text stands below, and the text. Texts of the peer's fuzzing that are no statements and
/// no addresses say nothing about either.
fn judged(line: usize, case: &Case) -> Option<(usize, &Case, &'static str, &str)> {
    let input = case.input.as_str()?;
    let name = case.name.as_deref().unwrap_or("");
    let fuzzed = name.contains("fuzzing") || name.starts_with("parity") || input.chars().count() < 4;
    let key = match case.kind.as_str() {
        "sql" => "db.query.text",
        "redis" => "redis.raw_command",
        _ => return None,
    };
    (!fuzzed && case.expected.is_string() && !input.trim().is_empty()).then_some((line, case, key, input))
}

fn scrub(judged: &[(usize, &Case, &str, &str)]) -> Vec<String> {
    let mut lines = String::new();
    for (line, _, key, input) in judged {
        let span = json!({"traceId": "5b8efff798038103d269b633813fc60c", "spanId": "eee19b7ec3c1b174", "name": "q",
            "attributes": [{"key": key, "value": {"stringValue": input}}]});
        let request = json!({"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]});
        lines.push_str(&json!({"id": line.to_string(), "signal": "traces", "input": request}).to_string());
        lines.push('\n');
    }
    let mut child = command(&["scrub", "--jsonl"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || stdin.write_all(lines.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let outputs: Vec<Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let value = "/output/resourceSpans/0/scopeSpans/0/spans/0/attributes/0/value/stringValue";
    outputs.iter().map(|output| output.pointer(value).and_then(Value::as_str).unwrap_or("").to_owned()).collect()
}

/// The literals of `input` that `output` still has, and the words of its structure that both the input and what is expected have and
/// `output` has not.
fn compare(input: &str, expected: &str, output: &str) -> (Vec<String>, Vec<String>) {
    let cleaned = without_markers(output);
    let (literals, structure) = parts(input);
    let left: BTreeSet<String> = parts(&cleaned).0.into_iter().collect();
    let kept: BTreeSet<String> = words(&cleaned).into_iter().collect();
    let expected: BTreeSet<String> = words(expected).into_iter().collect();
    let leaked = literals.into_iter().filter(|word| left.contains(word)).collect();
    let lost = structure.into_iter().filter(|word| expected.contains(word) && !kept.contains(word)).collect();
    (leaked, lost)
}

/// The peer takes out what is stored, or all arguments, or all but the commands. Here what is stored goes in all of these, and of a key
/// what it names: a part with more than two digits. (`EXPIRE k 15` counts seconds.)
fn redis(name: &str, input: &str, expected: &str, output: &str) -> (Vec<String>, Vec<String>) {
    let cleaned = without_markers(output);
    let (kept, expected) = (words(&cleaned), words(expected));
    let stored = name.contains("obfuscate_redis_string");
    let gone =
        |word: &String| if stored { !expected.contains(word) } else { word.matches(char::is_numeric).count() > 2 };
    let leaked = words(input).into_iter().filter(|word| gone(word) && kept.contains(word)).collect();
    let lost = words(input).into_iter().filter(|word| expected.contains(word) && !kept.contains(word)).collect();
    (leaked, lost)
}

fn without_markers(text: &str) -> String {
    let mut cleaned = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("[REDACTED:") {
        cleaned.push_str(before);
        cleaned.push(' ');
        rest = behind.split_once(']').map_or("", |(_, behind)| behind);
    }
    cleaned + rest
}

fn is_word(char: char) -> bool {
    char.is_ascii_alphanumeric() || char == '_' || !char.is_ascii()
}

fn words(text: &str) -> Vec<String> {
    text.split(|char| !is_word(char)).filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// The words in literals, and those of the structure: what stands in no quotes and no comment. Double quotes and backticks hold names or
/// literals; both readings are left out.
fn parts(text: &str) -> (Vec<String>, Vec<String>) {
    let escapes = pairs_up(text, true) || !pairs_up(text, false);
    let (mut literals, mut structure) = (Vec::new(), Vec::new());
    let mut rest = text;
    let mut before = ' ';
    while let Some(first) = rest.chars().next() {
        let skip = if rest.starts_with("--") || rest.starts_with("# ") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if first == '\'' {
            let end = quote_end(rest, escapes).unwrap_or(rest.len());
            literals.extend(words(&rest[..end]));
            end
        } else if let Some(tag) = dollar_tag(rest) {
            let end = rest[tag..].find(&rest[..tag]).map_or(rest.len(), |at| tag + at);
            literals.extend(words(&rest[tag..end]));
            (end + tag).min(rest.len())
        } else if matches!(first, '"' | '`') {
            rest[1..].find(first).map_or(rest.len(), |end| end + 2)
        } else if is_word(first) {
            let end = rest.find(|char| !is_word(char)).unwrap_or(rest.len());
            let word = rest[..end].to_lowercase();
            if !matches!(before, '@' | '$' | ':' | '%' | '#') {
                if first.is_ascii_digit() { literals.push(word) } else { structure.push(word) }
            }
            end
        } else {
            first.len_utf8()
        };
        before = rest[..skip].chars().last().unwrap_or(' ');
        rest = &rest[skip..];
    }
    // `X'ff'`: the letter says how the literal is written.
    structure.retain(|word| word.len() > 1);
    (literals, structure)
}

fn pairs_up(text: &str, escapes: bool) -> bool {
    let mut rest = text;
    while let Some(at) = rest.find('\'') {
        match quote_end(&rest[at..], escapes) {
            Some(end) => rest = &rest[at + end..],
            None => return false,
        }
    }
    true
}

/// Behind the quote that ends the literal at the beginning of `text`.
fn quote_end(text: &str, escapes: bool) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if escapes => at += 2,
            b'\'' if bytes.get(at + 1) == Some(&b'\'') => at += 2,
            b'\'' => return Some(at + 1),
            _ => at += 1,
        }
    }
    None
}

/// How long the tag is that quotes a literal of PostgreSQL.
fn dollar_tag(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('$')?;
    let end = inside.find(|char| !is_word(char))?;
    let tag = !inside.starts_with(|char: char| char.is_ascii_digit()) && inside[end..].starts_with('$');
    tag.then_some(end + 2)
}
