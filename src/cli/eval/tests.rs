//! The measures on a text that is counted by hand, and the page.

use super::gold::Gold;
use super::measure::{By, Found, Measure, Measured};
use super::*;

fn gold(text: &str) -> Gold {
    serde_json::from_str(text).unwrap()
}

fn measured(found: &[&[Found]]) -> Measured {
    let texts = [
        r#"{"id":"a","kind":"log","source":"made","text":"Dr. Maria Gonz\u00e1lez, MRN 70-36 at 9:15","spans":[
            {"start":4,"end":18,"type":"NAME","sub":"patient"},{"start":24,"end":29,"type":"MRN"}],
            "neutral":[{"start":33,"end":37}]}"#,
        r#"{"id":"b","kind":"log","source":"made","text":"Case 12 closed","spans":[],"neutral":[{"start":5,"end":7}]}"#,
        r#"{"id":7,"kind":"url","source":"made","text":"GET /x","spans":[]}"#,
    ];
    let by = vec![By::Kind, By::Source, By::Sub, By::Oov, By::Tpl];
    let mut measure = Measure { by, errors: 10, show_text: true, done: Measured::default() };
    for (text, found) in texts.iter().zip(found) {
        measure.take(&gold(text), found);
    }
    measure.done
}

fn found(start: usize, end: usize, kind: &'static str) -> Found {
    Found { start, end, kind }
}

#[test]
fn letters_and_digits_are_counted() {
    let done = measured(&[
        // `Maria` and a space, `MRN 70`, and the neutral time.
        &[found(4, 10, "NAME"), found(20, 26, "MRN"), found(33, 37, "DATE")],
        &[found(0, 7, "NAME"), found(5, 7, "DATE")],
        &[],
    ]);
    let all = &done.all;
    assert_eq!((all.texts, all.with, all.leaking, all.spans, all.full, all.any), (3, 1, 1, 2, 0, 2));
    // Thirteen letters of the name and four digits.
    assert_eq!((all.chars, all.covered, all.wrong_chars), (17, 5 + 2, 3 + 4));
    assert_eq!((all.clean, all.hit, all.alarms, all.alarms_strict), (2, 1, 1, 2));
    assert_eq!((all.clean_chars, all.clean_removed), (12 + 4, 4));
    assert_eq!(done.found["NAME"].alarms, 1);
    assert_eq!(done.found["DATE"].alarms, 0);
    assert_eq!((done.found["MRN"].right, done.found["MRN"].wrong), (2, 3));
    assert_eq!(done.groups[&By::Sub].keys().collect::<Vec<_>>(), ["MRN/None", "NAME/patient"]);
    assert_eq!(done.groups[&By::Kind]["url"].clean, 1);
    let wrong: Vec<_> =
        done.wrong.iter().map(|it| (it.id.as_str(), it.missed, it.text.as_ref().unwrap().0.as_str())).collect();
    assert_eq!(wrong, [("a", true, "Maria Gonz\u{e1}lez"), ("a", true, "70-36"), ("b", false, "Case 12")]);
}

#[test]
fn an_identifier_that_goes_in_two_parts_goes_wholly() {
    let done = measured(&[&[found(4, 9, "NAME"), found(10, 18, "URL"), found(24, 26, "MRN"), found(27, 29, "MRN")]]);
    let all = &done.all;
    assert_eq!((all.spans, all.full, all.typed, all.leaking), (2, 2, 2, 0));
    assert_eq!((all.leak(), all.precision(), all.per_thousand()), (Some(0.0), Some(1.0), None));
    assert!(done.wrong.is_empty());
}

#[test]
fn the_page_is_whole_and_needs_nothing() {
    let measured = measured(&[&[found(4, 10, "NAME")], &[found(0, 4, "NAME")], &[]]);
    let outcome = Outcome { measured, files: vec!["a<b>.jsonl".into()], rules: 7, refused: 1 };
    let page = page::page(&outcome);
    for whole in ["<!doctype html>", "a&lt;b&gt;.jsonl", "Maria Gonz\u{e1}lez", "1 texts were refused", "</html>"] {
        assert!(page.contains(whole), "{whole}");
    }
    for elsewhere in ["<script", "src=", "href=", "url(", "@import", "http"] {
        assert!(!page.contains(elsewhere), "{elsewhere}");
    }
    let open = |tag: &str| (page.matches(&format!("<{tag}")).count(), page.matches(&format!("</{tag}>")).count());
    for tag in ["svg", "figure", "table", "details", "div", "tr", "text", "main"] {
        let (opened, closed) = open(tag);
        assert!(opened > 0 && opened == closed, "{tag}: {opened} and {closed}");
    }
    let mut out = Vec::new();
    table::print(&outcome, &mut out).unwrap();
    assert!(String::from_utf8(out).unwrap().contains("false alarms"));
}
