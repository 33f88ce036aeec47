//! Where own log lines go: stderr, as text or JSON.

use tracing::Metadata;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::Layer as _;
use tracing_subscriber::filter::{FilterExt as _, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

/// How a log line is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// The least level that is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogLevel {
    /// Only what needs somebody.
    Error,
    /// Also what may need somebody.
    Warn,
    /// Also what happens in the ordinary course.
    #[default]
    Info,
}

/// Starts logging for this process. Lines of libraries are not written: they may quote what they read. A second call
/// has no effect.
pub fn start_logging(format: LogFormat, level: LogLevel) {
    let least = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
    };
    let ours = filter_fn(|metadata: &Metadata<'_>| metadata.target() == "scrubjay").and(least);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(false).with_target(false);
    let registry = tracing_subscriber::registry();
    let started = match format {
        LogFormat::Text => registry.with(lines.with_filter(ours)).try_init(),
        LogFormat::Json => registry.with(lines.json().flatten_event(true).with_filter(ours)).try_init(),
    };
    drop(started);
}
