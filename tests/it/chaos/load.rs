//! Clients that write down what they do.

use crate::support::grpc;
use crate::support::http::try_send;
use crate::support::sample::logs;
use base64::Engine as _;
use prost::Message as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Not answered, or not yet.
    Nothing,
    /// It was taken.
    Taken,
    /// It is to be sent again later.
    Later,
    /// It is not to be sent again, by this status.
    Never(u16),
}

/// One record: its number, and what became of it.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    pub record: u32,
    pub heard: Heard,
}

/// What was sent, in a file on disk, and what was heard.
pub struct Journal {
    entries: Vec<Entry>,
}

impl Journal {
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Sent, acknowledged, refused for a while, without an answer.
    pub fn counts(&self) -> (usize, usize, usize, usize) {
        let count = |heard| self.entries.iter().filter(|entry| entry.heard == heard).count();
        (self.entries.len(), count(Heard::Taken), count(Heard::Later), count(Heard::Nothing))
    }

    /// Refusals that tell a client to give a sound record up.
    pub fn unretryable(&self) -> Vec<Entry> {
        self.entries.iter().filter(|entry| matches!(entry.heard, Heard::Never(_))).copied().collect()
    }
}

/// The made-up number of social security of a record: its own, and of valid form.
pub fn ssn(record: u32) -> String {
    format!("{}-{:02}-{:04}", 100 + record / 98_901 % 500, 1 + record / 999 % 99, 1 + record % 999)
}

/// The forms in which it is in the record.
pub fn canaries(record: u32) -> [String; 4] {
    let plain = ssn(record);
    let hex = format!("ssn {plain}").bytes().map(|byte| format!("{byte:02x}")).collect();
    let base64 = base64::engine::general_purpose::STANDARD.encode(format!("patient ssn {plain} of record {record:08}"));
    let escaped = format!("ssn%20{}", plain.replace('-', "%2D"));
    [plain, hex, base64, escaped]
}

/// The name by which a record is known at the other end.
pub fn id(record: u32) -> String {
    format!("record-number-{record:08}")
}

fn body(record: u32) -> Vec<u8> {
    let [plain, hex, base64, escaped] = canaries(record);
    let texts = [
        format!("{} ssn {plain}", id(record)),
        format!("blob={base64}"),
        format!("dump {hex}"),
        format!("GET /find?q={escaped}"),
        format!("{{\"ssn\": \"{plain}\"}}"),
    ];
    logs(&texts.each_ref().map(String::as_str)).encode_to_vec()
}

/// Clients at work, over both protocols in turns.
pub struct Load {
    stop: Arc<AtomicBool>,
    clients: Vec<JoinHandle<Vec<Entry>>>,
    _dir: tempfile::TempDir,
}

impl Load {
    pub fn start([http, rpc]: [SocketAddr; 2], clients: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let journal = Arc::new(Mutex::new(std::fs::File::create(dir.path().join("journal")).unwrap()));
        let (stop, next) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU32::new(0)));
        let client = |_| {
            let (stop, next, journal) = (Arc::clone(&stop), Arc::clone(&next), Arc::clone(&journal));
            std::thread::spawn(move || {
                let mut entries = Vec::new();
                while !stop.load(Ordering::Relaxed) {
                    let record = next.fetch_add(1, Ordering::Relaxed);
                    writeln!(journal.lock().unwrap(), "{record}").unwrap();
                    let body = body(record);
                    let heard = if record.is_multiple_of(4) { by_grpc(rpc, &body) } else { by_http(http, &body) };
                    if heard != Heard::Taken {
                        std::thread::sleep(Duration::from_millis(5));
                    }
                    entries.push(Entry { record, heard });
                }
                entries
            })
        };
        Self { clients: (0..clients).map(client).collect(), stop, _dir: dir }
    }

    /// Sends nothing more, waits for the last answers.
    pub fn stop(self) -> Journal {
        self.stop.store(true, Ordering::Relaxed);
        let entries = self.clients.into_iter().flat_map(|client| client.join().unwrap()).collect();
        Journal { entries }
    }
}

fn by_http(to: SocketAddr, body: &[u8]) -> Heard {
    match try_send(to, "POST", "/v1/logs", &[("content-type", "application/x-protobuf")], body) {
        None => Heard::Nothing,
        Some(answer) => match (answer.status, answer.header("retry-after")) {
            (200, _) => Heard::Taken,
            (429 | 503, Some(_)) => Heard::Later,
            (status, _) => Heard::Never(status),
        },
    }
}

fn by_grpc(to: SocketAddr, body: &[u8]) -> Heard {
    match grpc::try_call(to, grpc::method("logs"), &[], grpc::frame(0, body)) {
        None => Heard::Nothing,
        Some(called) => match called.code {
            0 => Heard::Taken,
            14 => Heard::Later,
            code => Heard::Never(u16::try_from(code).unwrap_or(u16::MAX)),
        },
    }
}
