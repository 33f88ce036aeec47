//! The pattern of a key: a row of lower-case words, with alternatives.
//!
//! `patient name`; `<person> name`, where `<person>` stands for a set of words; `(home|work) phone`; `phone (number)?`,
//! where `?` makes what stands before it optional; `=user.id`, which asks for the whole path; `=gen_ai.*`, where `*`
//! stands for any words. Between words nothing or anything may stand: `patientName`, `patient_name`, `patientname`.

use std::collections::HashMap;

/// The most rows of words one pattern may stand for.
const MAX_ROWS: usize = 20_000;

/// A key pattern, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum KeyPattern {
    /// A path that ends with one of these rows of words, a space between words.
    Ending(Vec<String>),
    /// A path that is one of these rows.
    Whole(Vec<String>),
    /// A path that begins with one of these rows and goes on.
    Below(Vec<String>),
}

impl KeyPattern {
    /// Reads a pattern; `sets` are the named word sets.
    pub(crate) fn parse(text: &str, sets: &HashMap<String, Vec<String>>) -> Result<Self, String> {
        let (whole, body) = match text.strip_prefix('=') {
            Some(body) => (true, body),
            None => (false, text),
        };
        let (body, below) = match body.strip_suffix('*') {
            Some(body) if whole => (body, true),
            _ => (body, false),
        };
        let mut reader = Reader { rest: body, sets };
        let rows = reader.alternatives()?;
        if !reader.rest.is_empty() {
            return Err("a bracket closes that was not opened".into());
        }
        let mut rows: Vec<String> =
            rows.iter().map(|row| row.split_ascii_whitespace().collect::<Vec<_>>().join(" ")).collect();
        rows.sort_unstable();
        rows.dedup();
        match rows.as_slice() {
            [] => return Err("an empty key pattern".into()),
            [first, ..] if first.is_empty() => return Err("a key pattern that may be empty".into()),
            _ if below => return Ok(Self::Below(rows)),
            _ => {}
        }
        Ok(if whole { Self::Whole(rows) } else { Self::Ending(rows) })
    }
}

struct Reader<'p> {
    rest: &'p str,
    sets: &'p HashMap<String, Vec<String>>,
}

impl Reader<'_> {
    /// Reads alternatives up to a closing bracket or the end.
    fn alternatives(&mut self) -> Result<Vec<String>, String> {
        let mut rows = Vec::new();
        let mut row = vec![String::new()];
        while let Some(char) = self.rest.chars().next() {
            let atom = match char {
                ')' => break,
                '|' => {
                    self.skip();
                    rows.append(&mut row);
                    row = vec![String::new()];
                    continue;
                }
                _ => self.atom(char)?,
            };
            if row.len() * atom.len() > MAX_ROWS {
                return Err(format!("the pattern stands for more than {MAX_ROWS} keys: split it"));
            }
            row = row.iter().flat_map(|head| atom.iter().map(move |tail| format!("{head}{tail}"))).collect();
        }
        rows.append(&mut row);
        Ok(rows)
    }

    /// Reads a letter, a space, a group or a set, and the `?` behind it.
    fn atom(&mut self, char: char) -> Result<Vec<String>, String> {
        self.skip();
        let mut atom = match char {
            'a'..='z' | '0'..='9' => vec![char.to_string()],
            ' ' | '.' | '_' | '-' => vec![" ".to_owned()],
            '(' => {
                let group = self.alternatives()?;
                if !self.rest.starts_with(')') {
                    return Err("a bracket opens that is not closed".into());
                }
                self.skip();
                group
            }
            '<' => {
                let (name, rest) = self.rest.split_once('>').ok_or("a set opens that is not closed")?;
                self.rest = rest;
                self.sets.get(name).ok_or_else(|| format!("no set is called `{name}`"))?.clone()
            }
            '*' => return Err("`*` goes at the end of a pattern that begins with `=`".into()),
            other => {
                return Err(format!("`{other}` has no place in a key pattern: lower-case words, ( | ) ? <set> = *"));
            }
        };
        if self.rest.starts_with('?') {
            self.skip();
            atom.push(String::new());
        }
        Ok(atom)
    }

    fn skip(&mut self) {
        let mut chars = self.rest.chars();
        chars.next();
        self.rest = chars.as_str();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> KeyPattern {
        let sets = HashMap::from([("kin".to_owned(), vec!["mother".to_owned(), "next of kin".to_owned()])]);
        KeyPattern::parse(text, &sets).unwrap()
    }

    #[test]
    fn patterns_stand_for_rows_of_words() {
        let ending = |rows: &[&str]| KeyPattern::Ending(rows.iter().map(|row| (*row).to_owned()).collect());
        assert_eq!(rows("patient.name"), ending(&["patient name"]));
        assert_eq!(
            rows("(home|work)? phones?"),
            ending(&["home phone", "home phones", "phone", "phones", "work phone", "work phones"])
        );
        assert_eq!(
            rows("<kin> (first)? name"),
            ending(&["mother first name", "mother name", "next of kin first name", "next of kin name",])
        );
        assert_eq!(rows("=user.id"), KeyPattern::Whole(vec!["user id".into()]));
        assert_eq!(rows("=gen_ai.*"), KeyPattern::Below(vec!["gen ai".into()]));
    }

    #[test]
    fn a_bad_pattern_says_why() {
        let sets = HashMap::new();
        for text in ["", "Name", "<person> name", "(a", "a)", "a+", "a.*", "(a)?", "=(a)?.*"] {
            assert!(KeyPattern::parse(text, &sets).is_err(), "{text}");
        }
    }
}
