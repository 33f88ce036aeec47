//! The rule sets that workers scrub by, and how they are exchanged while batches are under way.

use processors::RuleSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// One rule set for each scrub processor.
pub type RuleSets = Vec<Arc<RuleSet>>;

/// The rule sets of a process. Workers look between batches, at a number, whether there are new ones: a batch is scrubbed
/// by one set from its beginning to its end, and no batch waits for a lock.
#[derive(Clone, Debug)]
pub struct Rules {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    generation: AtomicU64,
    sets: Mutex<Arc<RuleSets>>,
}

impl Rules {
    /// The first rule sets.
    #[must_use]
    pub fn new(sets: RuleSets) -> Self {
        Self { shared: Arc::new(Shared { generation: AtomicU64::new(0), sets: Mutex::new(Arc::new(sets)) }) }
    }

    /// The rule sets now, and the number they are known by.
    #[must_use]
    pub fn now(&self) -> (u64, Arc<RuleSets>) {
        let sets = self.shared.sets.lock().unwrap_or_else(PoisonError::into_inner);
        (self.shared.generation.load(Ordering::Acquire), Arc::clone(&sets))
    }

    /// The number of the rule sets now.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.shared.generation.load(Ordering::Acquire)
    }

    /// Puts others in their place; every worker takes them before its next batch. There must be as many.
    pub fn exchange(&self, sets: RuleSets) {
        let mut now = self.shared.sets.lock().unwrap_or_else(PoisonError::into_inner);
        *now = Arc::new(sets);
        self.shared.generation.fetch_add(1, Ordering::AcqRel);
    }
}
