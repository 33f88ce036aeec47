//! Until when a certificate is valid, out of its DER: no more of it is read.

use rustls::pki_types::CertificateDer;
use time::{Date, Month, PrimitiveDateTime, Time};

const INTEGER: u8 = 0x02;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
/// `[0] EXPLICIT`, in which the version stands.
const VERSION: u8 = 0xa0;

/// The end of its validity, in seconds since 1970; `None` if it is no certificate.
pub(super) fn not_after(certificate: &CertificateDer<'_>) -> Option<i64> {
    let (whole, _) = of_kind(certificate.as_ref(), SEQUENCE)?;
    let (mut rest, _) = of_kind(whole, SEQUENCE)?;
    if let Some((_, after)) = of_kind(rest, VERSION) {
        rest = after;
    }
    // Serial number, algorithm, issuer; then validity.
    for kind in [INTEGER, SEQUENCE, SEQUENCE] {
        rest = of_kind(rest, kind)?.1;
    }
    let (validity, _) = of_kind(rest, SEQUENCE)?;
    let (_, _, after) = element(validity)?;
    let (kind, until, _) = element(after)?;
    seconds(kind, until)
}

/// The content of the first element, if it is of this kind, and what follows.
fn of_kind(bytes: &[u8], kind: u8) -> Option<(&[u8], &[u8])> {
    let (found, content, rest) = element(bytes)?;
    (found == kind).then_some((content, rest))
}

/// The first element: its kind, its content, and what follows.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (kind, rest) = bytes.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (len, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(*first & 0x7f))?;
        // A certificate has fewer than four gigabytes.
        let fits = !digits.is_empty() && digits.len() <= 4;
        (fits.then(|| digits.iter().fold(0, |len, digit| len << 8 | usize::from(*digit)))?, rest)
    };
    let (content, rest) = rest.split_at_checked(len)?;
    Some((*kind, content, rest))
}

/// `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`, which is all that certificates may have.
fn seconds(kind: u8, text: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (year, rest) = match kind {
        UTC_TIME => {
            let (year, rest) = text.split_at_checked(2)?;
            let year: i32 = year.parse().ok()?;
            // RFC 5280, 4.1.2.5.1.
            (if year < 50 { 2000 + year } else { 1900 + year }, rest)
        }
        GENERALIZED_TIME => {
            let (year, rest) = text.split_at_checked(4)?;
            (year.parse().ok()?, rest)
        }
        _ => return None,
    };
    if rest.len() != 10 {
        return None;
    }
    let mut rest = rest;
    let mut two = || -> Option<u8> {
        let (digits, after) = rest.split_at_checked(2)?;
        rest = after;
        digits.parse().ok()
    };
    let (month, day, hour, minute, second) = (two()?, two()?, two()?, two()?, two()?);
    let date = Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()?;
    let time = Time::from_hms(hour, minute, second).ok()?;
    Some(PrimitiveDateTime::new(date, time).assume_utc().unix_timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(year: i32) -> CertificateDer<'static> {
        let mut params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(year, 3, 4);
        params.self_signed(&rcgen::KeyPair::generate().unwrap()).unwrap().der().clone()
    }

    #[test]
    fn both_notations_are_read() {
        assert_eq!(not_after(&made(2031)), Some(1_930_348_800));
        assert_eq!(not_after(&made(2061)), Some(2_877_120_000), "beyond 2049 years have four digits");
        assert_eq!(seconds(UTC_TIME, b"500101000000Z"), Some(-631_152_000));
        assert_eq!(seconds(UTC_TIME, b"491231235959Z"), Some(2_524_607_999));
        for text in
            [&b""[..], b"Z", b"250101000000", b"251301000000Z", b"250230000000Z", b"25010100000Z", b"\xff50101000000Z"]
        {
            assert_eq!(seconds(UTC_TIME, text), None);
        }
    }

    #[test]
    fn what_is_cut_or_changed_is_read_without_harm() {
        let whole = made(2031).to_vec();
        for cut in 0..whole.len() {
            let _some = not_after(&CertificateDer::from(whole[..cut].to_vec()));
            for byte in [0, 0x7f, 0x80, 0x84, 0x88, 0xff] {
                let mut changed = whole.clone();
                changed[cut] = byte;
                let _some = not_after(&CertificateDer::from(changed));
            }
        }
        assert_eq!(not_after(&CertificateDer::from(b"0\x84\xff\xff\xff\xff".to_vec())), None);
    }
}
