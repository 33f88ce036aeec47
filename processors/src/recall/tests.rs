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

fn check(seeds: Seeds, marked: &str) {
    let text = marked.replace(['[', ']'], "");
    let (mut found, mut at) = (String::new(), 0);
    if let Some(finder) = seeds.finder() {
        finder.search(text.as_bytes(), |it| {
            if it.stands == Stands::InCode {
                return;
            }
            found.push_str(&format!("{}[{}]", &text[at..it.range.start], &text[it.range.clone()]));
            at = it.range.end;
        });
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
    let mut count = 0;
    finder.search("Tzaaaaaa Qvaaaaaa; ".repeat(100).as_bytes(), |_| count += 1);
    assert_eq!(count, 100);
}
