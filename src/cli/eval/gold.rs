//! Texts whose identifiers are known: one JSON object a line.

use crate::cli::progress::Progress;
use crate::cli::{Failure, code};
use serde::Deserialize;
use serde_json::Value;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};

/// The longest line, in bytes.
const LONGEST: u64 = 1 << 30;
/// Steps of the bar.
const WIDTH: u64 = 24;

/// A text and what stands in it.
#[derive(Debug, Deserialize)]
pub(super) struct Gold {
    pub(super) id: Value,
    /// Where it comes from.
    pub(super) source: Option<Value>,
    /// What carries it: a log line, a URL, HL7.
    pub(super) kind: Option<Value>,
    /// What it was made from.
    pub(super) tpl: Option<Value>,
    pub(super) text: String,
    /// What has to go.
    pub(super) spans: Vec<Identified>,
    /// What may go or stay.
    #[serde(default)]
    pub(super) neutral: Vec<Neutral>,
}

/// An identifier, in code points.
#[derive(Debug, Deserialize)]
pub(super) struct Identified {
    pub(super) start: usize,
    pub(super) end: usize,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) sub: Option<Value>,
    pub(super) oov: Option<Value>,
}

/// A part that is neither right nor wrong to replace.
#[derive(Debug, Deserialize)]
pub(super) struct Neutral {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// A member as groups are called by it: `None` where there is none, as the scorer's language has it.
pub(super) fn name(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "None".to_owned(),
        Some(Value::Bool(true)) => "True".to_owned(),
        Some(Value::Bool(false)) => "False".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(other @ (Value::Number(_) | Value::Array(_) | Value::Object(_))) => other.to_string(),
    }
}

/// Reads files line by line, with a bar for who waits.
///
/// # Errors
/// If a file cannot be read or a line is no such object: it is named by file and number, and nothing of it is told.
pub(super) fn each(files: &[PathBuf], mut take: impl FnMut(&Gold) -> Result<(), Failure>) -> Result<(), Failure> {
    let sizes: Vec<u64> = files.iter().map(|file| std::fs::metadata(file).map_or(0, |data| data.len())).collect();
    let all = sizes.iter().sum::<u64>().max(1);
    let mut progress = Progress::new();
    let (mut read, mut count) = (0u64, 0u64);
    for path in files {
        let unreadable = |error: std::io::Error| refused(path, &format!("cannot be read: {}", error.kind()));
        let mut file = BufReader::new(File::open(path).map_err(unreadable)?);
        let mut line = Vec::new();
        for number in 1u64.. {
            line.clear();
            let len = (&mut file).take(LONGEST).read_until(b'\n', &mut line).map_err(unreadable)?;
            if len == 0 {
                break;
            }
            read += len as u64;
            if line.trim_ascii().is_empty() {
                continue;
            }
            progress.tell(|| bar(read, all, count));
            let wrong = |what| refused(path, &format!("line {number} {what}"));
            // The parser's own message would quote the line.
            let gold: Gold = serde_json::from_slice(&line)
                .map_err(|_| wrong("is no object with id, text and spans of start, end and type"))?;
            let chars = gold.text.chars().count();
            let spans = gold.spans.iter().map(|it| (it.start, it.end));
            let mut ranges = spans.chain(gold.neutral.iter().map(|it| (it.start, it.end)));
            if ranges.any(|(start, end)| start > end || end > chars) {
                return Err(wrong("has a span that does not lie in its text"));
            }
            take(&gold)?;
            count += 1;
        }
    }
    Ok(())
}

fn refused(path: &Path, what: &str) -> Failure {
    Failure::new(code::ABORTED, format!("{}: {what}", path.display()))
}

fn bar(read: u64, all: u64, count: u64) -> String {
    let done = usize::try_from((read * WIDTH / all).min(WIDTH)).unwrap_or_default();
    let left = usize::try_from(WIDTH).unwrap_or_default() - done;
    let percent = (read * 100 / all).min(100);
    format!("[{}{}] {percent:>3} %  {count} texts", "#".repeat(done), ".".repeat(left))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_fills() {
        assert_eq!(bar(0, 10, 0), "[........................]   0 %  0 texts");
        assert_eq!(bar(5, 10, 7), "[############............]  50 %  7 texts");
        assert_eq!(bar(12, 10, 9), "[########################] 100 %  9 texts");
    }

    #[test]
    fn lines_that_are_no_gold_are_told_without_their_text() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("gold.jsonl");
        for line in [
            "{\"id\":1,\"text\":\"Maria\"}",
            "Maria",
            "{\"id\":1,\"text\":\"Maria\",\"spans\":[{\"start\":0,\"end\":9,\"type\":\"NAME\"}]}",
            "{\"id\":1,\"text\":\"Maria\",\"spans\":[{\"start\":3,\"end\":2,\"type\":\"NAME\"}]}",
        ] {
            std::fs::write(&path, format!("\n{line}\n")).unwrap();
            let Err(Failure::Code(code, Some(text))) = each(std::slice::from_ref(&path), |_| Ok(())) else {
                panic!("{line}")
            };
            assert!(code == code::ABORTED && text.contains("line 2 ") && !text.contains("Maria"), "{text}");
        }
    }
}
