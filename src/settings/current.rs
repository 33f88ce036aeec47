//! What may be exchanged while the collector runs.

use std::sync::{Arc, Mutex, PoisonError};

/// A value whose place another can take while it is in use. All clones are one; who has got hold of the old value keeps it
/// until he lets go.
#[derive(Debug)]
pub struct Current<T> {
    now: Arc<Mutex<Arc<T>>>,
}

impl<T> Current<T> {
    /// The first value.
    #[must_use]
    pub fn new(value: T) -> Self {
        Self { now: Arc::new(Mutex::new(Arc::new(value))) }
    }

    /// The value now.
    #[must_use]
    pub fn get(&self) -> Arc<T> {
        Arc::clone(&self.now.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Puts the value of another in the place of this one's.
    pub fn take_over(&self, other: &Self) {
        let new = other.get();
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = new;
    }
}

impl<T> Clone for Current<T> {
    fn clone(&self) -> Self {
        Self { now: Arc::clone(&self.now) }
    }
}

impl<T: Default> Default for Current<T> {
    fn default() -> Self {
        Self::new(T::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clones_are_one_and_who_holds_the_old_value_keeps_it() {
        let (here, there) = (Current::new(1), Current::new(2));
        let (clone, held) = (here.clone(), here.get());
        here.take_over(&there);
        assert_eq!((*clone.get(), *held, *there.get()), (2, 1, 2));
    }
}
