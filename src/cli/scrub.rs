//! `scrubjay scrub`: standard input to standard output, through the engine.
//!
//! What the pipeline does to telemetry on its way, done to a file: to see what would leave, to clean what has been
//! collected, to test packs. A refused input leaves nothing on standard output.

use super::progress::Progress;
use super::rules::RuleArgs;
use super::{Failure, code};
use crate::codec::otlp_json;
use bytes::Bytes;
use clap::{Args, ValueEnum};
use processors::walk::otlp::Signal;
use processors::{Action, Format, Rejected, Scrubbed, Scrubber, Today};
use serde_json::value::RawValue;
use std::io::{BufRead, Read as _, Write};

/// The largest input, in bytes: what one batch may be.
const LARGEST: u64 = 1 << 30;

pub(super) const EXAMPLES: &str = "\
Examples:
  scrubjay scrub < app.log                                       text in, text out
  scrubjay scrub --format otlp-proto --signal traces < req.pb    one export request
  scrubjay scrub --jsonl < telemetry.jsonl                       a batch a line
  scrubjay scrub --set 'processors::scrub::packs=[hipaa, ./site.yaml]' < app.log
  scrubjay scrub --config collector.yaml --processor scrub/strict < app.log

A refused input exits 2 and leaves nothing on standard output.";

/// Scrub standard input to standard output.
#[derive(Args, Debug)]
pub(super) struct Scrub {
    /// Read one JSON object a line, {"id", "signal", "input"}, and write {"id", "output"}; each line is a batch of its
    /// own, and `output` is null where the input was refused. The signal is one of --signal, with an OTLP/JSON request
    /// as input, or `log-line`, with a text.
    #[arg(long, conflicts_with_all = ["format", "signal"])]
    jsonl: bool,
    /// What standard input holds.
    #[arg(long, value_enum, default_value_t = InputFormat::Text)]
    format: InputFormat,
    /// Which export request it is, for otlp-json and otlp-proto.
    #[arg(long, value_enum, default_value_t = SignalName::Logs)]
    signal: SignalName,
    #[command(flatten)]
    rules: RuleArgs,
}

/// What standard input holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum InputFormat {
    /// Text in UTF-8.
    Text,
    /// A JSON document, scrubbed as text that stays JSON.
    Json,
    /// An export request in OTLP/JSON.
    OtlpJson,
    /// An export request in protobuf.
    OtlpProto,
}

/// Which export request it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SignalName {
    /// Spans.
    Traces,
    /// Log records.
    Logs,
    /// Data points.
    Metrics,
    /// Profiles.
    Profiles,
}

impl From<SignalName> for Signal {
    fn from(name: SignalName) -> Self {
        match name {
            SignalName::Traces => Self::Traces,
            SignalName::Logs => Self::Logs,
            SignalName::Metrics => Self::Metrics,
            SignalName::Profiles => Self::Profiles,
        }
    }
}

/// Why an input was refused. Says nothing of it.
#[derive(Debug)]
pub(super) enum Refused {
    /// Standard input failed.
    Input(std::io::ErrorKind),
    /// Standard output failed.
    Output(std::io::Error),
    /// It is larger than a batch may be.
    TooLarge,
    /// It is no UTF-8 from this byte on.
    NoUtf8(usize),
    /// It is no JSON: a line and a column.
    NoJson(usize, usize),
    /// The engine refused it.
    Engine(Rejected),
    /// It is no OTLP/JSON.
    Json(otlp_json::JsonError),
    /// This line is no JSON object with these members.
    Line(usize, &'static str),
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Input(kind) => write!(f, "standard input failed: {kind}"),
            Self::Output(error) => write!(f, "standard output failed: {}", error.kind()),
            Self::TooLarge => write!(f, "the input is larger than {LARGEST} bytes: scrub it in parts"),
            Self::NoUtf8(at) => write!(f, "the input is not valid UTF-8 (byte {at})"),
            Self::NoJson(line, column) => write!(f, "the input is not valid JSON (line {line}, column {column})"),
            Self::Engine(error) => error.fmt(f),
            Self::Json(error) => error.fmt(f),
            Self::Line(number, members) => write!(f, "line {number} is not an object with {members}"),
        }
    }
}

impl From<Rejected> for Refused {
    fn from(error: Rejected) -> Self {
        Self::Engine(error)
    }
}

impl From<otlp_json::JsonError> for Refused {
    fn from(error: otlp_json::JsonError) -> Self {
        Self::Json(error)
    }
}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        if let Refused::Output(error) = &refused {
            Self::of_output(error)
        } else {
            Self::new(code::ABORTED, refused.to_string())
        }
    }
}

/// The engine at work, and what has to be said of its work in the end.
struct Session<'r> {
    scrubber: Scrubber<'r>,
    today: Today,
    /// Whether tokens have been written.
    tokens: bool,
}

impl Scrub {
    /// Runs the command.
    ///
    /// # Errors
    /// If the input is refused: nothing has been written then, but for lines before the refused one with `--jsonl`.
    pub(super) fn run(&self, input: &mut impl BufRead, output: &mut impl Write) -> Result<(), Failure> {
        let chosen = self.rules.choose()?;
        let rules = chosen.compile()?;
        let scrubber = Scrubber::new(&rules).map_err(Refused::Engine)?;
        let mut session = Session { scrubber, today: chosen.today(), tokens: false };
        let done = if self.jsonl { session.lines(input, output) } else { self.whole(&mut session, input, output) };
        chosen.warn_of_tokens(session.tokens);
        Ok(done?)
    }

    /// Scrubs standard input as one batch.
    fn whole(
        &self,
        session: &mut Session<'_>,
        input: &mut impl BufRead,
        output: &mut impl Write,
    ) -> Result<(), Refused> {
        let mut source = Vec::new();
        input.take(LARGEST + 1).read_to_end(&mut source).map_err(|error| Refused::Input(error.kind()))?;
        if source.len() as u64 > LARGEST {
            return Err(Refused::TooLarge);
        }
        let signal = Signal::from(self.signal);
        let scrubbed = match self.format {
            InputFormat::Text => session.scrub(source.into(), Format::Text)?.bytes().clone(),
            InputFormat::Json => {
                // The parser's own message would quote the input.
                let text = std::str::from_utf8(&source).map_err(|error| Refused::NoUtf8(error.valid_up_to()))?;
                serde_json::from_str::<serde::de::IgnoredAny>(text)
                    .map_err(|error| Refused::NoJson(error.line(), error.column()))?;
                session.scrub(source.into(), Format::Text)?.bytes().clone()
            }
            InputFormat::OtlpJson => session.scrub_json(signal, &mut source)?.into(),
            InputFormat::OtlpProto => session.scrub(source.into(), Format::Otlp(signal))?.bytes().clone(),
        };
        output.write_all(&scrubbed).and_then(|()| output.flush()).map_err(Refused::Output)
    }
}

impl Session<'_> {
    fn scrub(&mut self, source: Bytes, format: Format) -> Result<Scrubbed, Refused> {
        let scrubbed = self.scrubber.scrub(&source, format, self.today)?;
        self.tokens |= scrubbed.report().findings.keys().any(|(.., action)| *action == Action::Token);
        Ok(scrubbed)
    }

    fn scrub_json(&mut self, signal: Signal, json: &mut [u8]) -> Result<String, Refused> {
        let converted = otlp_json::to_protobuf(signal, json)?;
        let scrubbed = self.scrub(converted.protobuf.into(), Format::Otlp(signal))?;
        Ok(otlp_json::from_protobuf(signal, scrubbed.bytes())?)
    }

    /// Scrubs each line as a batch of its own.
    fn lines(&mut self, input: &mut impl BufRead, output: &mut impl Write) -> Result<(), Refused> {
        each_line(input, |number, text| {
            let wrong = || Refused::Line(number, "id, signal and input");
            // The parser's own message would quote the line.
            let line: Line<'_> = serde_json::from_slice(text).map_err(|_| wrong())?;
            let scrubbed = self.line(&line).ok_or_else(wrong)?.unwrap_or_else(|_| "null".to_owned());
            writeln!(output, "{{\"id\":{},\"output\":{scrubbed}}}", line.id.get()).map_err(Refused::Output)
        })?;
        output.flush().map_err(Refused::Output)
    }

    /// Scrubs one line's input; `None` if it is not what its signal says.
    fn line(&mut self, line: &Line<'_>) -> Option<Result<String, Refused>> {
        if line.signal == "log-line" {
            let text: String = serde_json::from_str(line.input.get()).ok()?;
            let scrubbed = match self.scrub(Bytes::from(text), Format::Text) {
                Ok(scrubbed) => scrubbed,
                Err(error) => return Some(Err(error)),
            };
            let text = String::from_utf8_lossy(scrubbed.bytes());
            return serde_json::to_string(&text).ok().map(Ok);
        }
        let signal = Signal::ALL.into_iter().find(|signal| signal.name() == line.signal)?;
        let mut json = line.input.get().as_bytes().to_vec();
        Some(self.scrub_json(signal, &mut json))
    }
}

/// Reads lines, numbered from one, and passes over those that are blank; tells how far it is while a person waits.
pub(super) fn each_line(
    input: &mut impl BufRead,
    mut take: impl FnMut(usize, &[u8]) -> Result<(), Refused>,
) -> Result<(), Refused> {
    let mut text = Vec::new();
    let mut progress = Progress::new();
    for number in 1.. {
        text.clear();
        let mut line = input.take(LARGEST + 1);
        if line.read_until(b'\n', &mut text).map_err(|error| Refused::Input(error.kind()))? == 0 {
            break;
        }
        if text.len() as u64 > LARGEST {
            return Err(Refused::TooLarge);
        }
        if text.trim_ascii().is_empty() {
            continue;
        }
        progress.tell(|| format!("line {number}"));
        take(number, &text)?;
    }
    Ok(())
}

/// A line of `--jsonl`. The id comes back as it was.
#[derive(serde::Deserialize)]
struct Line<'l> {
    #[serde(borrow)]
    id: &'l RawValue,
    signal: String,
    #[serde(borrow)]
    input: &'l RawValue,
}
