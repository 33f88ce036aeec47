//! Numbers and codes: `536-22-8147` is found again as `536228147` and `536 22 8147`, an account's name in either case.

use super::everyday::is_everyday;
use crate::detectors::placeholder::is_placeholder;
use crate::pack::Identifier;
use crate::validators::is_client_ip;
use std::collections::BTreeMap;

/// The longest value that is taken.
const MAX_VALUE: usize = 64;
/// The fewest letters and digits of a code, and the fewest digits of one that has nothing else.
const FEWEST: usize = 4;
const FEWEST_DIGITS: usize = 6;
/// The fewest letters and digits of a code that mixes them, and how many of them say by themselves that it is one.
const FEWEST_MIXED: usize = 6;
const MANY_DIGITS: usize = 4;
/// By how much more numbers there must be than numbers to look for, or one is met by chance.
const CHANCE: u64 = 50_000;
/// What joins the groups of a number.
const JOINERS: [&str; 5] = ["", "-", " ", ".", "_"];

/// Names of algorithms and formats that mix letters and many digits.
const FORMATS: [&str; 16] = [
    "sha256",
    "sha384",
    "sha512",
    "sha3256",
    "rs256",
    "hs256",
    "es256",
    "aes256",
    "base64",
    "utf16",
    "int64",
    "uint64",
    "float64",
    "win32",
    "amd64",
    "windows1252",
];

/// A code, in every way it may be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Code {
    /// The rule that found it.
    pub(super) rule: u16,
    /// How many digits it has, if it has nothing else.
    pub(super) digits: Option<usize>,
    /// What stands for it.
    pub(super) spellings: Vec<String>,
}

/// The codes of a batch, by their letters and digits.
#[derive(Debug, Default)]
pub(super) struct Codes {
    codes: BTreeMap<String, Code>,
}

impl Codes {
    pub(super) fn is_empty(&self) -> bool {
        self.codes.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.codes.len()
    }

    /// Takes a value; whether it can be told from what else may stand in a log.
    pub(super) fn add(&mut self, rule: u16, identifier: Identifier, value: &str) -> bool {
        let value = value.trim();
        let plain: String = value.chars().filter(|char| char.is_ascii_alphanumeric()).collect();
        if value.len() > MAX_VALUE || plain.len() < FEWEST || value.contains('*') || is_placeholder(value.as_bytes()) {
            return false;
        }
        let mut spellings = match identifier {
            Identifier::F => fits_exactly(value, value.contains('@')),
            Identifier::N => fits_exactly(value, value.contains('.') && plain.len() >= 2 * FEWEST),
            Identifier::O => fits_exactly(value, is_client_ip(value.as_bytes())),
            Identifier::B => fits_exactly(value, is_street(value)),
            Identifier::Secret => fits_exactly(value, is_secret(value)),
            Identifier::A
            | Identifier::D
            | Identifier::E
            | Identifier::G
            | Identifier::H
            | Identifier::I
            | Identifier::J
            | Identifier::K
            | Identifier::L
            | Identifier::M
            | Identifier::R => spellings(identifier, value, &plain),
            // Dates are everywhere, and pictures are not repeated.
            Identifier::C | Identifier::P | Identifier::Q => Vec::new(),
        };
        if spellings.is_empty() {
            return false;
        }
        if identifier != Identifier::Secret {
            spellings
                .extend(spellings.iter().flat_map(|it| [it.to_lowercase(), it.to_uppercase()]).collect::<Vec<_>>());
        }
        spellings.sort_unstable();
        spellings.dedup();
        let digits = plain.bytes().all(|byte| byte.is_ascii_digit()).then_some(plain.len());
        self.codes.entry(plain.to_ascii_lowercase()).or_insert(Code { rule, digits, spellings });
        true
    }

    /// The codes that are rare enough among so many: a batch that has a thousand short numbers would find each of them
    /// somewhere.
    pub(super) fn rare(&self) -> impl Iterator<Item = &Code> {
        let numbers = self.codes.values().filter(|code| code.digits.is_some()).count() as u64;
        let rare = move |digits: usize| {
            let there_are = u32::try_from(digits).ok().and_then(|digits| 10u64.checked_pow(digits));
            there_are.is_none_or(|there_are| there_are >= numbers.saturating_mul(CHANCE))
        };
        self.codes.values().filter(move |code| code.digits.is_none_or(rare))
    }

    /// The rule that found this number, written in decimal.
    pub(super) fn rule_of(&self, decimal: &str) -> Option<u16> {
        self.codes.get(decimal).filter(|code| code.digits.is_some()).map(|code| code.rule)
    }
}

fn fits_exactly(value: &str, fits: bool) -> Vec<String> {
    if fits { vec![value.to_owned()] } else { Vec::new() }
}

/// A number and at least two words, with letters enough.
fn is_street(value: &str) -> bool {
    let mut words = value.split(' ');
    let number = words.next().is_some_and(|first| first.bytes().any(|byte| byte.is_ascii_digit()));
    number && words.filter(|word| word.chars().any(char::is_alphabetic)).count() >= 2 && value.len() >= 10
}

/// Letters and digits, many of them, without a space: no word, and no default that everybody has.
fn is_secret(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    let letters = value.bytes().filter(u8::is_ascii_alphabetic).count();
    value.len() >= 8 && digits >= 2 && letters >= 4 && !value.contains(char::is_whitespace)
}

/// Every way to write a number or code, or none if it is no such thing or could be anything.
fn spellings(identifier: Identifier, value: &str, plain: &str) -> Vec<String> {
    let digits = plain.bytes().filter(u8::is_ascii_digit).count();
    let groups: Vec<&str> =
        value.split(|char: char| !char.is_ascii_alphanumeric()).filter(|it| !it.is_empty()).collect();
    if !value.is_ascii() || groups.len() > 5 {
        return Vec::new();
    }
    if digits == plain.len() {
        return if is_number(plain) { numbers(identifier, value, plain, &groups) } else { Vec::new() };
    }
    let mut all = Vec::new();
    // `MRN33649525`, `Patient/833150`: the number goes by itself, too.
    let letters = plain.bytes().take_while(u8::is_ascii_alphabetic).count();
    if let (2.., Some(number)) = (letters, plain.get(letters..))
        && number.len() >= FEWEST_DIGITS
        && is_number(number)
    {
        all.push(number.to_owned());
    }
    if is_mixed(plain, digits) {
        all.extend(joined(&groups));
        all.push(value.to_owned());
    }
    all
}

/// Digits that are no day, no row of the same or of following ones.
fn is_number(plain: &str) -> bool {
    let bytes = plain.as_bytes();
    let mut seen = [false; 10];
    for byte in bytes {
        if let Some(seen) = seen.get_mut(usize::from(byte.wrapping_sub(b'0'))) {
            *seen = true;
        }
    }
    let steps = |by: u8| bytes.windows(2).all(|pair| matches!(pair, [a, b] if b.wrapping_sub(*a) == by));
    let distinct = seen.iter().filter(|seen| **seen).count();
    let number = bytes.len() >= FEWEST_DIGITS && bytes.iter().all(u8::is_ascii_digit);
    number && distinct >= 3 && !steps(1) && !steps(1u8.wrapping_neg()) && !is_day(plain)
}

/// `19580314`, `03141958`.
fn is_day(plain: &str) -> bool {
    let number =
        |range: std::ops::Range<usize>| plain.get(range).and_then(|part| part.parse::<u32>().ok()).unwrap_or(0);
    let day = |year, month, day| {
        (1900..2100).contains(&number(year)) && (1..=12).contains(&number(month)) && (1..=31).contains(&number(day))
    };
    plain.len() == 8 && (day(0..4, 4..6, 6..8) || day(4..8, 0..2, 2..4) || day(4..8, 2..4, 0..2))
}

/// Letters and digits that no format, host or version is called.
fn is_mixed(plain: &str, digits: usize) -> bool {
    let lower = plain.to_ascii_lowercase();
    if plain.len() < FEWEST_MIXED || digits == 0 || FORMATS.contains(&lower.as_str()) {
        return false;
    }
    // `eswarthout25` is somebody; `worker25` is not.
    let words = || lower.split(|char: char| char.is_ascii_digit()).filter(|word| word.len() >= FEWEST);
    digits >= MANY_DIGITS || words().next().is_some() && words().all(|word| !is_everyday(word))
}

/// The ways to write a number: in the groups that its kind has, or in its own.
fn numbers(identifier: Identifier, value: &str, plain: &str, groups: &[&str]) -> Vec<String> {
    let mut all = vec![value.to_owned()];
    let cut = |widths: &[usize], plain: &str| -> Option<Vec<String>> {
        let mut at = 0;
        widths
            .iter()
            .map(|width| {
                at += width;
                plain.get(at - width..at).map(str::to_owned)
            })
            .collect()
    };
    match (identifier, plain.len()) {
        (Identifier::G, 9) => all.extend(cut(&[3, 2, 4], plain).iter().flat_map(|groups| joined(groups))),
        (Identifier::D | Identifier::E, 10 | 11) => {
            let local = plain.strip_prefix('1').filter(|rest| rest.len() == 10).unwrap_or(plain);
            if let Some([area, office, line]) = cut(&[3, 3, 4], local).as_deref() {
                all.extend([format!("({area}) {office}-{line}"), format!("({area}){office}-{line}")]);
                all.extend(joined(&[area, office, line]));
                all.push(format!("1{local}"));
            }
        }
        _ => all.extend(joined(groups)),
    }
    all
}

fn joined<S: AsRef<str>>(groups: &[S]) -> Vec<String> {
    let groups: Vec<&str> = groups.iter().map(AsRef::as_ref).collect();
    JOINERS.iter().map(|joiner| groups.join(joiner)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(identifier: Identifier, value: &str) -> Option<Code> {
        let mut codes = Codes::default();
        codes.add(7, identifier, value).then(|| codes.codes.into_values().next().unwrap())
    }

    #[test]
    fn a_number_is_known_however_it_is_joined() {
        for value in ["536-22-8147", "536228147", "536 22 8147"] {
            let code = code(Identifier::G, value).unwrap();
            for spelling in ["536-22-8147", "536228147", "536 22 8147", "536.22.8147"] {
                assert!(code.spellings.iter().any(|it| it == spelling), "{value}: {spelling}");
            }
        }
        let phone = code(Identifier::D, "+1 (937) 555-0142").unwrap();
        for spelling in ["(937) 555-0142", "937-555-0142", "9375550142", "19375550142", "937.555.0142"] {
            assert!(phone.spellings.iter().any(|it| it == spelling), "{spelling}");
        }
        let mrn = code(Identifier::H, "MRN-33649525").unwrap();
        for spelling in ["33649525", "MRN33649525", "mrn-33649525", "MRN-33649525"] {
            assert!(mrn.spellings.iter().any(|it| it == spelling), "{spelling}");
        }
    }

    #[test]
    fn what_could_be_anything_is_not_taken() {
        for (identifier, value) in [
            (Identifier::H, "8080"),
            (Identifier::H, "12345"),
            (Identifier::H, "123456"),
            (Identifier::H, "100000"),
            (Identifier::H, "000000000"),
            (Identifier::H, "987654"),
            (Identifier::H, "19580314"),
            (Identifier::H, "03141958"),
            (Identifier::G, "****8147"),
            (Identifier::G, "null"),
            (Identifier::R, "admin"),
            (Identifier::R, "worker25"),
            (Identifier::R, "sha256"),
            (Identifier::R, "test01"),
            (Identifier::R, "utf8"),
            (Identifier::R, "node-17"),
            (Identifier::J, "PENDING"),
            (Identifier::C, "1958-03-14"),
            (Identifier::O, "10.0.0.12"),
            (Identifier::O, "127.0.0.1"),
            (Identifier::B, "Springfield"),
            (Identifier::B, "45402"),
            (Identifier::Secret, "changeme"),
            (Identifier::M, "iphone13"),
        ] {
            assert_eq!(code(identifier, value), None, "{value}");
        }
        for (identifier, value) in [
            (Identifier::H, "833150"),
            (Identifier::H, "A70367332"),
            (Identifier::R, "eswarthout25"),
            (Identifier::R, "6d92078a-8246-4ba4-ae5b-76104861e7dc"),
            (Identifier::F, "maria@clinic.example"),
            (Identifier::O, "73.20.31.44"),
            (Identifier::B, "1208 Cedar Bend Dr"),
            (Identifier::L, "1HGCM82633A004352"),
        ] {
            assert!(code(identifier, value).is_some(), "{value}");
        }
    }

    #[test]
    fn among_many_numbers_only_long_ones_count() {
        let mut codes = Codes::default();
        codes.add(0, Identifier::H, "833150");
        assert_eq!(codes.rare().count(), 1);
        for number in 0..40 {
            codes.add(0, Identifier::H, &(70_367_300 + 7 * number).to_string());
        }
        assert!(codes.rare().all(|code| code.digits == Some(8)) && codes.rare().count() >= 40);
    }
}
