//! What was found, and where: never the text itself.

/// A rule matched a part of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    /// The segment.
    pub(crate) segment: u32,
    /// Offset in the segment's text.
    pub(crate) start: u32,
    /// Offset in the segment's text, exclusive.
    pub(crate) end: u32,
    /// The rule, by index.
    pub(crate) rule: u16,
}
