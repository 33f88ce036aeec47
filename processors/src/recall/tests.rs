//! What is remembered, and where it is found again.

use super::name::Names;
use super::*;

/// What stands between `[` and `]` is what is found in the text without them, of these names.
fn holds(names: &[&str], marked: &str) {
    let mut seeds = Seeds::default();
    for name in names {
        seeds.names.add(0, name);
    }
    check(seeds, marked);
}

fn holds_code(identifier: Identifier, value: &str, marked: &str) {
    let mut seeds = Seeds::default();
    assert!(seeds.codes.add(0, identifier, value), "{value}");
    check(seeds, marked);
}

fn everything(finder: &Finder, text: &[u8]) -> Vec<Recalled> {
    let mut kinds = Kinds::default();
    kinds.read(text);
    let mut all = Vec::new();
    finder.search(text, &kinds, |it| all.push(it));
    all
}

fn check(seeds: Seeds, marked: &str) {
    let text = marked.replace(['[', ']'], "");
    let (mut found, mut at) = (String::new(), 0);
    if let Some(finder) = seeds.finder() {
        for it in everything(&finder, text.as_bytes()).into_iter().filter(|it| it.stands != Stands::InCode) {
            found.push_str(&format!("{}[{}]", &text[at..it.range.start], &text[it.range.clone()]));
            at = it.range.end;
        }
    }
    found.push_str(&text[at..]);
    assert_eq!(found, marked);
}

#[test]
fn a_name_is_found_in_any_order_and_case() {
    let names = &["Gonzalez, Maria"];
    for marked in [
        "chart of [Maria Gonzalez] opened",
        "chart of [GONZALEZ], [MARIA] opened",
        "[maria_gonzalez].pdf",
        "s3://scans/[gonzalez_maria]_2023.dcm",
        "[Maria.Gonzalez]",
        "PID|[GONZALEZ]^[MARIA]^^",
        "Mrs. [Gonzalez] called",
        "Hi [Maria], your results",
        "[M. Gonzalez] and [Gonzalez], [M.] are one",
        "hi [maria] its about",
        "id,[Gonzalez],[Maria],1958",
        "gave [Gonzalez] a map, m",
        "patient=[gonzalez] page=2",
        "/home/[gonzalez]/scan.pdf",
        "[Gonzalez].pdf",
        "na\u{ef}ve [Gonzalez]\u{2014}ok",
        "nbsp\u{a0}[Gonzalez]\u{a0}ok",
    ] {
        holds(names, marked);
    }
    for clean in [
        "MariaDB started",
        "Gonzalezia is a plant",
        "org.gonzalez.core.Runner",
        "gonzalez.configure",
        "Gonzalez::run()",
        "gonzalez()",
        "$gonzalez",
        "xgonzalez",
        "Gonzalez9",
    ] {
        holds(names, clean);
    }
    holds(
        &["Se\u{e1}n Garc\u{ed}a-L\u{f3}pez"],
        "SE\u{c1}N: [GARC\u{cd}A-L\u{d3}PEZ] and [L\u{f3}pez]".replace("SE\u{c1}N", "[SE\u{c1}N]").as_str(),
    );
    holds(&["Siobhan O'Brien"], "mail for [O'Brien]; [siobhan o'brien] and [O'BRIEN SIOBHAN]");
    holds(&["Ken McKinney"], "[MCKINNEY], [McKinney], [Mckinney], [mckinney]");
}

#[test]
fn everyday_words_are_names_beside_each_other_only() {
    let names = &["Grace Case", "Will May", "Mark Read"];
    for marked in [
        "[Grace Case] came",
        "[CASE], [GRACE] came",
        "[Case_Grace].pdf",
        "[Will May] and [May], [Will]",
        "in any case the mark_read flag will stay until May",
        "Case closed with Grace. Will retry: May 5",
        "it will mark read messages; case grace_period",
        "Mark Case is nobody here",
        "will may read mark",
    ] {
        holds(names, marked);
    }
    holds(&["Grace Tanaka", "Will Smith"], "[Grace Tanaka], [Tanaka] will call, grace period over");
    holds(
        &["admin", "Page Administrator", "Jackson", "Jenkins", "Error", "root"],
        "admin Jackson Jenkins Error root Page",
    );
}

#[test]
fn codes_are_found_with_other_joiners_and_as_whole_words() {
    holds_code(
        Identifier::G,
        "536-22-8147",
        "a=[536228147] b=[536 22 8147], patient_[536-22-8147] c=[536.22.8147] 1536228147 536-22-81470 0.536228147",
    );
    holds_code(Identifier::G, "536228147", "ssn [536-22-8147], [536228147]");
    holds_code(Identifier::H, "A70367332", "[a70367332] and [A70367332] not A703673321 or BA70367332");
    holds_code(Identifier::R, "eswarthout25", "login by [eswarthout25], [ESWARTHOUT25]; eswarthout251");
    holds_code(
        Identifier::D,
        "(937) 555-0142",
        "from [9375550142] to [937-555-0142], +[19375550142] or [937.555.0142]",
    );
    holds_code(Identifier::B, "1208 Cedar Bend Dr", "moved to [1208 CEDAR BEND DR] from 1209 Cedar Bend Dr");
}

#[test]
fn an_account_is_called_what_no_word_is() {
    let mut names = Names::default();
    for word in
        ["admin", "postgres", "service", "jenkins", "backup", "nurse", "short", "rdsadmin", "appuser", "kubelet"]
    {
        names.add_account(0, word);
    }
    assert_eq!(names.len(), 0);
    names.add_account(0, "mtanakashi");
    assert_eq!(names.len(), 1);
}

#[test]
fn a_batch_of_many_people_is_bounded() {
    let mut seeds = Seeds::default();
    for number in 0..5_000u32 {
        let letters: String = (0..6).map(|place| char::from(b'a' + (number >> (3 * place) & 7) as u8)).collect();
        if seeds.names.len() < MAX_NAMES {
            seeds.names.add(0, &format!("Tz{letters} Qv{letters}"));
        }
        if seeds.codes.len() < MAX_CODES {
            seeds.codes.add(0, Identifier::H, &format!("KX{}", 40_123_457 + u64::from(number) * 7));
        }
    }
    let finder = seeds.finder().unwrap();
    assert!(finder.meanings.len() < 12_000, "{}", finder.meanings.len());
    assert_eq!(everything(&finder, "Tzaaaaaa Qvaaaaaa; ".repeat(100).as_bytes()).len(), 100);
}

#[test]
fn words_and_the_automaton_find_the_same() {
    let names = ["O'Brien-Tanaka, Maria", "Zo\u{eb} \u{d6}zt\u{fc}rk", "van der Berg", "\u{415}lena Petrova"];
    let codes = ["(206) 555-0143", "MRN-0048291", "+49 30 5550 1234", "#A7-0048291", "48291 A7"];
    let seeds = || {
        let mut seeds = Seeds::default();
        names.iter().zip(0..).for_each(|(name, rule)| seeds.names.add(rule, name));
        codes.iter().zip(10..).for_each(|(code, rule)| _ = seeds.codes.add(rule, Identifier::R, code));
        seeds
    };
    let words = seeds().finder().unwrap();
    assert!(matches!(words.index, Index::Words(..)));
    let mut automaton = seeds().finder().unwrap();
    let mut patterns = Patterns::default();
    for (part, rule) in automaton.seeds.names.anchors() {
        cases(part).iter().for_each(|case| patterns.add(case, Meaning::Name { rule }));
    }
    for code in automaton.seeds.codes.rare() {
        let number = code.digits.is_some();
        code.spellings.iter().for_each(|text| patterns.add(text, Meaning::Code { rule: code.rule, number }));
    }
    assert_eq!(patterns.texts.len(), automaton.meanings.len());
    automaton.index = Index::automaton(&patterns.texts).unwrap();
    let (mut state, mut total) = (7u64, 0);
    for _ in 0..4_000 {
        let mut text = Vec::new();
        while text.len() < 90 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let of = &patterns.texts[(state >> 40) as usize % patterns.texts.len()];
            match state >> 33 & 7 {
                0..=3 => text.extend_from_slice(of.as_bytes()),
                4 => text.extend_from_slice(&of.as_bytes()[of.len() / 2..]),
                5 => text.extend_from_slice("\u{e9}".as_bytes()),
                _ => {}
            }
            text.extend_from_slice([&b" "[..], b"", b"-", b"_", b"\0", b", ", b"#", b"x"][(state >> 60 & 7) as usize]);
        }
        let found = everything(&words, &text);
        assert_eq!(found, everything(&automaton, &text), "{:?}", String::from_utf8_lossy(&text));
        total += found.len();
    }
    assert!(total > 4_000, "{total}");
}
