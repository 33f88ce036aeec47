//! `scrubjay test`.

use crate::support::collector::command;
use serde_json::Value;
use std::fs;

fn run(args: &[&str]) -> (i32, String, String) {
    let whole: Vec<&str> = ["test"].into_iter().chain(args.iter().copied()).collect();
    let output = command(&whole).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

fn pack(matches: &str) -> String {
    format!(
        "rules:\n  - id: badge.labelled\n    identifier: R\n    pattern: '(?i:badge)[ :#=]{{1,3}}(?<value>[A-Z]{{2}}-\\d{{4,6}})'\n    \
         edge: alnum\n    reference: https://example.com/badges\n    matches:\n      - {matches}\n      - 'Badge: [[QZ-90017]]'\n    \
         ignores: [ 'badge count 12', 'badges: AB-1' ]\n"
    )
}

#[test]
fn what_is_built_in_proves_itself_on_both_matchers() {
    let (code, out, told) = run(&["--format", "json"]);
    assert_eq!((code, told.as_str()), (0, ""));
    let report: Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["passed"], true);
    let rows = report["identifiers"].as_array().unwrap();
    assert_eq!(rows.len(), 19, "eighteen letters, and secrets");
    let sum = |key: &str| rows.iter().map(|row| row[key].as_u64().unwrap()).sum::<u64>();
    assert!(sum("rules") >= 150, "{} rules", sum("rules"));
    assert!(sum("matches") >= 2 * sum("rules") && sum("ignores") >= 2 * sum("rules"));
    for row in rows {
        assert_eq!((&row["failed"]["vectorscan"], &row["failed"]["lazy-dfa"]), (&0.into(), &0.into()), "{row}");
    }
}

#[test]
fn packs_are_files_and_folders_and_failures_have_a_place() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().to_str().unwrap();
    fs::write(dir.path().join("site.yaml"), pack("'door badge [[KX-4471]] opened'")).unwrap();
    let (code, out, told) = run(&[path]);
    assert_eq!((code, told.as_str()), (0, ""), "{out}");
    assert!(out.contains("any other unique") && out.lines().last().unwrap().starts_with("all"), "{out}");

    let wrong = dir.path().join("wrong.yaml");
    fs::write(&wrong, pack("'door badge [[KX-4]]471 opened'")).unwrap();
    let (code, out, told) = run(&[wrong.to_str().unwrap()]);
    assert_eq!(code, 1);
    assert_eq!(out.matches("1 failed").count(), 4, "{out}");
    let place = format!("error: {}:8:9: rule badge.labelled finds `KX-4471`", wrong.display());
    assert!(told.starts_with(&place) && told.lines().count() == 1, "{told}");

    let broken = dir.path().join("broken.yaml");
    fs::write(
        &broken,
        pack("'a [[KX-4471]]'").replace("edge: alnum", "edge: sharp").replace("identifier: R", "identifier: Z"),
    )
    .unwrap();
    let (code, out, told) = run(&[broken.to_str().unwrap()]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert_eq!(
        told.lines().filter(|line| line.starts_with(&format!("error: {}:", broken.display()))).count(),
        2,
        "{told}"
    );

    let (code, _, told) = run(&[dir.path().join("none.yaml").to_str().unwrap()]);
    assert!(code == 1 && told.contains("none.yaml"), "{told}");
}
