//! The threads that do the work. They are plain threads: scrubbing is all CPU, and a scanner borrows its rules.

use super::engine::Engine;
use super::failures::Failures;
use super::frame::Frame;
use super::{Inlet, Route, Rules, process};
use crate::drain::Drain;
use crate::telemetry::Component;
use crossbeam_channel::{Receiver, Sender};
use processors::Most;
use processors::walk::otlp::Signal;
use std::io;
use std::num::NonZeroUsize;
use std::sync::Arc;
use tokio_util::task::TaskTracker;

/// How many frames may wait for a worker; the bytes they may have are bounded elsewhere.
const LINE: usize = 4096;

/// The workers of a process, and the line in front of them.
#[derive(Debug)]
pub struct Workers {
    frames: Sender<Frame>,
    under_way: TaskTracker,
    drain: Drain,
}

impl Workers {
    /// Starts `count` workers, all with the same rules, that refuse batches that hold more than `most`. They end with the process, or
    /// when the last inlet and these workers' handle are gone.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn start(count: NonZeroUsize, rules: &Rules, most: Most, drain: Drain) -> io::Result<Self> {
        let (frames, line) = crossbeam_channel::bounded(LINE);
        let failures = Arc::new(Failures::default());
        for number in 0..count.get() {
            let (line, rules, failures) = (line.clone(), rules.clone(), Arc::clone(&failures));
            std::thread::Builder::new().name(format!("scrub-{number}")).spawn(move || {
                work(&line, &rules, most, &failures);
            })?;
        }
        Ok(Self { frames, under_way: TaskTracker::new(), drain })
    }

    /// An inlet for a receiver.
    #[must_use]
    pub fn inlet(&self, receiver: Component, routes: Vec<(Signal, Arc<Route>)>) -> Inlet {
        Inlet::new(receiver, routes, self.frames.clone(), self.under_way.clone(), self.drain.clone())
    }

    /// Waits until no frame is on its way to a queue. To be called when nothing new is taken.
    pub async fn idle(&self) {
        self.under_way.close();
        self.under_way.wait().await;
    }
}

/// Scrubs frame after frame; between two, takes new rules if there are any.
fn work(line: &Receiver<Frame>, rules: &Rules, most: Most, failures: &Failures) {
    let mut next = None;
    loop {
        let (generation, sets) = rules.now();
        let mut engine = Engine::new(&sets, most, failures);
        loop {
            let Some(frame) = next.take().or_else(|| line.recv().ok()) else { return };
            if rules.generation() != generation {
                next = Some(frame);
                break;
            }
            process(frame, &mut engine);
        }
    }
}
