//! What a batch may take at most beside its bytes.

/// The most that a batch may hold: a text takes about 130 bytes beside its own while it is scrubbed, its place on the tape
/// and, if it is a key that is new, a path; a finding about 700, for its edit, the text that is looked at again, and what is
/// recalled of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Most {
    /// How many texts: values, keys, and the parts of texts that have keys of their own.
    pub texts: usize,
    /// How many findings.
    pub findings: usize,
}

impl Default for Most {
    /// As many as there is memory for.
    fn default() -> Self {
        Self { texts: usize::MAX, findings: usize::MAX }
    }
}
