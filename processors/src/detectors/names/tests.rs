use super::site::{NameTuning, Site};
use super::*;
use crate::detectors::names::decode::Span;

/// What is found in a text: each name and place.
fn found(text: &str, site: &Site) -> Vec<(String, Tag)> {
    let Model { words, rows } = &Model::built_in().unwrap();
    let weights = Weights::new(rows).unwrap();
    let (mut tokens, mut tags, mut told) = (Vec::new(), Vec::new(), Vec::new());
    tokenise(words, &mut Recent::default(), text.as_bytes(), 0, usize::MAX, &mut tokens);
    site.know(&mut tokens);
    decode(&weights, Bars::BUILT_IN.lowered(site.bias), text.as_bytes(), &tokens, false, &mut tags);
    site.overrule(&tokens, &mut tags);
    spans(text.as_bytes(), &tokens, &tags, |Span { start, end, tag }| told.push((text[start..end].to_owned(), tag)));
    told
}

fn names(text: &str) -> Vec<String> {
    let told = found(text, &Site::default());
    told.into_iter().filter(|(_, tag)| *tag == Tag::Name).map(|(name, _)| name).collect()
}

#[test]
fn names_in_prose_are_found() {
    for (text, name) in [
        ("please tell Ngozi that her inhaler is ready", "Ngozi"),
        ("hi this is sarah okafor calling about my bill", "sarah okafor"),
        ("reminder letter for Haddad, Yelena could not be printed", "Haddad, Yelena"),
        ("uploads/okafor_simon_20240611.pdf", "okafor_simon"),
        ("body=Hi%20Yelena%2C%20your%20visit%20is%20at%203", "Yelena"),
        ("Jos\u{e9} Mu\u{f1}oz-P\u{e9}rez wants a call back", "Jos\u{e9} Mu\u{f1}oz-P\u{e9}rez"),
    ] {
        assert_eq!(names(text), [name], "{text}");
    }
}

#[test]
fn programs_machines_and_eponyms_are_none() {
    for text in [
        "2026-01-02 10:00:00,123 INFO [main] o.a.k.c.NetworkClient - Node 3 disconnected",
        "Pulled image registry.example.com/otto:1.2.3 in 340ms",
        "Babinski sign negative, Foley catheter in place",
        "GET /v1/items/42 200 12ms",
        "the May release of Jenkins fixed the Grafana dashboard",
    ] {
        assert_eq!(found(text, &Site::default()), [], "{text}");
    }
}

#[test]
fn what_others_read_by_position_is_theirs() {
    for text in ["NM1*PR*2*ACME*OLSON~N4*RENO*NV", "PID|1||71^^^OLSON^MR", "mail to maria.okafor@example.org or call"] {
        assert_eq!(found(text, &Site::default()), [], "{text}");
    }
}

#[test]
fn cells_of_a_row_stay_apart() {
    assert_eq!(names("id,last,first\n1,Grigorescu,Yelena,F"), ["Grigorescu", "Yelena"]);
}

#[test]
fn what_was_replaced_is_no_name() {
    let text = "spoke with [REDACTED:name] and redacted_name_k7q2abcd about [UNSCANNED]";
    assert_eq!(found(text, &Site::default()), []);
}

#[test]
fn a_site_has_the_last_word() {
    let tuning = NameTuning {
        bias: 0,
        allowed: vec!["Ngozi".to_owned()],
        denied: vec!["project bluebird".to_owned()],
        roster: vec!["Zzyx Qwertzu".to_owned()],
    };
    let site = Site::new(&tuning);
    assert_eq!(found("please tell Ngozi that it is ready", &site), []);
    let told = found("status of PROJECT Bluebird is unknown", &site);
    assert_eq!(told, [("PROJECT Bluebird".to_owned(), Tag::Name)]);
    assert_eq!(found("row qwertzu,zzyx ok", &site), [("qwertzu,zzyx".to_owned(), Tag::Name)]);
}

#[test]
fn the_bias_moves_the_bar() {
    let bars = |bias| Bars::BUILT_IN.lowered(bias);
    assert!(bars(3).near < bars(0).near && bars(0).far < bars(-3).far);
}

#[test]
fn a_shipped_model_is_read() {
    assert!(Model::built_in().is_some());
    assert!(words::BUILT_IN.len() + weights::BUILT_IN.len() < 3 << 20);
    assert!(weights::BUILT_IN.len() <= 1 << 20);
}

#[test]
fn letters_of_encodings_are_no_words() {
    let Model { words, .. } = &Model::built_in().unwrap();
    let mut tokens = Vec::new();
    let text = "a\\nMaria %4daria \u{1b}[31mred\u{1b}[0m x\\u00a0y";
    tokenise(words, &mut Recent::default(), text.as_bytes(), 0, usize::MAX, &mut tokens);
    let cut: Vec<&str> = tokens.iter().map(|token| &text[token.range()]).collect();
    assert_eq!(cut, ["a", "Maria", "aria", "red", "x", "y"]);
}
