//! Standard input: lines become log records.
//!
//! Nobody can be told to send again, so what finds no room is kept until there is some, and nothing more is read in the
//! meantime. At the end of the input what was read is delivered; if no other receiver is left, the process ends then.

use super::http_logs::now;
use super::{Credentials, Receiver, ReceiverKind, Serving, Start, Started};
use crate::codec::log_records::{Layout, Source};
use crate::net::Encoding;
use crate::pipeline::{Arrival, FrameFormat, Outcome, Refusal};
use crate::settings::{self, Family, Notes, schema};
use crate::telemetry::{Component, Event, Metrics, Transport};
use bytes::Bytes;
use processors::document::{Fields, Node};
use processors::walk::otlp::Signal;
use serde_json::Value;
use std::io::{self, BufRead, Read as _};
use std::time::Duration;
use tokio::sync::mpsc;

/// A batch is sent when it is this large, in bytes, unless the configuration says otherwise.
const BATCH: usize = 256 << 10;
/// Or when its first line has waited this long.
const WAIT: Duration = Duration::from_millis(200);
/// The longest line, in bytes.
const LINE: usize = 1 << 20;
/// What stands in the place of a longer one: its parts would be looked at without each other.
const TOO_LONG: &[u8] = b"[UNSCANNED]";
/// How many lines are read ahead.
const AHEAD: usize = 256;
/// How long a batch that finds no room waits, at first and at most.
const PAUSES: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(5));

/// The registry's entry.
pub(super) const KIND: ReceiverKind = ReceiverKind {
    kind: "stdin",
    family: Family::Otlp,
    about: "standard input: a log record a line, text or JSON",
    read,
    schema,
};

/// The receiver as configured.
#[derive(Clone, Debug)]
struct Stdin {
    component: Component,
    max_batch_bytes: usize,
    flush_interval: Duration,
    max_line_bytes: usize,
    /// What the resource of all records is called.
    service_name: Option<String>,
}

/// Reads `stdin: { .. }`.
fn read(component: &Component, file: &str, node: &Node, notes: &mut Notes) -> Option<Box<dyn Receiver>> {
    let mut fields = Fields::open(file, node, &mut notes.mistakes);
    let stdin = Stdin {
        component: component.clone(),
        max_batch_bytes: settings::bytes(&mut fields, "max_batch_bytes", notes).unwrap_or(BATCH),
        flush_interval: settings::duration(&mut fields, "flush_interval", notes).unwrap_or(WAIT),
        max_line_bytes: settings::bytes(&mut fields, "max_line_bytes", notes).unwrap_or(LINE),
        service_name: fields.text("service_name", &mut notes.mistakes).map(|(name, _)| name.to_owned()),
    };
    fields.finish(&mut notes.mistakes);
    Some(Box::new(stdin))
}

fn schema() -> Value {
    schema::object(
        &[],
        &[
            ("max_batch_bytes", schema::bytes()),
            ("flush_interval", schema::duration()),
            ("max_line_bytes", schema::bytes()),
            ("service_name", schema::text()),
        ],
    )
}

impl Receiver for Stdin {
    fn start(&self, start: Start) -> Started<'_> {
        Box::pin(async move {
            if !start.inlet.takes(Signal::Logs) {
                return Err(io::Error::other(format!("{} gives logs: put it into a logs pipeline", self.component)));
            }
            let (sender, lines) = mpsc::channel(AHEAD);
            let (longest, receiver) = (self.max_line_bytes, self.component.clone());
            // A thread of its own: a read that waits for a terminal cannot be called off.
            std::thread::Builder::new().name("stdin".to_owned()).spawn(move || {
                read_lines(&mut io::stdin().lock(), longest, &receiver, &sender);
            })?;
            let serving: Serving = Box::pin(self.clone().serve(start, lines));
            Ok(vec![serving])
        })
    }

    fn credentials(&self) -> Credentials {
        Credentials::default()
    }
}

/// Reads to the end, or until nobody takes lines any more.
fn read_lines(input: &mut impl BufRead, longest: usize, receiver: &Component, lines: &mpsc::Sender<Vec<u8>>) {
    loop {
        let mut line = Vec::new();
        let most = u64::try_from(longest).unwrap_or(u64::MAX).saturating_add(1);
        match (&mut *input).take(most).read_until(b'\n', &mut line) {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(_) => return,
        }
        if line.pop_if(|last| *last == b'\n').is_none() && line.len() > longest {
            Metrics::refused(receiver, Transport::Stdin, Signal::Logs, 1);
            line = TOO_LONG.to_vec();
            if input.skip_until(b'\n').is_err() {
                return;
            }
        }
        if lines.blocking_send(line).is_err() {
            return;
        }
    }
}

impl Stdin {
    async fn serve(self, start: Start, mut lines: mpsc::Receiver<Vec<u8>>) {
        loop {
            let first = tokio::select! {
                first = lines.recv() => first,
                () = start.drain.begun() => None,
            };
            let Some(first) = first else { break };
            let batch = self.gather(first, &mut lines).await;
            if self.deliver(batch, &start).await.is_err() {
                break;
            }
        }
        // What was read ahead when the collector began to stop is gone, and not silently.
        lines.close();
        let mut left = 0;
        while lines.try_recv().is_ok() {
            left += 1;
        }
        lost(left);
    }

    /// More lines, until they are enough or the first has waited long enough.
    async fn gather(&self, first: Vec<u8>, lines: &mut mpsc::Receiver<Vec<u8>>) -> Vec<u8> {
        let mut batch = first;
        let until = tokio::time::Instant::now() + self.flush_interval;
        while batch.len() < self.max_batch_bytes
            && let Ok(Some(line)) = tokio::time::timeout_at(until, lines.recv()).await
        {
            batch.push(b'\n');
            batch.extend_from_slice(&line);
        }
        batch
    }

    /// Hands a batch in until it is taken or refused for good.
    ///
    /// # Errors
    /// If the collector is about to stop.
    async fn deliver(&self, batch: Vec<u8>, start: &Start) -> Result<(), ()> {
        let body = Bytes::from(batch);
        let resource = self.service_name.iter().map(|name| ("service.name".to_owned(), name.clone())).collect();
        let source = Source { resource, observed: now() };
        let mut pause = PAUSES.0;
        loop {
            let refusal = match self.submit(&body, &source, start).await {
                Outcome::Done { .. } => return Ok(()),
                Outcome::Refused(refusal) => refusal,
            };
            if refusal == Refusal::Draining || start.drain.is_draining() {
                lost(body.split(|byte| *byte == b'\n').count());
                return Err(());
            }
            if !refusal.is_passing() {
                lost(body.split(|byte| *byte == b'\n').count());
                return Ok(());
            }
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = start.drain.begun() => {}
            }
            pause = (pause * 2).min(PAUSES.1);
        }
    }

    async fn submit(&self, body: &Bytes, source: &Source, start: &Start) -> Outcome {
        let mut reserved = start.budget.open();
        if !reserved.grow_to(body.len()) {
            return Outcome::Refused(Refusal::NoRoom);
        }
        let arrival = Arrival {
            transport: Transport::Stdin,
            signal: Signal::Logs,
            format: FrameFormat::LogRecords(Layout::Lines, source.clone()),
            encoding: Encoding::Identity,
            body: body.clone(),
            most: body.len(),
            reserved,
        };
        match start.inlet.submit(arrival) {
            Ok(waiting) => waiting.outcome().await,
            Err(refusal) => Outcome::Refused(refusal),
        }
    }
}

/// Counts lines that nobody has any more.
fn lost(lines: usize) {
    let records = lines as u64;
    if records > 0 {
        Metrics::lost(Signal::Logs, records);
        Event::Lost { signal: Signal::Logs, records }.emit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(input: &[u8], longest: usize) -> Vec<String> {
        let (sender, mut lines) = mpsc::channel(64);
        read_lines(&mut io::BufReader::new(input), longest, &Component::new("stdin"), &sender);
        drop(sender);
        std::iter::from_fn(|| lines.try_recv().ok()).map(|line| String::from_utf8(line).unwrap()).collect()
    }

    #[test]
    fn lines_are_whole_or_not_looked_at() {
        assert_eq!(lines(b"a\n\nbc", 4), ["a", "", "bc"]);
        assert_eq!(lines(b"abcd\nabcde\nf\n", 4), ["abcd", "[UNSCANNED]", "f"]);
        assert_eq!(lines(b"abcdefghijkl", 4), ["[UNSCANNED]"]);
        assert!(lines(b"", 4).is_empty());
    }
}
