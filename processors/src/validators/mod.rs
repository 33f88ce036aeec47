//! Says whether a candidate of the right shape is real: check digits, assigned ranges, calendars.
//!
//! A validator sees the candidate's bytes only and answers from arithmetic and tables: no I/O, no clock (the day comes
//! in as an argument). One file each; [`VALIDATORS`] lists them.

mod aba;
mod age;
mod code;
mod date;
mod dea;
mod email;
mod geo;
mod iban;
mod imei;
mod ip;
mod login;
mod luhn;
mod mac;
mod mbi;
mod nhs;
mod npi;
mod person;
mod phone;
mod secret;
mod spoken;
mod ssn;
mod username;
mod vin;
mod zip;

pub(crate) use date::Date;
pub use date::Today;
pub(crate) use ip::is_client_ip;
pub(crate) use login::is_everyday;
pub(crate) use mbi::mbi;
pub(crate) use person::{is_blue, is_given_name, is_key, is_title_word};

/// A named check.
#[derive(Debug)]
pub struct Validator {
    /// As packs write it.
    pub name: &'static str,
    /// What it holds a candidate to, for `explain`.
    pub about: &'static str,
    /// How much of a candidate, from its beginning, is real, where a pattern reaches too far: `Maria Gonzalez Admitted`.
    pub(crate) longest: Option<fn(&[u8]) -> usize>,
    /// The check.
    pub(crate) check: fn(&[u8], Today) -> bool,
}

/// All validators, by name.
pub const VALIDATORS: &[Validator] = &[
    aba::ABA,
    luhn::CARD,
    ip::CLIENT,
    code::CODE,
    geo::COORDINATE,
    date::DATE,
    dea::DEA,
    email::EMAIL,
    person::GIVEN_NAME,
    date::HISTORIC,
    iban::IBAN,
    imei::IMEI,
    ip::IP,
    person::KNOWN_PERSON,
    login::LOGIN,
    luhn::LUHN,
    mac::MAC,
    mbi::MBI,
    phone::NANP,
    nhs::NHS,
    npi::NPI,
    age::OVER_89,
    person::PERSON,
    phone::PHONE,
    person::PLACE,
    ip::REMOTE,
    secret::SECRET,
    spoken::SPOKEN,
    ssn::SSN,
    username::USERNAME,
    vin::VIN,
    zip::ZIP,
];

/// The validator with this name.
pub(crate) fn find(name: &str) -> Option<&'static Validator> {
    VALIDATORS.iter().find(|validator| validator.name == name)
}

/// The digits of a candidate, as numbers, separators skipped: at most `N`, and `None` if there are more.
pub(crate) fn digits<const N: usize>(candidate: &[u8]) -> Option<([u8; N], usize)> {
    let mut digits = [0; N];
    let mut count = 0;
    for byte in candidate.iter().filter(|byte| byte.is_ascii_digit()) {
        *digits.get_mut(count)? = byte - b'0';
        count += 1;
    }
    Some((digits, count))
}

/// The bytes, if they are exactly `N`. Candidates are too many to allocate for each.
pub(crate) fn exactly<const N: usize>(bytes: impl Iterator<Item = u8>) -> Option<[u8; N]> {
    let mut all = [0; N];
    let mut count = 0;
    for byte in bytes {
        *all.get_mut(count)? = byte;
        count += 1;
    }
    (count == N).then_some(all)
}

#[cfg(test)]
mod tests;
