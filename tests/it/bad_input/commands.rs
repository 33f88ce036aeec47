//! What is given to commands: a refused input exits 2, leaves nothing on stdout and is not shown on stderr.

use super::PLANTED;
use crate::support::collector::{FEW, command, feed};
use crate::support::sample::{SSN, log};
use prost::Message as _;

/// Arguments, standard input, exit code, stdout, how stderr begins.
struct Row {
    args: &'static [&'static str],
    input: Vec<u8>,
    code: i32,
    out: &'static str,
    err: &'static str,
}

fn row(args: &'static [&'static str], input: impl Into<Vec<u8>>, err: &'static str) -> Row {
    Row { args, input: input.into(), code: 2, out: "", err }
}

fn scrub() -> Vec<Row> {
    let json = |text: &str| format!("{{\"resourceLogs\": [{{\"scopeLogs\": {text}}}]}}");
    let line =
        |id: u8, signal: &str, input: &str| format!("{{\"id\":{id},\"signal\":\"{signal}\",\"input\":{input}}}\n");
    let message = log(SSN).encode_to_vec();
    let good = line(1, "log-line", &format!("\"ssn {SSN}\""));
    let first = "{\"id\":1,\"output\":\"ssn [REDACTED:ssn]\"}\n";
    let second = |text: &str| format!("{good}{text}");
    let lines = |input: String, err| Row { out: first, ..row(&["scrub", "--jsonl"], input, err) };
    let no_line = "error: line 2 is not an object with id, signal and input";
    vec![
        row(
            &["scrub", "--format", "json"],
            format!("{{\"ssn\": \"{SSN}\""),
            "error: the input is not valid JSON (line 1",
        ),
        row(&["scrub", "--format", "json"], format!("ssn {SSN}"), "error: the input is not valid JSON (line 1"),
        row(&["scrub", "--format", "json"], b"\"536-22-8147 \xFF\"", "error: the input is not valid UTF-8 (byte 13)"),
        row(&["scrub", "--format", "json"], "[".repeat(100_000), "error: the input is not valid JSON"),
        row(&["scrub", "--format", "otlp-json"], format!("ssn {SSN}"), "error: the body is not valid JSON (byte "),
        row(&["scrub", "--format", "otlp-json"], format!("[\"{SSN}\"]"), "error: the body is not a JSON object"),
        row(&["scrub", "--format", "otlp-json"], json(&format!("\"{SSN}\"")), "error: a value has another type"),
        row(&["scrub", "--format", "otlp-json"], json(&"[".repeat(500)), "error: the body nests too deep (byte "),
        row(&["scrub", "--format", "otlp-json"], "", "error: the body is not valid JSON"),
        row(&["scrub", "--format", "otlp-proto"], format!("ssn {SSN}"), "error: the message is malformed at byte "),
        row(
            &["scrub", "--format", "otlp-proto"],
            &message[..message.len() - 1],
            "error: the message is malformed at byte",
        ),
        row(&["scrub", "--signal", "536-22-8147"], "x", "error: invalid value"),
        row(&["scrub", "--today", "2026-02-30"], SSN, "error: invalid value '2026-02-30' for '--today <YYYY-MM-DD>'"),
        row(&["scrub", "--engine", "fast"], SSN, "error: invalid value 'fast' for '--engine <ENGINE>'"),
        row(
            &["scrub", "--processor", "scrub/x"],
            SSN,
            "error: no scrub processor is called `scrub/x`: there are scrub",
        ),
        lines(second(&format!("ssn {SSN}\n")), no_line),
        lines(second(&format!("{{\"id\":2,\"signal\":\"logs\",\"ssn\":\"{SSN}\"}}\n")), no_line),
        lines(second(&line(2, "log", &format!("\"{SSN}\""))), no_line),
        lines(second(&line(2, "log-line", &format!("[\"{SSN}\"]"))), no_line),
        lines(second(&line(2, "log-line", "\"536-22-8147\\ud800\"")), no_line),
        Row {
            code: 1,
            ..row(&["scrub", "--config", "/nowhere.yaml"], SSN, "error: /nowhere.yaml:1:1: cannot be read")
        },
        Row {
            code: 0,
            out: "{\"id\":1,\"output\":null}\n",
            ..row(&["scrub", "--jsonl"], line(1, "logs", &format!("{{\"resourceLogs\":\"{SSN}\"}}")), "")
        },
    ]
}

fn others() -> Vec<Row> {
    vec![
        row(&["explain", "ssn.dahsed"], SSN, "error: no rule is called `ssn.dahsed`: did you mean `ssn.dashed`?"),
        row(&["explain", "--text", "-"], [SSN.as_bytes(), b"\xFF"].concat(), "error: standard input is no UTF-8"),
        row(&["explain", "--text", "-"], SSN.repeat(10_000), "error: the text is longer than 65536 bytes"),
        row(&["explain", "--key", "ssn"], SSN, "error: the following required arguments were not provided"),
        row(&["bench"], SSN, "error: the following required arguments were not provided"),
        row(&["bench", "/nowhere"], SSN, "error: /nowhere: cannot be read: entity not found"),
        row(&["bench", "/"], SSN, "error: /: cannot be read: is a directory"),
        row(&["bench", "/dev/null"], SSN, "error: the files hold nothing to measure"),
        row(&["bench", "/dev/zero"], SSN, "error: /dev/zero: no text: with --signal"),
        row(&["bench", "/dev/stdin"], [SSN.as_bytes(), b"\0"].concat(), "error: /dev/stdin: no text: with --signal"),
        row(&["bench", "--signal", "logs", "/dev/stdin"], SSN, "error: /dev/stdin: no length and request at byte 0"),
        row(
            &["bench", "--signal", "logs", "/dev/stdin"],
            [b"\x0C\xFF", SSN.as_bytes()].concat(),
            "error: /dev/stdin: the batch at byte 0: the message is malformed at byte 0: is it of this signal?",
        ),
        Row {
            code: 1,
            ..row(&["bench", "--pack", "/nowhere", "Cargo.toml"], SSN, "error: the pack `/nowhere` cannot be")
        },
        Row { code: 1, ..row(&["bench", "--pack", "/dev/stdin", "Cargo.toml"], SSN, "error: ") },
        row(&["chekc"], SSN, "error: unrecognized subcommand 'chekc'"),
    ]
}

#[test]
fn commands() {
    let mut wrong = Vec::new();
    for Row { args, input, code, out, err } in scrub().into_iter().chain(others()) {
        let set: &[&str] = if args.contains(&"--config") || args == ["chekc"] { &[] } else { &["--set", FEW] };
        let output = feed(command(args).args(set), &input);
        let (found, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        // An argument was typed; an input was not.
        let typed = args.iter().any(|argument| argument.contains(SSN));
        let echoes = !typed && PLANTED.iter().any(|part| found.contains(part) || told.contains(part));
        if output.status.code() != Some(code) || found != out || !told.starts_with(err) || echoes {
            wrong.push(format!("{args:?}: {:?} {found}{told}", output.status.code()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
