//! A queue in memory: first in, first out, bounded by bytes. What is being sent still counts.

use crate::telemetry::{Component, Metrics};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::time::Instant;

/// What each item costs beside its bytes.
const OVERHEAD: usize = 512;

/// Says how large an item is.
pub trait Weigh {
    /// In bytes.
    fn weight(&self) -> usize;
}

/// Why there is no room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Not now.
    Full,
    /// Never: the item is larger than the queue.
    TooLarge,
}

/// A queue for one exporter. Cheap to clone; all clones are one.
#[derive(Debug)]
pub struct Queue<T> {
    shared: Arc<Shared<T>>,
}

#[derive(Debug)]
struct Shared<T> {
    exporter: Component,
    capacity: usize,
    state: Mutex<State<T>>,
    /// Rung for each item that is put in, and when the queue closes.
    bell: Notify,
}

#[derive(Debug)]
struct State<T> {
    items: VecDeque<T>,
    /// Bytes of items waiting, being sent, and of room that is reserved.
    used: usize,
    /// Items waiting or being sent.
    held: usize,
    closed: bool,
}

/// Room in a queue, reserved: given back if nothing is put into it.
#[derive(Debug)]
#[must_use]
pub struct Room<T> {
    shared: Arc<Shared<T>>,
    bytes: usize,
}

/// An item that was taken to be sent; its room is given back when the lease is dropped.
#[derive(Debug)]
pub struct Lease<T> {
    /// The item.
    pub item: T,
    held: Held<T>,
}

impl<T> Lease<T> {
    /// Takes the item out, to settle it, and gives its room back.
    pub fn finish(self) -> T {
        drop(self.held);
        self.item
    }
}

#[derive(Debug)]
struct Held<T> {
    shared: Arc<Shared<T>>,
    bytes: usize,
}

impl<T> Clone for Queue<T> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

impl<T: Weigh> Queue<T> {
    /// Makes a queue of so many bytes.
    #[must_use]
    pub fn new(exporter: Component, capacity: usize) -> Self {
        Metrics::queue(&exporter, 0, capacity);
        let state = Mutex::new(State { items: VecDeque::new(), used: 0, held: 0, closed: false });
        Self { shared: Arc::new(Shared { exporter, capacity, state, bell: Notify::new() }) }
    }

    /// Whose queue it is.
    #[must_use]
    pub fn exporter(&self) -> &Component {
        &self.shared.exporter
    }

    /// Reserves room for an item of so many bytes.
    ///
    /// # Errors
    /// If there is none.
    pub fn reserve(&self, bytes: usize) -> Result<Room<T>, Refused> {
        let bytes = bytes.saturating_add(OVERHEAD);
        if bytes > self.shared.capacity {
            return Err(Refused::TooLarge);
        }
        let mut state = self.shared.lock();
        if state.used + bytes > self.shared.capacity || state.closed {
            return Err(Refused::Full);
        }
        state.used += bytes;
        self.shared.show(&state);
        Ok(Room { shared: Arc::clone(&self.shared), bytes })
    }

    /// Takes the oldest item; waits for one. `None` when the queue is closed and empty.
    pub async fn lease(&self) -> Option<Lease<T>> {
        loop {
            let rung = self.shared.bell.notified();
            {
                let mut state = self.shared.lock();
                if let Some(item) = state.items.pop_front() {
                    let bytes = item.weight().saturating_add(OVERHEAD);
                    return Some(Lease { item, held: Held { shared: Arc::clone(&self.shared), bytes } });
                }
                if state.closed {
                    return None;
                }
            }
            rung.await;
        }
    }

    /// Takes the oldest item if it fits; waits for one until `deadline`. `None` if that passes, if the oldest does not fit, or
    /// if the queue is closed and empty: order is kept.
    pub async fn lease_next(&self, deadline: Instant, fits: impl Fn(&T) -> bool) -> Option<Lease<T>> {
        loop {
            let rung = self.shared.bell.notified();
            {
                let mut state = self.shared.lock();
                if let Some(item) = state.items.pop_front_if(|item| fits(item)) {
                    let bytes = item.weight().saturating_add(OVERHEAD);
                    return Some(Lease { item, held: Held { shared: Arc::clone(&self.shared), bytes } });
                }
                if !state.items.is_empty() {
                    drop(state);
                    // The ring may have been heard for an item that another consumer waits for.
                    self.shared.bell.notify_one();
                    return None;
                }
                if state.closed {
                    return None;
                }
            }
            tokio::time::timeout_at(deadline, rung).await.ok()?;
        }
    }

    /// Takes nothing new any more; what is in it can still be taken out.
    pub fn close(&self) {
        self.shared.lock().closed = true;
        self.shared.bell.notify_waiters();
        // For who was just about to wait.
        self.shared.bell.notify_one();
    }

    /// How many items wait or are being sent.
    #[must_use]
    pub fn held(&self) -> usize {
        self.shared.lock().held
    }

    /// Bytes taken, bytes there are, and items that wait or are being sent.
    #[must_use]
    pub fn fill(&self) -> (usize, usize, usize) {
        let state = self.shared.lock();
        (state.used, self.shared.capacity, state.held)
    }

    /// Throws away what waits.
    pub fn clear(&self) {
        let items = std::mem::take(&mut self.shared.lock().items);
        for item in items {
            let bytes = item.weight().saturating_add(OVERHEAD);
            drop(Lease { item, held: Held { shared: Arc::clone(&self.shared), bytes } });
        }
    }
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        // Nothing in here panics half way: a poisoned state is still a sound one.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn show(&self, state: &State<T>) {
        Metrics::queue(&self.exporter, state.used, self.capacity);
    }
}

impl<T> Room<T> {
    /// Puts the item in. It must not weigh more than what was reserved.
    pub fn commit(mut self, item: T) {
        let mut state = self.shared.lock();
        state.items.push_back(item);
        state.held += 1;
        self.bytes = 0;
        drop(state);
        self.shared.bell.notify_one();
    }
}

impl<T> Drop for Room<T> {
    fn drop(&mut self) {
        if self.bytes > 0 {
            let mut state = self.shared.lock();
            state.used = state.used.saturating_sub(self.bytes);
            self.shared.show(&state);
        }
    }
}

impl<T> Drop for Held<T> {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.used = state.used.saturating_sub(self.bytes);
        state.held = state.held.saturating_sub(1);
        let last = state.held == 0 && state.closed;
        self.shared.show(&state);
        drop(state);
        if last {
            self.shared.bell.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Weigh for Vec<u8> {
        fn weight(&self) -> usize {
            self.len()
        }
    }

    fn queue(capacity: usize) -> Queue<Vec<u8>> {
        Queue::new(Component::new("debug"), capacity)
    }

    #[tokio::test]
    async fn items_come_out_in_order_and_count_until_they_are_done() {
        let queue = queue(2 * (OVERHEAD + 8));
        for byte in [1u8, 2] {
            queue.reserve(8).unwrap().commit(vec![byte; 8]);
        }
        assert_eq!(queue.reserve(8).unwrap_err(), Refused::Full);
        let first = queue.lease().await.unwrap();
        assert_eq!(first.item, vec![1; 8]);
        assert_eq!(queue.reserve(8).unwrap_err(), Refused::Full);
        drop(first);
        drop(queue.reserve(8).unwrap());
        assert_eq!(queue.lease().await.unwrap().item, vec![2; 8]);
        assert_eq!(queue.held(), 0);
        assert_eq!(queue.reserve(3 * OVERHEAD).unwrap_err(), Refused::TooLarge);
    }

    #[tokio::test]
    async fn what_fits_is_taken_too_and_nothing_overtakes() {
        let queue = queue(100_000);
        let soon = || Instant::now() + std::time::Duration::from_millis(20);
        for len in [2usize, 3, 9, 1] {
            queue.reserve(len).unwrap().commit(vec![0; len]);
        }
        let small = |item: &Vec<u8>| item.len() < 5;
        assert_eq!(queue.lease_next(soon(), small).await.unwrap().item.len(), 2);
        assert_eq!(queue.lease_next(soon(), small).await.unwrap().item.len(), 3);
        assert!(queue.lease_next(soon(), small).await.is_none(), "the oldest does not fit");
        assert_eq!(queue.lease().await.unwrap().item.len(), 9);
        assert_eq!(queue.lease_next(soon(), small).await.unwrap().item.len(), 1);
        assert!(queue.lease_next(soon(), small).await.is_none(), "nothing comes");
        let other = queue.clone();
        let late = tokio::spawn(async move {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
            other.reserve(1).unwrap().commit(vec![7]);
        });
        let deadline = Instant::now() + std::time::Duration::from_secs(10);
        assert_eq!(queue.lease_next(deadline, small).await.unwrap().item, [7]);
        late.await.unwrap();
    }

    #[tokio::test]
    async fn a_closed_queue_gives_out_what_it_holds_and_then_ends() {
        let queue = queue(10_000);
        let waiting: Vec<_> = (0..3)
            .map(|_| {
                let queue = queue.clone();
                tokio::spawn(async move { queue.lease().await.map(|lease| lease.item) })
            })
            .collect();
        tokio::task::yield_now().await;
        queue.reserve(1).unwrap().commit(vec![7]);
        queue.close();
        assert_eq!(queue.reserve(1).unwrap_err(), Refused::Full);
        let mut got = Vec::new();
        for task in waiting {
            got.extend(task.await.unwrap());
        }
        assert_eq!(got, vec![vec![7]]);
    }
}
