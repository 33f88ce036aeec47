//! Makes packs of as many rules as asked for, over more than a hundred different shapes.

use super::Random;

/// The shapes: `K` is a keyword, `L` a literal of two letters; both differ from rule to rule.
const HEADS: [&str; 11] = [
    r"(?i)K[ :=#]{1,3}",
    r"(?i)K(?: number| no| id)?[ :=#]{1,3}",
    r"K-",
    r"L",
    r"L-",
    r"(?i)K=\x22?",
    r"(?i)\x22K\x22: ?\x22?",
    r"/K/",
    r"(?i)<K>",
    r"L_",
    r"(?i)K ",
];
const BODIES: [&str; 11] = [
    r"\d{6,10}",
    r"[A-Z]{2}\d{6}",
    r"\d{3}-\d{2}-\d{4}",
    r"[A-Z0-9]{8,12}",
    r"\d{2}/\d{2}/\d{4}",
    r"[a-f0-9]{16}",
    r"\d{4} \d{4} \d{4}",
    r"[A-Z]\d{2}[A-Z]{2}\d{4}",
    r"\d{1,3}(?:\.\d{1,3}){3}",
    r"[A-Za-z]{3,12}, [A-Z][a-z]{2,12}",
    r"\d{3}\.\d{3}\.\d{4}",
];

/// Rules that every real pack has beside those with keywords: shapes that hold on to nothing but their digits.
const COMMON: [(&str, &str); 12] = [
    (r"\d{3}-\d{2}-\d{4}", "536-22-8147"),
    (r"\(\d{3}\) ?\d{3}-\d{4}", "(512) 555-0142"),
    (r"\d{3}-\d{3}-\d{4}", "512-555-0142"),
    (r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}", "a.b@clinic.example"),
    (r"\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}", "203.0.113.77"),
    (r"\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{4}", "4111 1111 1111 1111"),
    (r"[0-9A-F]{2}(?::[0-9A-F]{2}){5}", "00:1A:2B:3C:4D:5E"),
    (
        r"eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
        "eyJhbGciOiJIUzI.eyJzdWIiOiJwdC0.c2lnLSgpKissLS4",
    ),
    (r"AKIA[0-9A-Z]{16}", "AKIAABCDEFGHIJKLMNOP"),
    (
        r"[1-9][AC-HJ-NP-RT-Y][0-9AC-HJ-NP-RT-Y]\d-?[AC-HJ-NP-RT-Y][0-9AC-HJ-NP-RT-Y]\d-?[AC-HJ-NP-RT-Y]{2}\d{2}",
        "1EG4-TE5-MK72",
    ),
    (r"://[^/@ ]{1,40}:[^/@ ]{1,40}@", "://user:hunter2@"),
    (r"PID\|[^|]{0,20}\|[^|]{0,40}\|[^|]{1,80}\|", "PID|1||00482913^^^ACME^MR|"),
];

/// The patterns of `count` rules, and a text each matches.
pub(crate) fn patterns(count: usize) -> Vec<(String, String)> {
    let mut random = Random(7);
    let mut patterns: Vec<(String, String)> =
        COMMON.iter().map(|(pattern, text)| ((*pattern).to_owned(), (*text).to_owned())).collect();
    let mut index = 0;
    while patterns.len() < count {
        let (head, body) = (HEADS[index % 11], BODIES[index / 11 % 11]);
        let keyword: String = (0..6).map(|_| char::from(b'a' + random.below(26) as u8)).collect();
        let letters: String = (0..3).map(|_| char::from(b'A' + random.below(26) as u8)).collect();
        let pattern = format!("{head}{body}").replace('K', &keyword).replace('L', &letters);
        let text = sample(head, body).replace('K', &keyword).replace('L', &letters);
        patterns.push((pattern, text));
        index += 1;
    }
    patterns.truncate(count);
    patterns
}

/// A text that `head` and `body` match.
fn sample(head: &str, body: &str) -> String {
    let head = match head {
        r"(?i)K[ :=#]{1,3}" | r"(?i)K(?: number| no| id)?[ :=#]{1,3}" => "K: ",
        r"K-" => "K-",
        r"L" => "L",
        r"L-" => "L-",
        r"(?i)K=\x22?" => "K=",
        r"(?i)\x22K\x22: ?\x22?" => "\"K\": \"",
        r"/K/" => "/K/",
        r"(?i)<K>" => "<K>",
        r"L_" => "L_",
        _ => "K ",
    };
    let body = match body {
        r"\d{6,10}" => "12345678",
        r"[A-Z]{2}\d{6}" => "AB123456",
        r"\d{3}-\d{2}-\d{4}" => "536-22-8147",
        r"[A-Z0-9]{8,12}" => "AB12CD34",
        r"\d{2}/\d{2}/\d{4}" => "03/14/1958",
        r"[a-f0-9]{16}" => "0123456789abcdef",
        r"\d{4} \d{4} \d{4}" => "1234 5678 9012",
        r"[A-Z]\d{2}[A-Z]{2}\d{4}" => "A12BC3456",
        r"\d{1,3}(?:\.\d{1,3}){3}" => "203.0.113.77",
        r"[A-Za-z]{3,12}, [A-Z][a-z]{2,12}" => "Penrose, Yelena",
        _ => "512.555.0142",
    };
    format!("{head}{body}")
}

/// A pack of `count` rules.
pub(crate) fn pack(count: usize) -> String {
    let mut yaml = String::from("rules:\n");
    for (index, (pattern, text)) in patterns(count).iter().enumerate() {
        let quoted = pattern.replace('\'', "''");
        let example = text.replace('\'', "''");
        yaml.push_str(&format!(
            "  - id: made.r{index}\n    name: made\n    identifier: R\n    pattern: '{quoted}'\n    edge: alnum\n    \
             reference: made for measuring\n    matches: [ '[[{example}]]', 'x [[{example}]] y' ]\n    \
             ignores: [ 'nothing', 'here' ]\n"
        ));
    }
    yaml
}
