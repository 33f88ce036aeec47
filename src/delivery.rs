//! From a queue to a backend: lease, send, retry, settle. The same for every exporter.
//!
//! | what the backend does | what becomes of the batch |
//! |---|---|
//! | takes it | settled; records it says it refused are counted |
//! | is unreachable, silent, busy | tried again for ever with backoff and jitter; its hint is kept to |
//! | refuses the exporter (3xx, 401, 403, 404) | kept; the whole exporter pauses, loudly |
//! | finds it too large (413) | halved, again and again; a single record it finds too large is dropped, counted, loud |
//! | refuses it | tried three times, then dropped, counted, loud |

mod pace;

use crate::drain::Drain;
use crate::exporters::{Configured, Exporter, Outbound, SendError, Sending, Sends, Sent};
use crate::pipeline::{Delivery, Parcel, Point, pass};
use crate::queue::{Lease, Queue};
use crate::settings::Sender;
use crate::telemetry::{Component, Event, ExporterState, Metrics};
use pace::Pace;
use processors::Scrubbed;
use processors::walk::otlp::Signal;
use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

/// How often a batch is sent to a backend that refuses it.
const TRIES: u32 = 3;
/// A backend's hint is kept to within these bounds.
const HINT: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(300));

/// A try that panics is one that came to nothing: who sends goes on, and the batch is tried again.
async fn caught(mut sends: Sends<'_>) -> Result<Sent, SendError> {
    let polled = |cx: &mut std::task::Context<'_>| {
        catch_unwind(AssertUnwindSafe(|| sends.as_mut().poll(cx)))
            .unwrap_or(std::task::Poll::Ready(Err(SendError::Unreachable)))
    };
    std::future::poll_fn(polled).await
}

/// One exporter at work.
#[derive(Debug)]
pub struct Courier {
    exporter: Box<dyn Exporter>,
    component: Component,
    sending: Sending,
    queue: Queue<Parcel>,
    pause: Pause,
    pace: Pace,
    drain: Drain,
}

/// Whether the backend refuses the exporter, for all consumers of one exporter.
#[derive(Debug, Default)]
struct Pause {
    state: Mutex<PauseState>,
}

#[derive(Debug, Default)]
struct PauseState {
    until: Option<Instant>,
    denials: u32,
}

impl Courier {
    /// An exporter with its queue; does nothing yet.
    #[must_use]
    pub fn new(component: Component, configured: Configured, drain: Drain) -> Self {
        let Configured { exporter, sending } = configured;
        let queue = Queue::new(component.clone(), sending.queue_bytes);
        Metrics::exporter(&component);
        let pace = Pace::new(component.clone(), sending.consumers);
        Self { exporter, component, sending, queue, pause: Pause::default(), pace, drain }
    }

    /// How it is doing.
    #[must_use]
    pub fn state(&self) -> ExporterState {
        let (bytes, capacity, batches) = self.queue.fill();
        let paused = self.pause.lock().until.is_some();
        ExporterState {
            exporter: self.component.clone(),
            bytes,
            capacity,
            batches,
            paused,
            concurrency: self.pace.limit(),
        }
    }

    /// Where parcels for it go.
    #[must_use]
    pub fn queue(&self) -> &Queue<Parcel> {
        &self.queue
    }

    /// Starts its consumers. They end when the queue is closed and empty, or nothing is waited for any more.
    pub fn start(self: &Arc<Self>, tasks: &TaskTracker) {
        for _ in 0..self.sending.consumers {
            let courier = Arc::clone(self);
            tasks.spawn(async move {
                while !courier.drain.is_ending() {
                    let Some(lease) = courier.queue.lease().await else { return };
                    pass(Point::Leased);
                    let leases = courier.gather(lease).await;
                    courier.serve(leases).await;
                }
            });
        }
    }

    /// Takes more of what waits, as long as it joins and the configuration wants larger requests.
    async fn gather(&self, first: Lease<Parcel>) -> Vec<Lease<Parcel>> {
        let mut bytes = first.item.scrubbed().bytes().len();
        let mut leases = vec![first];
        let Some(batch) = self.sending.batch else { return leases };
        let deadline = Instant::now() + batch.flush_timeout;
        while bytes < batch.min_bytes && !self.drain.is_ending() {
            let Some(head) = leases.first() else { break };
            let fits = |next: &Parcel| {
                let next = next.scrubbed();
                head.item.scrubbed().joins(next) && bytes + next.bytes().len() <= batch.max_bytes
            };
            let Some(more) = self.queue.lease_next(deadline, fits).await else { break };
            bytes += more.item.scrubbed().bytes().len();
            leases.push(more);
        }
        leases
    }

    /// Delivers parcels, as one request where they are several, and says of each what became of it.
    async fn serve(&self, leases: Vec<Lease<Parcel>>) {
        let joined = match leases.as_slice() {
            [] => return,
            [only] => Cow::Borrowed(only.item.scrubbed()),
            several => match Scrubbed::join(several.iter().map(|lease| lease.item.scrubbed())) {
                Some(joined) => Cow::Owned(joined),
                None => {
                    debug_assert!(false, "what was gathered joins");
                    for lease in leases {
                        let delivery = self.deliver(lease.item.scrubbed(), About::of(&lease.item)).await;
                        lease.finish().settle(delivery);
                    }
                    return;
                }
            },
        };
        let Some(about) = leases.first().map(|lease| About::of(&lease.item)) else { return };
        let delivery = self.deliver(&joined, about).await;
        drop(joined);
        // Which records a backend refused, it does not say: the first parcels answer for them.
        let mut left = if let Delivery::Delivered { rejected } = delivery { rejected } else { 0 };
        for lease in leases {
            let rejected = left.min(lease.item.records());
            left -= rejected;
            let delivery = match delivery {
                Delivery::Delivered { .. } => Delivery::Delivered { rejected },
                Delivery::Dropped | Delivery::Abandoned => delivery,
            };
            lease.finish().settle(delivery);
            pass(Point::Settled);
        }
    }

    /// Sends a batch until something has become of it: whole, or in parts where it is too large for the backend. A part
    /// that was taken is not sent again.
    async fn deliver(&self, scrubbed: &Scrubbed, about: About) -> Delivery {
        let signal = about.signal;
        let began = Instant::now();
        let mut left = vec![Cow::Borrowed(scrubbed)];
        let (mut delivered, mut rejected) = (false, 0);
        while let Some(part) = left.pop() {
            let records = part.report().records;
            match self.send(&part, about, began).await {
                Became::Taken(sent) => {
                    pass(Point::Sent);
                    rejected += self.delivered(signal, records, sent);
                    delivered = true;
                }
                Became::TooLarge(error, tries) => match part.halve() {
                    Some((first, second)) => {
                        Metrics::split(&self.component);
                        left.extend([Cow::Owned(second), Cow::Owned(first)]);
                    }
                    None => rejected += self.drop(signal, records, error.label(), error, tries),
                },
                Became::Dropped(reason, error, tries) => {
                    rejected += self.drop(signal, records, reason, error, tries);
                }
                Became::Abandoned => return Delivery::Abandoned,
            }
        }
        if delivered { Delivery::Delivered { rejected } } else { Delivery::Dropped }
    }

    /// Sends a batch until the backend has taken it or will never.
    async fn send(&self, scrubbed: &Scrubbed, about: About, began: Instant) -> Became {
        let unsendable = SendError::Unsendable;
        let Some(outbound) = Outbound::of(scrubbed, about.sender) else {
            return Became::Dropped(unsendable.label(), unsendable, 0);
        };
        debug_assert_eq!(outbound.signal(), about.signal, "a parcel holds what it says");
        let (mut tries, mut refusals) = (0, 0);
        loop {
            if !self.pause.pass(&self.drain).await {
                return Became::Abandoned;
            }
            let leave = tokio::select! {
                leave = self.pace.enter() => leave,
                () = self.drain.ended() => return Became::Abandoned,
            };
            let sent = tokio::select! {
                sent = caught(self.exporter.send(outbound.clone())) => sent,
                () = self.drain.ended() => return Became::Abandoned,
            };
            tries += 1;
            let error = match sent {
                Ok(sent) => {
                    leave.went_well();
                    return Became::Taken(sent);
                }
                Err(error) => error,
            };
            match error {
                SendError::Unreachable | SendError::Timeout | SendError::Busy { status: _, after: _ } => {
                    leave.was_too_much()
                }
                // What it says of a batch or of the exporter says nothing of its strength.
                SendError::Denied { status: _ }
                | SendError::TooLarge { status: _ }
                | SendError::Refused { status: _ }
                | SendError::Unsendable => drop(leave),
            }
            let wait = match error {
                SendError::Unreachable | SendError::Timeout => self.sending.retry.wait(tries, rand::random()),
                SendError::Busy { after, status: _ } => {
                    after.map_or_else(|| self.sending.retry.wait(tries, rand::random()), hinted)
                }
                SendError::Denied { status } => {
                    self.denied(status);
                    continue;
                }
                SendError::TooLarge { .. } => return Became::TooLarge(error, tries),
                SendError::Refused { .. } => {
                    refusals += 1;
                    if refusals == TRIES {
                        return Became::Dropped(error.label(), error, tries);
                    }
                    self.sending.retry.wait(refusals, rand::random())
                }
                SendError::Unsendable => return Became::Dropped(error.label(), error, tries),
            };
            if self.sending.retry.max_elapsed.is_some_and(|most| began.elapsed() + wait > most) {
                return Became::Dropped("max_elapsed_time", error, tries);
            }
            Metrics::retried(&self.component, error.label());
            let (exporter, reason, status) = (self.component.clone(), error.label(), error.status());
            Event::Retrying { exporter, reason, status, wait }.emit();
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                () = self.drain.ended() => return Became::Abandoned,
            }
        }
    }

    /// Counts what was taken; returns how many records of it the backend says it refused.
    fn delivered(&self, signal: Signal, records: u64, sent: Sent) -> u64 {
        if self.pause.open() {
            Metrics::paused(&self.component, false);
            Event::Resumed { exporter: self.component.clone() }.emit();
        }
        let Sent { rejected, warned } = sent;
        let rejected = rejected.min(records);
        Metrics::sent(&self.component, signal, records - rejected);
        if rejected > 0 {
            Metrics::rejected(&self.component, rejected);
            Event::Partial { exporter: self.component.clone(), signal, rejected }.emit();
        }
        if warned {
            Metrics::warned(&self.component);
            Event::Warned { exporter: self.component.clone(), signal }.emit();
        }
        rejected
    }

    /// The backend refuses the exporter: nobody of this exporter sends before the wait is over.
    fn denied(&self, status: u16) {
        Metrics::retried(&self.component, "denied");
        if let Some(wait) = self.pause.close(|denials| self.sending.retry.wait(denials, rand::random())) {
            Metrics::paused(&self.component, true);
            Event::Paused { exporter: self.component.clone(), status, wait }.emit();
        }
    }

    /// Counts what is given up; returns how many records that are.
    fn drop(&self, signal: Signal, records: u64, reason: &'static str, error: SendError, tries: u32) -> u64 {
        let exporter = self.component.clone();
        Metrics::send_failed(&exporter, signal, reason, records);
        Event::Dropped { exporter, signal, reason, status: error.status(), records, tries }.emit();
        records
    }
}

/// What is known of a batch beside what it holds.
#[derive(Clone, Copy)]
struct About {
    signal: Signal,
    sender: Sender,
}

impl About {
    fn of(parcel: &Parcel) -> Self {
        Self { signal: parcel.signal(), sender: parcel.sender() }
    }
}

/// What became of a batch, or of a part of one.
enum Became {
    /// The backend has it.
    Taken(Sent),
    /// It is too large for the backend, after so many tries.
    TooLarge(SendError, u32),
    /// It is given up, for this reason.
    Dropped(&'static str, SendError, u32),
    /// Nothing is waited for any more.
    Abandoned,
}

impl Pause {
    /// Waits until sending is allowed. `false` if nothing is waited for any more.
    async fn pass(&self, drain: &Drain) -> bool {
        loop {
            let until = self.lock().until;
            match until.filter(|until| *until > Instant::now()) {
                None => return !drain.is_ending(),
                Some(until) => tokio::select! {
                    () = tokio::time::sleep_until(until) => {}
                    () = drain.ended() => return false,
                },
            }
        }
    }

    /// Closes; `None` if it is closed already, by another consumer's try.
    fn close(&self, wait: impl FnOnce(u32) -> Duration) -> Option<Duration> {
        let mut state = self.lock();
        let now = Instant::now();
        if state.until.is_some_and(|until| until > now) {
            return None;
        }
        state.denials = state.denials.saturating_add(1);
        let wait = wait(state.denials);
        state.until = Some(now + wait);
        Some(wait)
    }

    /// Opens; whether it was closed before.
    fn open(&self) -> bool {
        let mut state = self.lock();
        state.denials = 0;
        state.until.take().is_some()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, PauseState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A backend's hint, within bounds, and never less than it: up to a tenth more, so that not all come back at once.
fn hinted(hint: Duration) -> Duration {
    let (least, most) = HINT;
    hint.clamp(least, most).mul_f64(1.0 + 0.1 * rand::random::<f64>())
}
