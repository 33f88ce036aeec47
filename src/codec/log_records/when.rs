//! When a record says it was made.
//!
//! Times of log records are kept, so only what can be one counts: a date of birth under `time` stays an attribute, and
//! the rules look at it.

use serde_json::Value;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// No log is older: 2005, in nanoseconds since 1970.
const OLDEST: i128 = 1_104_537_600_000_000_000;
/// None is from later: 2100.
const LATEST: i128 = 4_102_444_800_000_000_000;

/// The nanoseconds since 1970 of an RFC 3339 time (also with a space for the T, a comma for the dot, or without an offset,
/// which means UTC) or of a count of seconds, milliseconds, microseconds or nanoseconds, told apart by their size.
pub(super) fn nanos(value: &Value) -> Option<u64> {
    let nanos = match value {
        Value::String(text) => of_text(text.trim())?,
        Value::Number(number) => match number.as_i64() {
            Some(count) => of_count(count)?,
            None => of_seconds(number.as_f64()?)?,
        },
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => return None,
    };
    u64::try_from(nanos).ok().filter(|_| (OLDEST..LATEST).contains(&nanos))
}

fn of_text(text: &str) -> Option<i128> {
    if let Ok(count) = text.parse::<i64>() {
        return of_count(count);
    }
    if let Ok(seconds) = text.parse::<f64>() {
        return of_seconds(seconds);
    }
    // A day alone is no time.
    let (day, rest) = text.split_at_checked(10)?;
    let time = rest.strip_prefix(['T', 't', ' '])?.replace(',', ".");
    let whole = format!("{day}T{}", time.trim());
    let parsed = OffsetDateTime::parse(&whole, &Rfc3339).ok();
    let parsed = parsed.or_else(|| OffsetDateTime::parse(&format!("{whole}Z"), &Rfc3339).ok());
    // `+0100`, as syslog-minded loggers write it.
    let parsed = parsed.or_else(|| {
        let (front, minutes) = whole.split_at_checked(whole.len().checked_sub(2)?)?;
        OffsetDateTime::parse(&format!("{front}:{minutes}"), &Rfc3339).ok()
    });
    parsed.map(OffsetDateTime::unix_timestamp_nanos)
}

fn of_count(count: i64) -> Option<i128> {
    let unit = match count {
        1_000_000_000..=99_999_999_999 => 1_000_000_000,
        1_000_000_000_000..=99_999_999_999_999 => 1_000_000,
        1_000_000_000_000_000..=99_999_999_999_999_999 => 1_000,
        1_000_000_000_000_000_000.. => 1,
        _ => return None,
    };
    Some(i128::from(count) * unit)
}

/// Seconds with a fraction.
fn of_seconds(seconds: f64) -> Option<i128> {
    let whole = (1e9..1e11).contains(&seconds).then(|| time::Duration::checked_seconds_f64(seconds)).flatten()?;
    Some(whole.whole_nanoseconds())
}
