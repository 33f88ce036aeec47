//! The threads that do the work. They are plain threads: scrubbing is all CPU, and a scanner borrows its rules.

use super::engine::Engine;
use super::failures::Failures;
use super::frame::Frame;
use super::{Inlet, Route, process};
use crate::drain::Drain;
use crate::telemetry::Component;
use crossbeam_channel::{Receiver, Sender};
use processors::RuleSet;
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
    /// Starts `count` workers, all with the same rule sets. They end with the process, or when the last inlet and
    /// these workers' handle are gone.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn start(count: NonZeroUsize, rules: Vec<Arc<RuleSet>>, drain: Drain) -> io::Result<Self> {
        let (frames, line) = crossbeam_channel::bounded(LINE);
        let shared = Arc::new((rules, Failures::default()));
        for number in 0..count.get() {
            let (line, shared) = (line.clone(), Arc::clone(&shared));
            std::thread::Builder::new().name(format!("scrub-{number}")).spawn(move || {
                let (rules, failures) = &*shared;
                work(&line, &mut Engine::new(rules, failures));
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

fn work(line: &Receiver<Frame>, engine: &mut Engine<'_>) {
    for frame in line {
        process(frame, engine);
    }
}
