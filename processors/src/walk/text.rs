//! Plain text: one segment, or one a line.

use super::{Out, PassedText, Share, WalkError};
use crate::tape::{Origin, Place, ROOT};

/// Puts each line on the tape by itself.
pub(crate) fn walk_lines(source: &[u8], out: &mut Out<'_>) -> Result<(), WalkError> {
    let mut at = 0;
    while let Some(rest) = source.get(at..).filter(|rest| !rest.is_empty()) {
        let len = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let line = rest.get(..len).unwrap_or(rest);
        if !line.is_empty() {
            out.walked.records += 1;
            put_line(line, at, out)?;
        }
        at += len + 1;
    }
    Ok(())
}

fn put_line(line: &[u8], at: usize, out: &mut Out<'_>) -> Result<(), WalkError> {
    let print = out.memo.map(|memo| memo.print(Place::Text, true, 0, line));
    let known = out.memo.zip(print).is_some_and(|(memo, print)| memo.knows(print));
    let passed = || Some(PassedText { range: at..at + line.len(), path: ROOT, place: Place::Text, utf8: true });
    if !out.takes(known, print, passed) {
        return Ok(());
    }
    let at = u32::try_from(at).map_err(|_| WalkError::TapeFull)?;
    let len = u32::try_from(line.len()).map_err(|_| WalkError::TapeFull)?;
    let segment = out.tape.push(line, ROOT, Place::Text, Origin::Source { at, len, utf8: true })?;
    out.walked.unknown.extend(print.map(|print| (segment, print)));
    Ok(())
}

/// Puts the whole text on the tape.
pub(crate) fn walk(source: &[u8], out: &mut Out<'_>) -> Result<(), WalkError> {
    out.walked.records = 1;
    if source.is_empty() || out.share == Share::PassedOver {
        return Ok(());
    }
    let len = u32::try_from(source.len()).map_err(|_| WalkError::TapeFull)?;
    out.tape.push(source, ROOT, Place::Text, Origin::Source { at: 0, len, utf8: true })?;
    Ok(())
}
