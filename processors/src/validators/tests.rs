//! One table for all validators: what passes and what does not.

use super::*;

const TODAY: Today = Today { year: 2026, month: 11, day: 21 };

/// By validator, what passes and what does not.
const TABLE: &[(&str, &[&str], &[&str])] = &[
    ("aba", &["121000248", "314074269"], &["121000249", "991000248", "12100024"]),
    ("iban", &["DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819"], &["DE88370400440532013000", "DE89"]),
    ("nhs", &["907 784 4449", "1234567881"], &["1234567890", "0000000000", "12345678810"]),
    ("given_name", &["Maria", "van der Berg"], &["Team", "World", "maria", "Support Team"]),
    (
        "place",
        &["Rushford", "Nevada City", "St. Paul", "Milligan College"],
        &["Memory", "City", "Clara Archive", "rush"],
    ),
    ("known_person", &["Linda Haddad", "KATHLEEN O'MALLEY"], &["Victoria Metrics", "Haddad Orlova", "Linda"]),
    (
        "code",
        &["V00918273", "7-71-20-93", "C-118204", "vp_88120a77c1"],
        &["12345678", "2026-01-05", "COVID-19", "sha-256"],
    ),
    ("phone", &["+91 98765 43210", "04 91 23 45 67"], &["2026-02-11", "10.20.30.140", "12 34 56"]),
    ("spoken", &["seven two zero five five five zero", "720 five five five 0198"], &["one two", "7205550198"]),
    ("over_89", &["90", "93", "104"], &["89", "42", "126", "1930", ""]),
    ("date", &["1958-03-14", "03/22/2026"], &["1958-13-40", "20260"]),
    ("email", &["maria@example.org", "a.b+c@mail.clinic.example"], &["git@github.com", "logo@2x.png", "a@b..c", "x"]),
    (
        "username",
        &["dr_smith", "maria.gonzalez", "42"],
        &["root", "Administrator", "svc-billing", "HOST$", "x", "ehr_ro", "prometheus"],
    ),
    (
        "login",
        &["jsmith", "MGonzalez", "tnguyen2", "nguyen.thi88", "maria_gonzalez", "rpatel"],
        &[
            "scheduler",
            "terraform",
            "argocd",
            "kubelet",
            "checkout",
            "platform_team",
            "order.service",
            "runner",
            "ubuntu",
            "node",
            "frontend",
            "billing",
            "jenkins",
            "app_rw",
            "ec2-user",
            "fluxcd",
            "istiod",
            "devops",
            "datateam",
            "vsts",
            "circleci",
            "jovyan",
            "developer",
            "airflow",
            "spring",
            "administrator",
            "shared",
        ],
    ),
    ("historic_date", &["1958-03-14", "09/20/1954"], &["2026-01-03", "01/01/2024", "March 14"]),
    ("dea", &["AB1234563", "F91234563"], &["AB1234567", "IB1234563", "AB123456"]),
    ("coordinate", &["30.267153", "-97.743057", "180"], &["181.1", "abc", "NaN", "inf"]),
    ("imei", &["490154203237518", "49-015420-323751-8"], &["490154203237517", "123456789012347"]),
    (
        "client_ip",
        &["203.0.113.77", "8.8.8.8", "2001:db8:85a3::8a2e:370:7334", "::ffff:8.8.8.8"],
        &[
            "10.2.3.4",
            "127.0.0.1",
            "0.0.0.0",
            "192.168.1.1",
            "120.0.0.0",
            "256.1.1.1",
            "fe80::1",
            "::1",
            "224.0.0.1",
            "::ffff:10.0.0.1",
        ],
    ),
    ("remote_ip", &["10.2.3.4", "10.0.0.7, 127.0.0.1"], &["127.0.0.1", "::1", "127.0.0.1:5120", "0.0.0.0"]),
    ("ip", &["10.2.3.4", "::1"], &["1.2.3", "1.2.3.4.5"]),
    ("luhn", &["79927398713", "4111 1111 1111 1111"], &["79927398710", "1", ""]),
    (
        "card",
        &["4111111111111111", "5500-0000-0000-0004", "378282246310005"],
        &["4111111111111112", "0000000000000000", "1234567812345670", "41111111111111111111"],
    ),
    ("mac", &["00:1A:2B:3C:4D:5E", "001a.2b3c.4d5e"], &["00:00:00:00:00:00", "ff-ff-ff-ff-ff-ff", "00:1A:2B"]),
    ("mbi", &["1EG4-TE5-MK72", "1EG4TE5MK73", "1eg4te5mk72"], &["0EG4TE5MK72", "1SG4TE5MK72", "1EG4TE5MK7"]),
    ("npi", &["1234567893", "1245319599"], &["1234567890", "3234567893", "123456789"]),
    (
        "person",
        &["Maria Gonzalez", "Nguyen, Fatima", "Mar\u{ed}a Gonz\u{e1}lez", "J. O'Brien-Smith", "Franco van der Missoni"],
        &["maria", "order service", "Worker Pool", "Patient Portal", "Maria", "A B C D E F", "Web 1"],
    ),
    (
        "nanp",
        &[
            "(512) 555-0142",
            "+1 303 555 0117",
            "2065550133",
            "774-711-8584 x8862",
            "(985) 640-4920 ext. 4805",
            "0017178145130",
        ],
        &["112-555-0142", "512-155-0142", "5125550", "911"],
    ),
    ("secret", &["hunter2", "aB3$xyz"], &["password", "****", "abc", "null"]),
    (
        "ssn",
        &["536-22-8147", "536228147", "123-45-6789"],
        &["000-12-3456", "666-12-3456", "900-12-3456", "536-00-8147", "536-22-0000", "53622814"],
    ),
    (
        "vin",
        &["1HGCM82633A004352", "1m8gdm9axkp042788"],
        &["1HGCM82633A004353", "11111111111111111", "1HGCM82633A00435"],
    ),
    ("zip", &["78758", "78758-4410"], &["00000", "1234", "123456"]),
];

#[test]
fn validators_tell_real_from_alike() {
    for (name, real, alike) in TABLE {
        let validator = find(name).unwrap();
        for text in *real {
            assert!((validator.check)(text.as_bytes(), TODAY), "{name} should take {text}");
        }
        for text in *alike {
            assert!(!(validator.check)(text.as_bytes(), TODAY), "{name} should refuse {text}");
        }
    }
    let tested: Vec<&str> = TABLE.iter().map(|(name, ..)| *name).collect();
    for validator in VALIDATORS {
        assert!(tested.contains(&validator.name), "{} is not in the table", validator.name);
    }
}

#[test]
fn the_list_is_sorted_and_described() {
    assert!(VALIDATORS.is_sorted_by_key(|validator| validator.name));
    assert!(VALIDATORS.iter().all(|validator| !validator.about.is_empty()));
}

/// Where we say otherwise than a peer: the validator, the candidate, what we say, and why.
const DIFFERENT: [(&str, &str, bool, &str); 3] = [
    ("aba", "000000000", false, "nine zeros add up and are nobody's routing number: they fill empty fields"),
    ("npi", "0000000006", false, "numbers are issued that begin with 1 or 2 (45 CFR 162.406)"),
    ("npi", "9999999995", false, "numbers are issued that begin with 1 or 2 (45 CFR 162.406)"),
];

/// The same candidates through both, where a validator of Datadog's scanner answers the question that one of ours does:
/// every vector, and no difference without its reason.
#[test]
fn validators_agree_with_datadogs_where_they_overlap() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/peers/dd-sds-validators.jsonl");
    let Ok(rows) = std::fs::read_to_string(path) else {
        return println!("skipped: the vectors of other projects are not here");
    };
    let names = [
        ("aba_rtn_checksum", "aba"),
        ("iban_checker", "iban"),
        ("luhn_checksum", "luhn"),
        ("nhs_check_digit", "nhs"),
        ("us_dea_checksum", "dea"),
        ("us_npi_checksum", "npi"),
    ];
    let (mut compared, mut differ) = (std::collections::BTreeMap::new(), Vec::new());
    for row in rows.lines() {
        let row: serde_json::Value = serde_json::from_str(row).unwrap();
        let Some((_, ours)) = names.iter().find(|(theirs, _)| row["validator"] == *theirs) else { continue };
        let (input, expected) = (row["input"].as_str().unwrap(), row["expect_valid"].as_bool().unwrap());
        let says = (find(ours).unwrap().check)(input.as_bytes(), TODAY);
        if says != expected {
            differ.push((*ours, input.to_owned(), says));
        }
        *compared.entry(*ours).or_insert(0) += 1;
    }
    let known = DIFFERENT.map(|(name, input, says, _)| (name, input.to_owned(), says));
    assert_eq!(differ, known, "differences without a reason, or reasons without a difference");
    assert!(compared.len() == names.len() && compared.values().sum::<usize>() >= 48, "{compared:?}");
}
