//! `scrubjay demo`: the collector between an application that says too much and a backend that should not hear it.
//!
//! All three are real: the collector is what `run` runs, the application sends over gRPC and HTTP, the backend receives
//! what the exporter sends. What is shown as received is what the backend received.

mod records;
mod send;
mod show;
mod sink;
mod table;

use super::{Failure, code, say};
use crate::app::{self, End, StartError};
use crate::cli::people::Person;
use crate::codec::otlp_json;
use crate::config::{Config, Origin};
use crate::drain::Drain;
use crate::telemetry::{quiet_panics, start_logging};
use anstream::AutoStream;
use clap::Args;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use records::Record;
use send::{Batch, NotTaken, Sender};
use sink::{Arrived, Sink};
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::{Duration, Instant};
use table::{ROWS, fill};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::mpsc;

/// How long the backend waits for the next request.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many applications send at once over each protocol.
const SENDERS: usize = 2;
/// How often ports are looked for: somebody else may take one in between.
const TRIES: usize = 5;

pub(super) const EXAMPLES: &str = "\
Examples:
  scrubjay demo                                         before and after, then it waits for your own telemetry
  scrubjay demo --once                                  before and after, then it ends: 0 if nothing came through
  scrubjay demo --once --people 5000                    how fast it is
  scrubjay demo --once --set 'processors::scrub::packs=[hipaa, ./site.yaml]'

All people are made up, other ones every time. Colours go to terminals only, and not where NO_COLOR is set.";

/// Show on made-up telemetry what arrives at a backend, then scrub the user's own.
#[derive(Args, Debug)]
pub(super) struct Demo {
    /// End when the made-up telemetry has arrived.
    #[arg(long)]
    once: bool,
    /// How many made-up people there are telemetry of; some forty records each.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    people: u32,
    /// Make up the same people again.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// A single value of the configuration, as for `run`.
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<String>,
}

/// One record: what was planted, and what came of it.
#[derive(Debug)]
struct Trial {
    sent: Record,
    /// Names and values.
    planted: Vec<(String, String)>,
    received: Option<Record>,
    /// Those of the planted that came through.
    leaked: Vec<(String, String)>,
}

/// All of them.
#[derive(Debug)]
struct Run {
    trials: Vec<Trial>,
    /// What the first record's id is; the others follow.
    first: u64,
    bytes: usize,
    took: Duration,
}

/// Where the collector listens.
#[derive(Clone, Copy, Debug)]
struct Ports {
    grpc: u16,
    http: u16,
    metrics: u16,
    health: u16,
}

impl Demo {
    /// Runs the command.
    ///
    /// # Errors
    /// If the collector does not start, something did not arrive, or something came through.
    pub(super) fn run(&self) -> Result<(), Failure> {
        quiet_panics();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        let runtime = runtime.map_err(|error| refused(format!("no runtime: {}", error.kind())))?;
        let done = runtime.block_on(self.play());
        runtime.shutdown_background();
        done
    }

    async fn play(&self) -> Result<(), Failure> {
        let behind = Drain::default();
        let mut sink = Sink::start(behind.clone()).await.map_err(|error| refused(error.to_string()))?;
        let mut tried = 1;
        let done = loop {
            match self.collect(&mut sink).await? {
                // Somebody else took a port between the look and the start.
                (_, Err(StartError::System(error))) if error.kind() == io::ErrorKind::AddrInUse && tried < TRIES => {
                    tried += 1;
                }
                (shown, ended) => break finish(shown, ended),
            }
        };
        behind.end();
        done
    }

    /// Runs a collector until it ends: what came of the demo, and of the collector.
    async fn collect(&self, sink: &mut Sink) -> Result<(Result<(), Failure>, Result<End, StartError>), Failure> {
        let ports = Ports::find().map_err(|error| refused(format!("no port on loopback: {}", error.kind())))?;
        let config = self.config(ports, sink.address)?;
        start_logging(config.service.log_format, config.service.log_level);
        let drain = Drain::default();
        let collector = tokio::spawn(app::run(config, drain.clone()));
        let shown = tokio::select! {
            () = drain.served() => self.show(ports, sink, &drain).await,
            // It does not get so far.
            () = collector_ended(&collector) => Ok(()),
        };
        let ended = collector.await.map_err(|_| refused("the collector failed"))?;
        // Where it did not start, some of its listeners did.
        drain.end();
        Ok((shown, ended))
    }

    /// What `run` runs, on these ports, with the demo's backend behind it.
    fn config(&self, ports: Ports, backend: SocketAddr) -> Result<Config, Failure> {
        let Ports { grpc, http, metrics, health } = ports;
        let mut sets = vec![
            format!("receivers::otlp::protocols::grpc::endpoint=127.0.0.1:{grpc}"),
            format!("receivers::otlp::protocols::http::endpoint=127.0.0.1:{http}"),
            format!("exporters::otlp_http::endpoint=http://{backend}"),
            format!("service::telemetry::metrics::endpoint=127.0.0.1:{metrics}"),
            format!("extensions::health_check::endpoint=127.0.0.1:{health}"),
            "service::extensions=[health_check]".to_owned(),
            "service::telemetry::logs::level=warn".to_owned(),
            // Tokens that nobody can make again.
            format!("processors::scrub::pseudonym_key='{:032x}'", rand::random::<u128>()),
        ];
        // Profiles have no place in the table: they go where `run` puts them, to standard output.
        sets.extend(["traces", "logs", "metrics"].map(|id| format!("service::pipelines::{id}::exporters=[otlp_http]")));
        sets.extend(self.set.iter().cloned());
        let reading = Config::read(&Origin { files: Vec::new(), sets, weakening: false });
        say(reading.warnings.iter().map(|line| format!("warning: {line}")));
        reading.config.ok_or_else(|| {
            say(reading.mistakes.iter().map(|line| format!("error: {line}")));
            Failure::told(code::REFUSED)
        })
    }

    /// Sends, looks at what arrived, and shows it; then waits for telemetry of the user's own, or stops the collector.
    async fn show(&self, ports: Ports, sink: &mut Sink, drain: &Drain) -> Result<(), Failure> {
        let done = tokio::select! {
            done = self.try_out(ports, &mut sink.arrived) => done,
            () = drain.ended() => Err(Failure::told(code::ABORTED)),
        };
        if self.once || done.is_err() {
            drain.begin();
            return done;
        }
        invite(ports).map_err(|error| Failure::of_output(&error))?;
        // The collector ends by Ctrl-C, or when nobody reads any more.
        let unread = serve(&mut sink.arrived, drain).await;
        drain.begin();
        unread.map_err(|error| Failure::of_output(&error))
    }

    async fn try_out(&self, ports: Ports, arrived: &mut mpsc::UnboundedReceiver<Arrived>) -> Result<(), Failure> {
        let mut run = Run::new(self.people, self.seed.unwrap_or_else(rand::random));
        let began = Instant::now();
        let senders = run.send(ports).await.map_err(|NotTaken| refused("the collector takes no connection"))?;
        run.receive(arrived).await;
        run.took = began.elapsed();
        let mut taken = true;
        for sender in senders {
            taken &= matches!(sender.await, Ok(Ok(())));
        }
        let page = page(ports.metrics).await.map_err(|error| refused(format!("no metrics: {}", error.kind())))?;
        let mut out = AutoStream::auto(io::stdout()).lock();
        show::rows(&run, &mut out)
            .and_then(|()| show::counts(&run, &page, &mut out))
            .and_then(|()| out.flush())
            .map_err(|error| Failure::of_output(&error))?;
        if run.leaks() > 0 {
            return Err(refused("planted values came through"));
        }
        if !taken || run.missing() > 0 {
            return Err(refused("not every record was taken and arrived"));
        }
        Ok(())
    }
}

impl Run {
    /// Makes up people, and a record for each of them and each row.
    fn new(people: u32, seed: u64) -> Self {
        let mut random = StdRng::seed_from_u64(seed);
        // Large enough to be nobody else's, small enough for the value of a metric.
        let first = random.random_range(1u64 << 40..1 << 61);
        let mut trials = Vec::new();
        for _ in 0..people {
            let person = Person::new(&mut random);
            for row in ROWS {
                let (text, planted) = fill(row, |name| person.field(name).map(str::to_owned));
                let id = first + trials.len() as u64;
                let sent = Record::new(row, &text, id);
                trials.push(Trial { sent, planted, received: None, leaked: Vec::new() });
            }
        }
        Self { trials, first, bytes: 0, took: Duration::ZERO }
    }

    /// Starts the senders, half of them over gRPC; each sends its share of the people.
    async fn send(&mut self, ports: Ports) -> Result<Vec<tokio::task::JoinHandle<Result<(), NotTaken>>>, NotTaken> {
        let mut shares: Vec<Vec<Batch>> = vec![Vec::new(); 2 * SENDERS];
        let count = shares.len();
        for (number, trials) in self.trials.chunks(ROWS.len()).enumerate() {
            let batch = Batch::of(trials.iter().map(|trial| trial.sent.clone()));
            self.bytes += batch.size();
            if let Some(share) = shares.get_mut(number % count) {
                share.push(batch);
            }
        }
        let mut senders = Vec::new();
        for (number, share) in shares.into_iter().enumerate() {
            let mut sender = if number % 2 == 0 {
                Sender::grpc(loopback(ports.grpc)).await?
            } else {
                Sender::http(loopback(ports.http))?
            };
            senders.push(tokio::spawn(async move {
                for batch in share {
                    sender.send(batch).await?;
                }
                Ok(())
            }));
        }
        Ok(senders)
    }

    /// Takes in what arrives until all of it is there, or nothing more comes.
    async fn receive(&mut self, arrived: &mut mpsc::UnboundedReceiver<Arrived>) {
        let mut left = self.trials.len();
        while left > 0
            && let Ok(Some(arrived)) = tokio::time::timeout(PATIENCE, arrived.recv()).await
        {
            for record in Record::decode(arrived.signal, &arrived.body) {
                left -= usize::from(self.judge(record));
            }
        }
    }

    /// Holds a record against what was planted in it; whether it is one that was waited for.
    fn judge(&mut self, record: Record) -> bool {
        let number = record.id().and_then(|id| usize::try_from(id.checked_sub(self.first)?).ok());
        let Some((number, trial)) = number.and_then(|number| Some((number, self.trials.get_mut(number)?))) else {
            return false;
        };
        let shown = ROWS.get(number % ROWS.len()).and_then(|row| record.shown(row.place)).unwrap_or_default();
        let seen = seen(&record.bytes(), &shown);
        let came = |(_, value): &&(String, String)| seen.contains(&value.to_lowercase());
        let leaked: Vec<_> = trial.planted.iter().filter(came).cloned().collect();
        trial.leaked.extend(leaked);
        trial.received.replace(record).is_none()
    }

    fn leaks(&self) -> usize {
        self.trials.iter().map(|trial| trial.leaked.len()).sum()
    }

    fn missing(&self) -> usize {
        self.trials.iter().filter(|trial| trial.received.is_none()).count()
    }
}

/// All that a reader could make out of a record: its bytes, what stands in its place, both without percent-encoding, and
/// what their long words are in base64. In lower case.
fn seen(bytes: &[u8], shown: &str) -> String {
    use base64::Engine as _;
    use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
    let config = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let alphabets = [base64::alphabet::STANDARD, base64::alphabet::URL_SAFE];
    let mut seen = format!("{}\n{shown}", String::from_utf8_lossy(bytes));
    let words: Vec<Vec<u8>> = seen
        .split(|char: char| !(char.is_ascii_alphanumeric() || "+/-_=".contains(char)))
        .filter(|word| word.len() >= 8)
        .flat_map(|word| {
            let decode = move |alphabet| GeneralPurpose::new(alphabet, config).decode(word).ok();
            alphabets.iter().filter_map(decode)
        })
        .collect();
    for word in words {
        seen.push('\n');
        seen.push_str(&String::from_utf8_lossy(&word));
    }
    let decoded: Vec<u8> = percent_decoded(seen.as_bytes());
    seen.push('\n');
    seen.push_str(&String::from_utf8_lossy(&decoded));
    seen.to_lowercase()
}

fn percent_decoded(mut text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    while let Some((first, rest)) = text.split_first() {
        let code = rest.get(..2).filter(|_| *first == b'%').and_then(|code| std::str::from_utf8(code).ok());
        match code.and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                text = rest.get(2..).unwrap_or_default();
            }
            None => {
                out.push(*first);
                text = rest;
            }
        }
    }
    out
}

impl Ports {
    /// The usual ones where they are free, others where they are not. All are held until all are found, so that no two
    /// are the same.
    fn find() -> io::Result<Self> {
        let open = |port| TcpListener::bind(loopback(port)).or_else(|_| TcpListener::bind(loopback(0)));
        let held = [open(4317)?, open(4318)?, open(8888)?, open(13133)?];
        let [grpc, http, metrics, health] = held.each_ref().map(|held| held.local_addr().map(|address| address.port()));
        Ok(Self { grpc: grpc?, http: http?, metrics: metrics?, health: health? })
    }
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}

fn refused(text: impl Into<String>) -> Failure {
    Failure::new(code::REFUSED, text)
}

/// What came of it all.
fn finish(shown: Result<(), Failure>, ended: Result<End, StartError>) -> Result<(), Failure> {
    match ended {
        Ok(End::Drained) => shown,
        Ok(End::Late | End::Aborted) => Err(Failure::told(code::ABORTED)),
        Err(StartError::Rules(mistakes)) => {
            say(mistakes.sorted().iter().map(|mistake| format!("error: {mistake}")));
            Err(Failure::told(code::REFUSED))
        }
        Err(StartError::System(error)) => Err(refused(format!("cannot start: {error}"))),
    }
}

async fn collector_ended<T>(collector: &tokio::task::JoinHandle<T>) {
    while !collector.is_finished() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The collector's page of metrics.
async fn page(port: u16) -> io::Result<String> {
    let mut stream = TcpStream::connect(loopback(port)).await?;
    stream.write_all(b"GET /metrics HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await?;
    let mut page = String::new();
    tokio::time::timeout(PATIENCE, stream.read_to_string(&mut page)).await??;
    Ok(page)
}

/// Says how to send something.
fn invite(ports: Ports) -> io::Result<()> {
    let Ports { grpc, http, metrics, health: _ } = ports;
    let mut out = io::stdout().lock();
    write!(
        out,
        "\nNow your own: an application with an OpenTelemetry SDK sends here with\n\
         \x20 export OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:{http}\n\
         \x20 export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf\n\
         \x20 export OTEL_SERVICE_NAME=my-app\n\
         gRPC: http://127.0.0.1:{grpc}   Metrics: http://127.0.0.1:{metrics}/metrics   Stop: Ctrl-C\n\
         What is left of each request follows, a line of OTLP/JSON each.\n"
    )?;
    out.flush()
}

/// Writes what arrives, until the collector is about to stop and then what is still on its way.
async fn serve(arrived: &mut mpsc::UnboundedReceiver<Arrived>, drain: &Drain) -> io::Result<()> {
    loop {
        let next = tokio::select! {
            next = arrived.recv() => next,
            () = drain.ended() => arrived.try_recv().ok(),
        };
        let Some(Arrived { signal, body }) = next else { return Ok(()) };
        if let Ok(line) = otlp_json::from_protobuf(signal, &body) {
            let mut out = io::stdout().lock();
            writeln!(out, "{line}").and_then(|()| out.flush())?;
        }
    }
}
