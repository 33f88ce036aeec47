//! What reading a configuration has to say.

use processors::document::{Fields, Mistakes, Position};

/// Mistakes, which forbid a start, and warnings, which do not.
#[derive(Debug, Default)]
pub struct Notes {
    /// What must be put right.
    pub mistakes: Mistakes,
    /// What works, but not as its author may think.
    pub warnings: Mistakes,
    /// Whether the command line allows what weakens the packs.
    pub weakening: bool,
}

impl Notes {
    /// Notes a mistake.
    pub fn mistake(&mut self, file: &str, at: Position, message: impl Into<String>) {
        self.mistakes.add(file, at, message);
    }

    /// Notes a warning.
    pub fn warn(&mut self, file: &str, at: Position, message: impl Into<String>) {
        self.warnings.add(file, at, message);
    }
}

/// Takes settings that are read and not followed, and says of each why.
pub fn not_followed(fields: &mut Fields<'_>, settings: &[(&'static str, &str)], notes: &mut Notes) {
    for (key, why) in settings {
        if let Some(node) = fields.take(key) {
            notes.warn(fields.file(), node.at, format!("`{key}` is not followed: {why}"));
        }
    }
}
