use super::site::{NameTuning, Site};
use super::tokenise::Shape;
use super::*;
use crate::detectors::names::decode::{Span, decode};
use crate::tape::Kinds;

/// What is found in a text: each name and place.
fn found(text: &str, site: &Site) -> Vec<(String, Tag)> {
    let Model { words, rows } = &Model::built_in().unwrap();
    let weights = Weights::new(rows).unwrap();
    let (mut tokens, mut tags, mut told) = (Vec::new(), Vec::new(), Vec::new());
    let mut kinds = Kinds::default();
    let prose = Prose::alone(text.as_bytes(), &mut kinds);
    tokenise(words, &mut Recent::default(), &prose, 0, usize::MAX, &mut tokens);
    site.know(text.as_bytes(), &mut tokens);
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
    assert_eq!(found("row qwertzu, zzyx ok", &site), [("qwertzu, zzyx".to_owned(), Tag::Name)]);
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
    let mut kinds = Kinds::default();
    tokenise(words, &mut Recent::default(), &Prose::alone(text.as_bytes(), &mut kinds), 0, usize::MAX, &mut tokens);
    let cut: Vec<&str> = tokens.iter().map(|token| &text[token.range()]).collect();
    assert_eq!(cut, ["a", "Maria", "aria", "red", "x", "y"]);
}

/// What a word is hashed as, by its letters one by one.
#[test]
fn words_are_hashed_alike_wherever_they_stand() {
    let words = ["a", "Maria", "OKAFOR", "abcdefgh", "abcdefghi", "Abcdefghijklmnop", "abcdefghijklmnopqrstuvwxyzab"];
    for word in words {
        let folded = word.to_ascii_lowercase();
        for text in [word.to_owned(), format!("- {word}, and so on, and on"), format!("{}{word}", "x ".repeat(40))] {
            let mut kinds = Kinds::default();
            let mut tokens = Vec::new();
            let prose = Prose::alone(text.as_bytes(), &mut kinds);
            let mut hashes = Vec::new();
            let known = |hash: u64| {
                hashes.push(hash);
                words::Flags::default()
            };
            tokenise::cut(&prose, 0, usize::MAX, known, &mut tokens);
            assert!(hashes.contains(&words::WordHash::of(folded.as_bytes())), "{text}");
        }
    }
}

/// Letters beyond ASCII put a text on the slower way, which must see the same words.
#[test]
fn texts_are_cut_alike_with_and_without_letters_beyond_ascii() {
    let plain = "Dr Maria O'Neil-Smith 0yo a1b2c3d4e5f6a7b8c9d0 McDonald nullPointer X 2024 HELLO %20Bob \\nEve x";
    let cut = |text: &str| -> Vec<(u32, Shape)> {
        let (mut kinds, mut tokens) = (Kinds::default(), Vec::new());
        let prose = Prose::alone(text.as_bytes(), &mut kinds);
        tokenise::cut(&prose, 0, usize::MAX, |_| words::Flags::default(), &mut tokens);
        tokens.iter().map(|token| (token.id, token.shape)).collect()
    };
    let expected = cut(plain);
    assert_eq!(expected.len(), 15);
    for text in [format!("{plain} \u{a0}"), format!("\u{2019}{plain}\u{2019}"), format!("{plain} \u{1b}[0m")] {
        assert_eq!(cut(&text), expected, "{text}");
    }
}

/// Whoever cuts a text piece by piece must come to its end.
#[test]
fn a_text_is_cut_to_its_end_in_pieces() {
    for text in ["one two three four. ", "un deux tr\u{e8}s quatre. ", "\u{1b}[0m one two ... ", "\u{a0}", "..", ""] {
        for most in [1, 2, 7] {
            let mut kinds = Kinds::default();
            let prose = Prose::alone(text.as_bytes(), &mut kinds);
            let (mut at, mut words, mut rounds) = (0, Vec::new(), 0);
            while at < text.len() && rounds < 10 {
                let mut tokens = Vec::new();
                at = tokenise::cut(&prose, at, most, |_| words::Flags::default(), &mut tokens);
                words.extend(tokens.iter().map(|token| token.id));
                rounds += 1;
            }
            let mut whole = Vec::new();
            tokenise::cut(&prose, 0, usize::MAX, |_| words::Flags::default(), &mut whole);
            assert!(at == text.len() && whole.iter().map(|token| token.id).eq(words), "{text}");
        }
    }
}

/// What was weighed before must not be told from what is weighed now.
#[test]
fn what_is_kept_of_weighing_changes_nothing() {
    let Model { words, rows } = &Model::built_in().unwrap();
    let weights = Weights::new(rows).unwrap();
    let (mut kinds, mut weighed) = (Kinds::default(), Weighed::default());
    let texts = [
        "batch 12 took 40ms, batch 13 took 41ms - c.e.document.Service batch of Maria Gonzalez, MRN batch",
        "took 40ms batch 12, batch 12 took 40ms; patient Maria Gonzalez (maria) batch view Service",
        "the view batch of Dr Maria Gonzalez, Cedar Bend 12",
    ];
    for text in texts.iter().cycle().take(9) {
        let mut tokens = Vec::new();
        let prose = Prose::alone(text.as_bytes(), &mut kinds);
        tokenise(words, &mut Recent::default(), &prose, 0, usize::MAX, &mut tokens);
        for (at, found) in (0..tokens.len()).flat_map(|at| [(at, false), (at, true)]) {
            let view = View::new(text.as_bytes(), &tokens, at, found).unwrap();
            for tags in [[Tag::Other; 2], [Tag::Name, Tag::Other], [Tag::Other, Tag::Place], [Tag::Place, Tag::Name]] {
                assert_eq!(weighed.scores(&weights, &view, tags), weights.of(&view, tags), "{text} {at}");
            }
        }
    }
}
