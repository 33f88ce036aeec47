//! `scrubjay synth` and `scrubjay eval`: what they write, and that its figures are those of the evaluation data's scorer.

use crate::support::collector::command;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/golden/eval");
const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/eval");

/// What a command writes, which succeeds.
fn run(args: &[&str]) -> String {
    let output = command(args).stderr(Stdio::inherit()).output().unwrap();
    assert!(output.status.success(), "{args:?}: {}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

fn json(text: &str) -> Value {
    // The scorer's language writes the quotient of nothing and nothing so.
    serde_json::from_str(&text.replace("NaN", "null")).unwrap()
}

/// Whether every member of `theirs` is in `ours`, numbers to rounding.
fn same(path: &str, theirs: &Value, ours: &Value, wrong: &mut Vec<String>) {
    match (theirs, ours) {
        (Value::Object(theirs), Value::Object(_)) => {
            for (key, value) in theirs {
                same(&format!("{path}.{key}"), value, &ours[key], wrong);
            }
        }
        (Value::Array(left), Value::Array(right)) if left.len() == right.len() => {
            for (number, (left, right)) in left.iter().zip(right).enumerate() {
                same(&format!("{path}[{number}]"), left, right, wrong);
            }
        }
        (Value::Number(left), Value::Number(right)) => {
            if (left.as_f64().unwrap() - right.as_f64().unwrap()).abs() > 1e-9 {
                wrong.push(format!("{path}: {left}, not {right}"));
            }
        }
        _ if theirs == ours => {}
        _ => wrong.push(format!("{path}: {theirs}, not {ours}")),
    }
}

/// Holds `eval` to a scorer's JSON, which has one group.
fn hold(theirs: &Value, ours: &Value, by: &str) {
    let mut wrong = Vec::new();
    for part in ["types", "overall"] {
        same(part, &theirs[part], &ours[part], &mut wrong);
    }
    same(by, &theirs["by"], &ours["by"][by], &mut wrong);
    assert_eq!(theirs["types"].as_array().map(Vec::len), ours["types"].as_array().map(Vec::len));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The rules of the small file: its figures must not change with the packs.
const FEW: &str = "processors::scrub::packs=[tests/it/golden/eval/pack.yaml]";

#[test]
fn the_figures_of_a_small_file_are_those_of_the_scorer() {
    let gold = format!("{GOLDEN}/gold.jsonl");
    for by in ["kind", "sub"] {
        let scored = std::fs::read_to_string(format!("{GOLDEN}/score_by_{by}.json")).unwrap();
        let ours = json(&run(&["eval", &gold, "--json", "--by", by, "--set", FEW]));
        hold(&json(&scored), &ours, by);
        assert_eq!(ours["refused"], 0);
    }
}

#[test]
fn the_figures_are_those_of_the_scorer() {
    let dir = tempfile::tempdir().unwrap();
    let python = Command::new("python3").arg("--version").output().is_ok_and(|output| output.status.success());
    if !python || !Path::new(SHARED).join("score.py").exists() {
        eprintln!("skipped: there is no score.py beside the repository, or no python3");
        return;
    }
    let made = dir.path().join("made.jsonl");
    std::fs::write(&made, run(&["synth", "--count", "300", "--seed", "5"])).unwrap();
    let mut gold = vec![made];
    for file in ["telemetry.jsonl", "presidio.jsonl", "hardneg.jsonl"] {
        let text = std::fs::read_to_string(format!("{SHARED}/dev/{file}")).unwrap();
        // Every tenth text: all of them take long without optimisation.
        let part: String = text.lines().step_by(10).map(|line| format!("{line}\n")).collect();
        gold.push(dir.path().join(file));
        std::fs::write(gold.last().unwrap(), part).unwrap();
    }
    let names: Vec<&str> = gold.iter().map(|path| path.to_str().unwrap()).collect();
    let all: String = gold.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect();
    let input = dir.path().join("all.jsonl");
    std::fs::write(&input, all).unwrap();
    let found = command(&["detect"]).stdin(std::fs::File::open(&input).unwrap()).output().unwrap().stdout;
    let predicted = dir.path().join("predicted.jsonl");
    std::fs::write(&predicted, found).unwrap();
    let ours = json(&run(&[&["eval", "--json", "--by", "kind,source,sub,oov"][..], &names].concat()));
    for by in ["kind", "source", "sub", "oov"] {
        let scored: PathBuf = dir.path().join(format!("{by}.json"));
        let mut scorer = Command::new("python3");
        scorer.arg(format!("{SHARED}/score.py")).args([&input, &predicted]).args(["--by", by, "--json"]).arg(&scored);
        assert!(scorer.stdout(Stdio::null()).status().unwrap().success());
        hold(&json(&std::fs::read_to_string(scored).unwrap()), &ours, by);
    }
}

#[test]
fn a_page_and_a_table_are_written_and_mistakes_are_told_without_their_texts() {
    let dir = tempfile::tempdir().unwrap();
    let page = dir.path().join("page.html");
    let gold = format!("{GOLDEN}/gold.jsonl");
    let args = ["eval", &gold, "--set", FEW, "--errors", "3"];
    let table = run(&[&args[..], &["--html", page.to_str().unwrap()]].concat());
    assert!(table.contains("identifying letters left") && table.contains("\nSSN "), "{table}");
    let page = std::fs::read_to_string(page).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.contains("<svg") && !page.contains("<script"), "{page}");
    for text in [&table, &page] {
        assert!(text.contains("g03") && !text.contains("Tanaka"), "{text}");
    }
    let told = run(&[&args[..], &["--show-text"]].concat());
    assert!(told.contains("missed") && told.contains("Tanaka"), "{told}");
    // Nothing of a wrong line is told.
    let wrong = dir.path().join("wrong.jsonl");
    std::fs::write(&wrong, "{\"id\":1,\"text\":\"Tanaka\"}\n").unwrap();
    let output = command(&["eval", wrong.to_str().unwrap(), "--set", FEW]).output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && err.contains("line 1 ") && !err.contains("Tanaka"), "{err}");
}

#[test]
fn what_is_made_up_is_found_by_the_built_in_rules() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gold.jsonl");
    std::fs::write(&path, run(&["synth", "--count", "400", "--seed", "2", "--identifiers", "F,G", "--wrap", "0"]))
        .unwrap();
    let measured = json(&run(&["eval", path.to_str().unwrap(), "--json"]));
    assert!(measured["overall"]["spans"].as_u64().unwrap() > 250, "{measured}");
    assert!(measured["overall"]["leak"].as_f64().unwrap() < 0.02, "{measured}");
}

#[test]
fn templates_of_ones_own_are_filled_in_or_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("ours.txt");
    std::fs::write(&path, "# ours\nbed <<id>>[~ of <<LAST_FIRST>>~][~ mrn <<mrn>>~]\n").unwrap();
    let args = |more: &[&'static str]| {
        [&["synth", "--template", path.to_str().unwrap(), "--count", "20"], more].concat().join(" ")
    };
    let made = run(&args(&["--output", "text", "--wrap", "0"]).split(' ').collect::<Vec<_>>());
    assert!(made.lines().count() == 20 && made.lines().all(|line| line.starts_with("bed ")), "{made}");
    std::fs::write(&path, "bed <<id>>\nbed <<nobody>>\n").unwrap();
    let output = command(&args(&[]).split(' ').collect::<Vec<_>>()).output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(1) && err.contains("ours.txt:2: "), "{err}");
}

#[test]
fn what_a_batch_gave_is_found_in_all_its_lines() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("batch.log");
    let lines =
        "waiting for Castellano\npatient_name=\"Castellano, Ingrid\" mrn=70-367-332\nlevel=warn merged 70367332\n";
    std::fs::write(&path, lines).unwrap();
    let output = command(&["scrub"]).stdin(std::fs::File::open(&path).unwrap()).output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && out.lines().count() == 3, "{out}");
    for gone in ["Castellano", "70367332", "70-367-332", "Ingrid"] {
        assert!(!out.contains(gone), "{gone}: {out}");
    }
    assert!(out.contains("waiting for ") && out.contains("level=warn merged "), "{out}");
}
