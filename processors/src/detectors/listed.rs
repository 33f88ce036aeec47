//! Lists in JSON that stand as one value below a key: writers that know texts only write them so.

use super::placeholder::is_placeholder;
use std::ops::Range;

/// What of a value goes that is a list of strings, `["MRN00482913","tenant-7"]`: all items but those that stand for nobody. `None`
/// if it is no such list or has none of those: then it goes as a whole.
pub(super) fn somebodys(text: &[u8]) -> Option<Vec<Range<usize>>> {
    let items = strings(text)?;
    let mut left = items.clone();
    left.retain(|item| text.get(item.clone()).is_none_or(|item| !is_placeholder(item)));
    (left.len() < items.len()).then_some(left)
}

/// The items of a list that is all of the text, if they are strings without escapes.
fn strings(text: &[u8]) -> Option<Vec<Range<usize>>> {
    let space = |at: usize| text.get(at..).map_or(at, |rest| text.len() - rest.trim_ascii_start().len());
    let behind = |at: usize, sign: u8| (text.get(at) == Some(&sign)).then_some(at + 1);
    let mut items = Vec::new();
    let mut at = behind(0, b'[')?;
    loop {
        let start = behind(space(at), b'"')?;
        let end = start + memchr::memchr2(b'"', b'\\', text.get(start..)?)?;
        items.push(start..end);
        let next = space(behind(end, b'"')?);
        match behind(next, b',') {
            Some(comma) => at = comma,
            None => return (space(behind(next, b']')?) == text.len()).then_some(items),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goes(text: &str) -> Option<Vec<&str>> {
        somebodys(text.as_bytes()).map(|items| items.into_iter().map(|item| &text[item]).collect())
    }

    #[test]
    fn items_that_stand_for_nobody_stay() {
        assert_eq!(goes(r#"["MRN00482913","tenant-7"]"#), Some(vec!["MRN00482913"]));
        assert_eq!(goes(r#"[ "null" , "482" , "913" ]"#), Some(vec!["482", "913"]));
        assert_eq!(goes(r#"["[REDACTED:mrn]","tenant-7"]"#), Some(vec![]));
    }

    #[test]
    fn anything_else_goes_as_a_whole() {
        for text in [
            r#"["MRN00482913"]"#,
            r#"["482","913"]"#,
            r#"["tenant-7",482913]"#,
            r#"["tenant-7",["482913"]]"#,
            r#"["tenant-7","48\u0032913"]"#,
            r#"["tenant-7","482913"] and 482914"#,
            r#"["tenant-7","482913"#,
            r#"["tenant-7","482913","#,
            r#""tenant-7""#,
            "[]",
            "[",
            "",
        ] {
            assert_eq!(goes(text), None, "{text}");
        }
    }
}
