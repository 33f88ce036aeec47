//! Who may send to a receiver, exchanged while it runs: a token is given out and taken back without a restart.

use super::{Gate, same};
use crate::settings::{Current, TokenHash};

/// Who may send to a receiver. All clones are one.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    /// By the names of its listeners.
    gates: Vec<(&'static str, Gate)>,
    key: Option<Current<Option<TokenHash>>>,
}

impl Credentials {
    /// With one more listener.
    #[must_use]
    pub(in crate::receivers) fn gate(mut self, listener: &'static str, gate: &Gate) -> Self {
        self.gates.push((listener, gate.clone()));
        self
    }

    /// With the key that clients of a format name in their own way.
    #[must_use]
    pub(in crate::receivers) fn key(mut self, key: &Current<Option<TokenHash>>) -> Self {
        self.key = Some(key.clone());
        self
    }

    /// Whether others admit other clients than these.
    ///
    /// # Errors
    /// If these would ask for nothing any more, or for the first time: that is another way to run, and takes a restart.
    pub fn differ(&self, others: &Self) -> Result<bool, &'static str> {
        let mut differ = false;
        for (gate, other) in self.pairs(others) {
            differ |= match (gate.guard.get().as_ref(), other.guard.get().as_ref()) {
                (None, None) => false,
                (Some(old), Some(new)) => !old.is(new),
                (None, Some(_)) | (Some(_), None) => return Err("`auth` comes and goes with a restart"),
            };
        }
        if let (Some(old), Some(new)) = (&self.key, &others.key) {
            let (old, new) = (old.get(), new.get());
            if old.is_some() != new.is_some() {
                return Err("a key comes and goes with a restart");
            }
            differ |= !same((*old).as_ref(), (*new).as_ref(), TokenHash::is);
        }
        Ok(differ)
    }

    /// Puts others in the place of these, for every request from now on. What these remember of clients goes with them.
    pub fn take_over(&self, others: &Self) {
        for (gate, other) in self.pairs(others) {
            gate.guard.take_over(&other.guard);
        }
        if let (Some(old), Some(new)) = (&self.key, &others.key) {
            old.take_over(new);
        }
    }

    /// Listeners that are in both: one that comes or goes takes a restart, and has no say until then.
    fn pairs<'c>(&'c self, others: &'c Self) -> impl Iterator<Item = (&'c Gate, &'c Gate)> {
        self.gates.iter().filter_map(|(name, gate)| {
            let (_, other) = others.gates.iter().find(|(known, _)| known == name)?;
            Some((gate, other))
        })
    }
}
