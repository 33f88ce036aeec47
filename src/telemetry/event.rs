//! The collector's own log lines, all of them.

use super::Component;
use processors::walk::otlp::Signal;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;
use tracing::{error, info, warn};

/// Something worth a log line. Holds numbers, closed labels and names from the configuration, never data.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// The process began.
    Starting,
    /// The rule packs compiled.
    RulesCompiled {
        /// How many rules.
        rules: usize,
        /// How many triggers one scan looks for.
        triggers: usize,
    },
    /// No pseudonym key is configured: tokens change with every start.
    EphemeralPseudonymKey,
    /// The configuration makes less be found than the packs say, and the command line allows it.
    Weakened {
        /// In which processor.
        scrub: Component,
        /// What, in the configuration's own words.
        what: String,
    },
    /// New rules are in force.
    Reloaded {
        /// How many.
        rules: usize,
    },
    /// Others may send, or look, than before.
    CredentialsReloaded {
        /// Whose listener it is.
        component: Component,
    },
    /// The files were read again and have the same rules, and admit the same.
    ReloadUnchanged,
    /// New rules were not taken: the old ones stay.
    ReloadFailed {
        /// Every mistake, with its place.
        mistakes: Vec<String>,
    },
    /// New rules would find less: the old ones stay.
    ReloadRefused {
        /// By what.
        weaker: Vec<String>,
    },
    /// A listener is open.
    Listening {
        /// Whose.
        component: Component,
        /// Where, with the port that was really taken.
        address: SocketAddr,
        /// What it speaks.
        protocol: &'static str,
        /// Whether it speaks it in TLS.
        tls: bool,
    },
    /// A listener is open at a socket in the file system.
    ListeningUnix {
        /// Whose.
        component: Component,
    },
    /// A listener or an exporter has read its certificates again.
    CertificatesReloaded {
        /// Whose.
        component: Component,
    },
    /// A listener's or an exporter's certificates have changed and cannot be used: the old ones stay.
    CertificatesRefused {
        /// Whose.
        component: Component,
        /// Why.
        why: &'static str,
    },
    /// The keys that tokens are verified with have changed and cannot be used: the old ones stay.
    TokenKeysRefused {
        /// Whose.
        component: Component,
    },
    /// A crash would leave an image of the memory, with raw data in it: the system does not let itself be told.
    CoreDumps,
    /// Memory is short, or no longer.
    MemoryPressure {
        /// How short.
        pressure: &'static str,
        /// Resident bytes.
        resident: usize,
        /// How many there may be.
        limit: usize,
    },
    /// The collector takes data.
    Serving,
    /// The collector no longer takes data and empties its queues.
    Draining,
    /// Everything was delivered.
    Drained,
    /// The time for draining is over and something is left.
    DrainTimedOut {
        /// How many batches were not delivered.
        batches: usize,
    },
    /// A second signal: the process ends at once.
    Aborting,
    /// A connection could not be accepted. Rate limited by its cause.
    AcceptFailed {
        /// Whose listener.
        component: Component,
        /// The operating system's reason.
        kind: ErrorKind,
    },
    /// A thread panicked.
    Panicked {
        /// The source file.
        file: &'static str,
        /// The line.
        line: u32,
    },
    /// The engine failed on a batch; the client was asked to send it again.
    EngineFailed {
        /// What the batch carried.
        signal: Signal,
        /// How large it was.
        bytes: usize,
        /// How often this same payload has failed.
        failures: u32,
    },
    /// The engine failed on the same payload too often; the client was told to give it up.
    Quarantined {
        /// What the batch carried.
        signal: Signal,
        /// How large it was.
        bytes: usize,
        /// How often this same payload has failed.
        failures: u32,
    },
    /// A worker's engine could not be made; the worker tries again.
    EngineUnavailable,
    /// A client's request was let go without an answer: a bug.
    TicketDropped {
        /// What the request carried.
        signal: Signal,
    },
    /// Records that were acknowledged are gone.
    Lost {
        /// What they were.
        signal: Signal,
        /// How many.
        records: u64,
    },
    /// A delivery failed and will be tried again.
    Retrying {
        /// To whom.
        exporter: Component,
        /// Why.
        reason: &'static str,
        /// The HTTP or gRPC status, if there was one.
        status: u16,
        /// When.
        wait: Duration,
    },
    /// A backend refuses the collector itself: credentials or address are wrong. Nothing is dropped, nothing moves.
    Paused {
        /// Which exporter.
        exporter: Component,
        /// The HTTP or gRPC status.
        status: u16,
        /// When it is tried again.
        wait: Duration,
    },
    /// Deliveries succeed again.
    Resumed {
        /// Which exporter.
        exporter: Component,
    },
    /// A batch was given up.
    Dropped {
        /// By which exporter.
        exporter: Component,
        /// What it carried.
        signal: Signal,
        /// Why.
        reason: &'static str,
        /// The HTTP or gRPC status, if there was one.
        status: u16,
        /// How many records.
        records: u64,
        /// After how many tries.
        tries: u32,
    },
    /// A backend took a batch but not all of its records.
    Partial {
        /// Which exporter.
        exporter: Component,
        /// What it carried.
        signal: Signal,
        /// How many records the backend says it refused.
        rejected: u64,
    },
    /// Data points of running totals were left out, which the backend does not take.
    Cumulative {
        /// By which exporter.
        exporter: Component,
        /// How many.
        points: u64,
    },
    /// A backend took a batch whole and warned. What it said is not kept.
    Warned {
        /// Which exporter.
        exporter: Component,
        /// What it carried.
        signal: Signal,
    },
}

impl Event {
    /// Writes the log line.
    pub fn emit(self) {
        match self {
            Self::Starting => {
                info!(target: "scrubjay", event = "starting", version = env!("CARGO_PKG_VERSION"));
            }
            Self::RulesCompiled { rules, triggers } => {
                info!(target: "scrubjay", event = "rules_compiled", rules, triggers);
            }
            Self::Weakened { scrub, what } => warn!(target: "scrubjay", event = "weakened", %scrub, what),
            Self::Reloaded { rules } => info!(target: "scrubjay", event = "reloaded", rules),
            Self::CredentialsReloaded { component } => {
                info!(target: "scrubjay", event = "credentials_reloaded", %component);
            }
            Self::ReloadUnchanged => {
                let hint = "what is neither a rule nor says who may send changes with a restart";
                info!(target: "scrubjay", event = "reload_unchanged", hint);
            }
            Self::ReloadFailed { mistakes } => {
                for mistake in mistakes {
                    error!(target: "scrubjay", event = "reload_failed", mistake);
                }
            }
            Self::ReloadRefused { weaker } => {
                for what in weaker {
                    error!(target: "scrubjay", event = "reload_refused", what, hint = "--allow-weakening allows it");
                }
            }
            Self::EphemeralPseudonymKey => {
                warn!(target: "scrubjay", event = "ephemeral_pseudonym_key", "no pseudonym_key: tokens change with every start");
            }
            Self::Listening { component, address, protocol, tls } => {
                info!(target: "scrubjay", event = "listening", %component, %address, protocol, tls);
            }
            Self::ListeningUnix { component } => {
                info!(target: "scrubjay", event = "listening", %component, protocol = "unix")
            }
            Self::CertificatesReloaded { component } => {
                info!(target: "scrubjay", event = "certificates_reloaded", %component);
            }
            Self::CertificatesRefused { component, why } => {
                error!(target: "scrubjay", event = "certificates_refused", %component, why);
            }
            Self::TokenKeysRefused { component } => {
                error!(target: "scrubjay", event = "token_keys_refused", %component, hint = "the old keys stay in force");
            }
            Self::CoreDumps => warn!(target: "scrubjay", event = "core_dumps", "a crash may leave raw data on disk"),
            Self::MemoryPressure { pressure, resident, limit } => {
                warn!(target: "scrubjay", event = "memory_pressure", pressure, resident, limit);
            }
            Self::Serving => info!(target: "scrubjay", event = "serving"),
            Self::Draining => info!(target: "scrubjay", event = "draining"),
            Self::Drained => info!(target: "scrubjay", event = "drained"),
            Self::DrainTimedOut { batches } => error!(target: "scrubjay", event = "drain_timed_out", batches),
            Self::Aborting => error!(target: "scrubjay", event = "aborting"),
            Self::AcceptFailed { component, kind } => {
                warn!(target: "scrubjay", event = "accept_failed", %component, ?kind);
            }
            Self::Panicked { file, line } => error!(target: "scrubjay", event = "panicked", file, line),
            Self::EngineFailed { signal, bytes, failures } => {
                error!(target: "scrubjay", event = "engine_failed", signal = signal.name(), bytes, failures);
            }
            Self::Quarantined { signal, bytes, failures } => {
                error!(target: "scrubjay", event = "quarantined", signal = signal.name(), bytes, failures);
            }
            Self::EngineUnavailable => error!(target: "scrubjay", event = "engine_unavailable"),
            Self::TicketDropped { signal } => {
                error!(target: "scrubjay", event = "ticket_dropped", signal = signal.name());
            }
            Self::Lost { signal, records } => {
                error!(target: "scrubjay", event = "lost", signal = signal.name(), records);
            }
            Self::Retrying { .. }
            | Self::Paused { .. }
            | Self::Resumed { .. }
            | Self::Dropped { .. }
            | Self::Partial { .. }
            | Self::Cumulative { .. }
            | Self::Warned { .. } => self.emit_delivery(),
        }
    }

    fn emit_delivery(self) {
        match self {
            Self::Retrying { exporter, reason, status, wait } => {
                warn!(target: "scrubjay", event = "retrying", %exporter, reason, status, wait_seconds = wait.as_secs_f64());
            }
            Self::Paused { exporter, status, wait } => {
                error!(target: "scrubjay", event = "paused", %exporter, status, wait_seconds = wait.as_secs_f64(),
                    "the backend refuses this exporter: check its credentials and endpoint; nothing is dropped");
            }
            Self::Resumed { exporter } => info!(target: "scrubjay", event = "resumed", %exporter),
            Self::Dropped { exporter, signal, reason, status, records, tries } => {
                error!(target: "scrubjay", event = "dropped", %exporter, signal = signal.name(), reason, status, records, tries);
            }
            Self::Partial { exporter, signal, rejected } => {
                error!(target: "scrubjay", event = "partial", %exporter, signal = signal.name(), rejected);
            }
            Self::Cumulative { exporter, points } => {
                let hint = "set OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE=delta where metrics are made";
                error!(target: "scrubjay", event = "cumulative", %exporter, points, hint);
            }
            Self::Warned { exporter, signal } => {
                warn!(target: "scrubjay", event = "warned", %exporter, signal = signal.name());
            }
            Self::Starting
            | Self::RulesCompiled { .. }
            | Self::EphemeralPseudonymKey
            | Self::Weakened { .. }
            | Self::Reloaded { .. }
            | Self::CredentialsReloaded { .. }
            | Self::ReloadUnchanged
            | Self::ReloadFailed { .. }
            | Self::ReloadRefused { .. }
            | Self::Listening { .. }
            | Self::ListeningUnix { .. }
            | Self::CertificatesReloaded { .. }
            | Self::CertificatesRefused { .. }
            | Self::TokenKeysRefused { .. }
            | Self::CoreDumps
            | Self::MemoryPressure { .. }
            | Self::Serving
            | Self::Draining
            | Self::Drained
            | Self::DrainTimedOut { .. }
            | Self::Aborting
            | Self::AcceptFailed { .. }
            | Self::Panicked { .. }
            | Self::EngineFailed { .. }
            | Self::Quarantined { .. }
            | Self::EngineUnavailable
            | Self::TicketDropped { .. }
            | Self::Lost { .. } => {}
        }
    }
}
