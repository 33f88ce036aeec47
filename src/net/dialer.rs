//! What a client believes and shows while it runs: read again when a file changes.

use super::client::{Connector, connector};
use super::stamps::{Stamp, stamps};
use super::tls::{TlsError, chain_ends};
use crate::settings::{ClientTls, Endpoint};
use crate::telemetry::{Component, Event, Metrics};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::time::Instant;

/// How often files are looked at, at most. A change counts when it has stood for one look, so that no file is read half written.
const LOOK: Duration = Duration::from_millis(500);

/// Opens connections to one endpoint with the certificates that are in force. All clones are one.
#[derive(Clone, Debug)]
pub struct Dialer {
    how: Arc<How>,
    state: Arc<Mutex<State>>,
    /// Whose it is, if its files are looked at.
    component: Option<Component>,
}

#[derive(Debug)]
struct How {
    endpoint: Endpoint,
    tls: ClientTls,
    within: Duration,
    only_http2: bool,
    files: Vec<PathBuf>,
}

#[derive(Debug)]
struct State {
    /// Counts up with each change, so that connections of before are told from those of now.
    number: u64,
    connector: Connector,
    /// The files that were read.
    used: Vec<Stamp>,
    looked: Option<Instant>,
}

impl Dialer {
    /// Reads the certificates for the first time; nothing is connected yet. A connection may take as long as `within` to open.
    ///
    /// # Errors
    /// If the endpoint is encrypted and a file cannot be read.
    pub fn new(endpoint: &Endpoint, tls: &ClientTls, within: Duration, only_http2: bool) -> Result<Self, TlsError> {
        let files: Vec<PathBuf> =
            if endpoint.is_tls() { tls.files().map(ToOwned::to_owned).collect() } else { Vec::new() };
        let used = stamps(&files);
        let connector = connector(endpoint, tls, within, only_http2)?;
        let how = Arc::new(How { endpoint: endpoint.clone(), tls: tls.clone(), within, only_http2, files });
        let state = Arc::new(Mutex::new(State { number: 0, connector, used, looked: None }));
        Ok(Self { how, state, component: None })
    }

    /// From now on its files are looked at, and what comes of a change is told in this name.
    #[must_use]
    pub fn watching(mut self, component: &Component) -> Self {
        self.component = Some(component.clone());
        self
    }

    /// What opens connections now, and its number. Looks at the files first, if nobody did a moment ago; if one has changed, waits
    /// until it has stood for a look: whoever comes after hours must not be met with what was taken out of force meanwhile. A
    /// few system calls, and once for each change the time of a look.
    pub async fn now(&self) -> (u64, Connector) {
        if let Some(component) = self.component.as_ref().filter(|_| !self.how.files.is_empty())
            && let Some(changed) = self.look(component)
        {
            tokio::time::sleep(LOOK).await;
            self.settle(component, &changed).await;
        }
        let state = self.lock();
        (state.number, state.connector.clone())
    }

    /// The stamps of the files, if they are others than those that were read.
    fn look(&self, component: &Component) -> Option<Vec<Stamp>> {
        let mut state = self.lock();
        match state.looked {
            Some(looked) if looked.elapsed() < LOOK => return None,
            Some(_) => {}
            None => self.show(component),
        }
        state.looked = Some(Instant::now());
        Some(stamps(&self.how.files)).filter(|now| *now != state.used)
    }

    /// Reads the files if they still are as they were a look ago. What cannot be used leaves the old ones in force, loudly: together,
    /// so that a key never stands beside a certificate that is not its own.
    async fn settle(&self, component: &Component, changed: &[Stamp]) {
        {
            let mut state = self.lock();
            let now = stamps(&self.how.files);
            if now != changed || now == state.used {
                return;
            }
            state.used = now;
        }
        let (own, component) = (self.clone(), component.clone());
        // It goes on to its end also if nobody waits for it any more.
        let read = tokio::task::spawn_blocking(move || {
            let How { endpoint, tls, within, only_http2, files: _ } = &*own.how;
            match connector(endpoint, tls, *within, *only_http2) {
                Ok(connector) => {
                    let mut state = own.lock();
                    state.number += 1;
                    state.connector = connector;
                    drop(state);
                    own.show(&component);
                    Metrics::certificates_of_exporter(&component, "ok");
                    Event::CertificatesReloaded { component }.emit();
                }
                Err(error) => {
                    Metrics::certificates_of_exporter(&component, "failed");
                    Event::CertificatesRefused { component, why: error.text() }.emit();
                }
            }
        });
        let _panicked = read.await;
    }

    /// Shows until when what is shown is valid.
    fn show(&self, component: &Component) {
        if let Some(until) = self.how.tls.identity.as_ref().and_then(|(certificate, _)| chain_ends(certificate)) {
            Metrics::certificate_of_exporter_ends(component, until);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
