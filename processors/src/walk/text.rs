//! Plain text: one segment.

use super::{Out, WalkError};
use crate::tape::{Origin, Place, ROOT};

/// Puts the whole text on the tape.
pub(crate) fn walk(source: &[u8], out: &mut Out<'_>) -> Result<(), WalkError> {
    out.walked.records = 1;
    if source.is_empty() {
        return Ok(());
    }
    let len = u32::try_from(source.len()).map_err(|_| WalkError::TapeFull)?;
    out.tape.push(source, ROOT, Place::Text, Origin::Source { at: 0, len, utf8: true })?;
    Ok(())
}
