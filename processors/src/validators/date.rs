//! Calendar dates in the forms people and programs write them.

use super::Validator;

/// The day the engine is told it is: it has no clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Today {
    /// The year.
    pub year: u16,
    /// The month, 1 to 12.
    pub month: u8,
    /// The day of the month, 1 to 31.
    pub day: u8,
}

/// A date that exists.
pub(super) const DATE: Validator = Validator {
    name: "date",
    about: "a day of the calendar from 1890 on",
    longest: None,
    check: |text, _| Date::parse(text).is_some(),
};

/// A date that has no business in a fresh log line but as somebody's birthday.
pub(super) const HISTORIC: Validator = Validator {
    name: "historic_date",
    about: "a day of the calendar between 1890 and five years ago",
    longest: None,
    check: |text, today: Today| {
        Date::parse(text).is_some_and(|date| date.year.is_some_and(|year| year + 5 <= today.year))
    },
};

/// A calendar date read from text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Date {
    /// The year, where the text has one of four digits, or of two.
    pub(crate) year: Option<u16>,
    pub(crate) month: u8,
    pub(crate) day: u8,
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

impl Date {
    /// Reads a date: `1958-03-14`, `03/14/1958`, `14.03.58`, `19580314`, `March 14, 1958`, `14-MAR-1958`,
    /// `1958, 3, 14`, `March 14`. Where day and month could be either, either order that makes a date will do.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let mut numbers = [(0u32, 0usize); 3];
        let mut count = 0;
        let mut month_word = None;
        let mut index = 0;
        while let Some(byte) = text.get(index) {
            let rest = text.get(index..).unwrap_or(&[]);
            if byte.is_ascii_digit() {
                let len = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
                let value = rest.iter().take(len.min(9)).fold(0u32, |sum, digit| sum * 10 + u32::from(digit - b'0'));
                *numbers.get_mut(count)? = (value, len);
                count += 1;
                index += len;
            } else if byte.is_ascii_alphabetic() {
                let len = rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
                if let Some(month) = month_of(rest.get(..len).unwrap_or(&[])) {
                    month_word = Some(month);
                } else if len > 2 {
                    return None;
                }
                index += len;
            } else {
                index += 1;
            }
        }
        let [first, second, third] = numbers;
        match (month_word, count) {
            (Some(month), 2) if first.1 == 4 => Self::new(Some(first), month, second.0),
            (Some(month), 2) => Self::new(Some(second), month, first.0),
            (Some(month), 1) if first.1 <= 2 => Self::new(None, month, first.0),
            (None, 1) if first.1 == 8 => Self::new(Some((first.0 / 10_000, 4)), first.0 / 100 % 100, first.0 % 100)
                .or_else(|| Self::new(Some((first.0 % 10_000, 4)), first.0 / 1_000_000, first.0 / 10_000 % 100)),
            (None, 3) if first.1 == 4 => Self::new(Some(first), second.0, third.0),
            (None, 3) => {
                Self::new(Some(third), first.0, second.0).or_else(|| Self::new(Some(third), second.0, first.0))
            }
            _ => None,
        }
    }

    fn new(year: Option<(u32, usize)>, month: u32, day: u32) -> Option<Self> {
        let year = match year {
            None => None,
            Some((year, 4)) if (1890..=2100).contains(&year) => Some(u16::try_from(year).ok()?),
            // Two digits: the century that makes the date the less recent one is the safer reading.
            Some((year, 2)) => Some(u16::try_from(if year <= 30 { 2000 + year } else { 1900 + year }).ok()?),
            Some(_) => return None,
        };
        let days = match month {
            1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
            4 | 6 | 9 | 11 => 30,
            2 => 29,
            _ => return None,
        };
        if !(1..=days).contains(&day) {
            return None;
        }
        Some(Self { year, month: u8::try_from(month).ok()?, day: u8::try_from(day).ok()? })
    }
}

fn month_of(word: &[u8]) -> Option<u32> {
    let head = word.get(..3)?;
    let index = MONTHS.iter().position(|month| head.eq_ignore_ascii_case(month.as_bytes()))?;
    u32::try_from(index + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_in_many_forms() {
        for text in [
            "1958-03-14",
            "03/14/1958",
            "14.03.1958",
            "3/14/58",
            "19580314",
            "03141958",
            "March 14, 1958",
            "14-MAR-1958",
            "14 Mar 1958",
            "1958, 3, 14",
            "Mar 14th 1958",
            "1958/03/14",
        ] {
            let date = Date::parse(text.as_bytes()).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(date, Date { year: Some(1958), month: 3, day: 14 }, "{text}");
        }
        for text in ["1958-13-14", "1958-02-30", "99/99/1999", "12345", "1.2.3.4", "2026", "", "10 rows in May block"] {
            assert_eq!(Date::parse(text.as_bytes()), None, "{text}");
        }
    }
}
