//! What came off a transport, not looked at yet.

use super::{Route, Ticket};
use crate::codec::log_records::{Layout, Source};
use crate::net::{Encoding, Reserved};
use crate::settings::Sender;
use crate::telemetry::Transport;
use bytes::Bytes;
use processors::Format;
use processors::walk::otlp::Signal;
use std::sync::Arc;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// What the bytes are once they are inflated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FrameFormat {
    /// An OTLP export request in protobuf.
    Protobuf,
    /// An OTLP export request in JSON.
    Json,
    /// Log records as lines or JSON objects, and what is said of all of them.
    LogRecords(Layout, Source),
    /// What leaves in the format it came in, and what is known of who sent it.
    Native(Format, Sender),
}

/// What a receiver hands over.
#[derive(Debug)]
pub struct Arrival {
    /// How it came.
    pub transport: Transport,
    /// What it carries.
    pub signal: Signal,
    /// In which format.
    pub format: FrameFormat,
    /// How it is compressed.
    pub encoding: Encoding,
    /// The bytes.
    pub body: Bytes,
    /// How many bytes it may have once it is inflated.
    pub most: usize,
    /// The room that was reserved for it.
    pub reserved: Reserved,
}

/// An arrival that has a route and a ticket. Prints nothing of what it holds.
pub(super) struct Frame {
    pub(super) ticket: Ticket,
    pub(super) load: Load,
}

/// A frame without its ticket, which must outlive whatever happens to the load.
pub(super) struct Load {
    pub(super) route: Arc<Route>,
    pub(super) signal: Signal,
    pub(super) format: FrameFormat,
    pub(super) encoding: Encoding,
    pub(super) body: Bytes,
    pub(super) most: usize,
    /// Taken by the conversion, which may need more.
    pub(super) reserved: std::cell::RefCell<Reserved>,
    /// Tells the drain that this frame is still under way.
    pub(super) _under_way: TaskTrackerToken,
}

impl FrameFormat {
    /// What is known of who sent the frame.
    pub(super) fn sender(&self) -> Sender {
        match self {
            Self::Protobuf | Self::Json | Self::LogRecords(..) => Sender::Unsaid,
            Self::Native(_, sender) => *sender,
        }
    }
}

impl Frame {
    /// Parts the load from its ticket.
    pub(super) fn admit(self) -> (Ticket, Load) {
        (self.ticket, self.load)
    }
}
