//! Who a log line or a metric is about.

use std::sync::Arc;

/// The id of a configured component, `type` or `type/name`: chosen by the operator, never by a client.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Component {
    id: Arc<str>,
}

impl Component {
    /// Takes an id from the configuration.
    #[must_use]
    pub fn new(id: &str) -> Self {
        Self { id: id.into() }
    }

    /// The id as it was written.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The part in front of the slash.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.id.split('/').next().unwrap_or(&self.id)
    }
}

impl std::fmt::Display for Component {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.id)
    }
}

/// How an exporter is doing: numbers for its operator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExporterState {
    /// Which exporter.
    pub exporter: Component,
    /// Bytes in its queue, those being sent included.
    pub bytes: usize,
    /// Bytes its queue can hold.
    pub capacity: usize,
    /// Batches in its queue, those being sent included.
    pub batches: usize,
    /// Whether it stands still because the backend refuses it.
    pub paused: bool,
    /// How many batches it may send at once now.
    pub concurrency: usize,
}

/// How data came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// gRPC.
    Grpc,
    /// HTTP.
    Http,
    /// Standard input.
    Stdin,
}

impl Transport {
    /// The metric label.
    #[must_use]
    pub fn label(self) -> &'static str {
        match self {
            Self::Grpc => "grpc",
            Self::Http => "http",
            Self::Stdin => "stdin",
        }
    }
}
