//! What rules ask of the scan, collected.

use super::compile::Use;
use super::guard::Guard;
use crate::matcher::{Trigger, expression};
use std::collections::HashMap;

/// Collects what rules ask of the scan; what is asked for twice is looked for once.
#[derive(Default)]
pub(super) struct Wanted {
    pub(super) triggers: Vec<Trigger>,
    pub(super) uses: Vec<Vec<Use>>,
    /// By expression, whether case is ignored, and whether it stands alone.
    known: HashMap<(String, bool, bool), usize>,
    pub(super) guards: Vec<Guard>,
}

impl Wanted {
    /// The number of `guard`.
    pub(super) fn guard(&mut self, guard: &Guard) -> u32 {
        let number = self.guards.iter().position(|known| known == guard).unwrap_or_else(|| {
            self.guards.push(guard.clone());
            self.guards.len() - 1
        });
        u32::try_from(number).unwrap_or(0)
    }

    pub(super) fn add(&mut self, trigger: Trigger, reason: Use) {
        let written = expression::write(&trigger.hir);
        let key = (written.text, written.caseless, trigger.alone);
        let index = *self.known.entry(key).or_insert(self.triggers.len());
        if index == self.triggers.len() {
            self.triggers.push(trigger);
            self.uses.push(Vec::new());
        }
        if let Some(uses) = self.uses.get_mut(index)
            && !uses.contains(&reason)
        {
            uses.push(reason);
        }
    }
}
