//! How an exporter is fed: the keys that every exporter's section has.

use crate::settings::{self, Notes, Retry, not_followed, schema};
use processors::document::{Fields, Node};
use serde_json::Value;
use std::time::Duration;

/// How many bytes a queue holds unless the configuration says otherwise.
const QUEUE_BYTES: usize = 64 << 20;
/// How many batches are sent at once unless the configuration says otherwise.
const CONSUMERS: usize = 10;

/// What the OpenTelemetry Collector's queues know and these do otherwise.
const NOT_FOLLOWED: [(&str, &str); 4] = [
    ("block_on_overflow", "a full queue answers clients with a retryable error"),
    ("wait_for_result", "`ack: delivered` of the scrub processor does this"),
    ("storage", "queues are in memory: a crash loses what they hold, unless `ack: delivered`"),
    ("blocking", "a full queue answers clients with a retryable error"),
];

/// How an exporter is fed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sending {
    /// How many bytes its queue holds.
    pub queue_bytes: usize,
    /// How many batches are sent at once.
    pub consumers: usize,
    /// When a failed delivery is tried again.
    pub retry: Retry,
    /// How batches are joined to larger requests, if they are.
    pub batch: Option<Batch>,
}

/// How batches that wait are joined to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// A request of so many bytes does not wait for more.
    pub min_bytes: usize,
    /// No request grows beyond so many bytes by joining.
    pub max_bytes: usize,
    /// How long the first of a request waits for others.
    pub flush_timeout: Duration,
}

impl Default for Batch {
    fn default() -> Self {
        Self { min_bytes: 1 << 20, max_bytes: 4 << 20, flush_timeout: Duration::from_millis(200) }
    }
}

impl Batch {
    /// Takes `sending_queue::batch`. Sizes are bytes; those in records or requests are not followed.
    fn read(file: &str, node: &Node, notes: &mut Notes) -> Self {
        let mut fields = Fields::open(file, node, &mut notes.mistakes);
        let mut batch = Self::default();
        if let Some(timeout) = settings::duration(&mut fields, "flush_timeout", notes) {
            batch.flush_timeout = timeout;
        }
        if fields.text("sizer", &mut notes.mistakes).is_none_or(|(sizer, _)| sizer == "bytes") {
            if let Some(bytes) = settings::bytes(&mut fields, "min_size", notes) {
                batch.min_bytes = bytes;
            }
            batch.max_bytes =
                settings::bytes(&mut fields, "max_size", notes).unwrap_or(batch.max_bytes.max(batch.min_bytes));
        } else {
            for key in ["min_size", "max_size"] {
                if let Some(node) = fields.take(key) {
                    notes.warn(
                        file,
                        node.at,
                        format!("`{key}` is not followed: requests are joined by bytes (`sizer: bytes`)"),
                    );
                }
            }
        }
        if batch.min_bytes > batch.max_bytes {
            notes.mistake(file, node.at, "`min_size` is larger than `max_size`");
        }
        fields.finish(&mut notes.mistakes);
        batch
    }
}

impl Default for Sending {
    fn default() -> Self {
        Self { queue_bytes: QUEUE_BYTES, consumers: CONSUMERS, retry: Retry::default(), batch: None }
    }
}

impl Sending {
    /// The keys that [`Sending::read`] takes, and what they hold.
    #[must_use]
    pub fn schema() -> [(&'static str, Value); 2] {
        let batch = [
            ("flush_timeout", schema::duration()),
            ("sizer", schema::text()),
            ("min_size", schema::bytes()),
            ("max_size", schema::bytes()),
        ];
        let mut queue = vec![
            ("enabled", schema::boolean()),
            ("max_bytes", schema::bytes()),
            ("num_consumers", schema::integer(1, 1000)),
            ("sizer", schema::text()),
            ("queue_size", schema::bytes()),
            ("batch", schema::object(&[], &batch)),
        ];
        queue.extend(NOT_FOLLOWED.map(|(key, _)| (key, schema::not_followed())));
        [("sending_queue", schema::object(&[], &queue)), ("retry_on_failure", Retry::schema())]
    }

    /// Takes `sending_queue` and `retry_on_failure` as the OpenTelemetry Collector writes them.
    pub fn read(fields: &mut Fields<'_>, notes: &mut Notes) -> Self {
        let mut sending = Self::default();
        let file = fields.file();
        if let Some(node) = fields.take("retry_on_failure") {
            sending.retry = Retry::read(file, node, notes);
        }
        if let Some(node) = fields.take("sending_queue") {
            sending.read_queue(file, node, notes);
        }
        sending
    }

    fn read_queue(&mut self, file: &str, node: &Node, notes: &mut Notes) {
        let mut fields = Fields::open(file, node, &mut notes.mistakes);
        if fields.boolean("enabled", &mut notes.mistakes) == Some(false) {
            notes.warn(file, node.at, "`enabled: false` is not followed: there is always a queue; `ack: delivered` makes clients wait for the backend");
        }
        if let Some(bytes) = settings::bytes(&mut fields, "max_bytes", notes) {
            self.queue_bytes = bytes;
        }
        if let Some(consumers) = settings::number(&mut fields, "num_consumers", 1..=1000, notes) {
            self.consumers = consumers;
        }
        let sizer = fields.text("sizer", &mut notes.mistakes);
        let by_bytes = sizer.is_some_and(|(sizer, _)| sizer == "bytes");
        if by_bytes {
            if let Some(bytes) = settings::bytes(&mut fields, "queue_size", notes) {
                self.queue_bytes = bytes;
            }
        } else if let Some(node) = fields.take("queue_size") {
            notes.warn(
                file,
                node.at,
                format!(
                    "`queue_size` is not followed: queues are bounded by bytes; `max_bytes` is {}",
                    self.queue_bytes
                ),
            );
        }
        self.batch = fields.take("batch").map(|node| Batch::read(file, node, notes));
        not_followed(&mut fields, &NOT_FOLLOWED, notes);
        fields.finish(&mut notes.mistakes);
    }
}
