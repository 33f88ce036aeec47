//! Validators beside those of another scanner that checks the same numbers: Datadog's dd-sds, whose test vectors lie beside
//! the repository. Every vector of a validator that both have is tried; where the two differ, the reason stands here.

use super::{Today, find};
use std::collections::{BTreeMap, BTreeSet};

const TODAY: Today = Today { year: 2026, month: 11, day: 21 };

/// Their name and ours, where both answer the same question.
const SAME: [(&str, &str); 6] = [
    ("aba_rtn_checksum", "aba"),
    ("iban_checker", "iban"),
    ("luhn_checksum", "luhn"),
    ("nhs_check_digit", "nhs"),
    ("us_dea_checksum", "dea"),
    ("us_npi_checksum", "npi"),
];

/// Where we say otherwise, and why.
const DIFFERENT: [(&str, &str, bool, &str); 3] = [
    ("aba", "000000000", false, "nine zeros add up and are nobody's routing number: they fill empty fields"),
    ("npi", "0000000006", false, "numbers are issued that begin with 1 or 2 (45 CFR 162.406)"),
    ("npi", "9999999995", false, "numbers are issued that begin with 1 or 2 (45 CFR 162.406)"),
];

#[test]
#[expect(clippy::print_stderr, reason = "a test that is skipped says so")]
fn we_say_what_a_peer_says_or_why_not() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/peers/dd-sds-validators.jsonl");
    let Ok(text) = std::fs::read_to_string(path) else {
        eprintln!("skipped: there is no peers/dd-sds-validators.jsonl beside the repository");
        return;
    };
    let mut tried: BTreeMap<&str, usize> = BTreeMap::new();
    let mut differ = BTreeSet::new();
    for line in text.lines() {
        let vector: serde_json::Value = serde_json::from_str(line).unwrap();
        let (input, valid) = (vector["input"].as_str().unwrap(), vector["expect_valid"].as_bool().unwrap());
        let Some((_, ours)) = SAME.iter().find(|(theirs, _)| *theirs == vector["validator"]) else { continue };
        *tried.entry(ours).or_default() += 1;
        let says = (find(ours).unwrap().check)(input.as_bytes(), TODAY);
        if says != valid {
            differ.insert((*ours, input.to_owned(), says));
        }
    }
    assert_eq!(tried.len(), SAME.len(), "{tried:?}");
    assert!(tried.values().sum::<usize>() >= 48, "{tried:?}");
    let known = DIFFERENT.iter().map(|(name, input, says, _)| (*name, (*input).to_owned(), *says)).collect();
    assert_eq!(differ, known, "differences without a reason, or reasons without a difference");
}
