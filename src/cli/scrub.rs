//! `scrubjay scrub`: standard input to standard output, through the engine.
//!
//! What the pipeline does to telemetry on its way, done to a file: to see what would leave, to clean what has been
//! collected, to test packs. A refused input leaves nothing on standard output.

use crate::codec::otlp_json;
use bytes::Bytes;
use clap::{Args, ValueEnum};
use processors::walk::otlp::Signal;
use processors::{Format, Rejected, RuleSet, Scrubber, Today};
use serde_json::value::RawValue;
use std::io::{BufRead, Write};

/// Scrub standard input to standard output.
#[derive(Args, Debug)]
pub struct Scrub {
    /// Read one JSON object a line, {"id", "signal", "input"}, and write {"id", "output"}; each line is a batch of its
    /// own, and `output` is null where the input was refused.
    #[arg(long, conflicts_with_all = ["format", "signal"])]
    jsonl: bool,
    /// What standard input holds.
    #[arg(long, value_enum, default_value_t = InputFormat::Text)]
    format: InputFormat,
    /// Which export request it is, for otlp-json and otlp-proto.
    #[arg(long, value_enum, default_value_t = SignalName::Logs)]
    signal: SignalName,
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
enum SignalName {
    Traces,
    Logs,
    Metrics,
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
pub enum Refused {
    /// Standard input or output failed.
    Io(std::io::Error),
    /// The engine refused it.
    Engine(Rejected),
    /// It is no OTLP/JSON.
    Json(otlp_json::JsonError),
    /// It is not what `--jsonl` takes.
    Line(usize),
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Io(error) => write!(f, "reading or writing failed: {}", error.kind()),
            Self::Engine(error) => error.fmt(f),
            Self::Json(error) => error.fmt(f),
            Self::Line(number) => write!(f, "line {number} is not an object with id, signal and input"),
        }
    }
}

impl From<std::io::Error> for Refused {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
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

impl Scrub {
    /// Runs the command.
    ///
    /// # Errors
    /// If the input is refused: nothing has been written then, but for lines before the refused one with `--jsonl`.
    pub fn run(
        &self,
        rules: &RuleSet,
        today: Today,
        input: &mut impl BufRead,
        output: &mut impl Write,
    ) -> Result<(), Refused> {
        let mut scrubber = Scrubber::new(rules)?;
        if self.jsonl {
            return lines(&mut scrubber, today, input, output);
        }
        let mut source = Vec::new();
        input.read_to_end(&mut source)?;
        let signal = Signal::from(self.signal);
        let scrubbed = match self.format {
            InputFormat::Text | InputFormat::Json => {
                scrubber.scrub(&source.into(), Format::Text, today)?.bytes().to_vec()
            }
            InputFormat::OtlpJson => scrub_json(&mut scrubber, signal, &mut source, today)?.into_bytes(),
            InputFormat::OtlpProto => scrubber.scrub(&source.into(), Format::Otlp(signal), today)?.bytes().to_vec(),
        };
        output.write_all(&scrubbed)?;
        output.flush()?;
        Ok(())
    }
}

fn scrub_json(scrubber: &mut Scrubber<'_>, signal: Signal, json: &mut [u8], today: Today) -> Result<String, Refused> {
    let converted = otlp_json::to_protobuf(signal, json)?;
    let scrubbed = scrubber.scrub(&converted.protobuf.into(), Format::Otlp(signal), today)?;
    Ok(otlp_json::from_protobuf(signal, scrubbed.bytes())?)
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

fn lines(
    scrubber: &mut Scrubber<'_>,
    today: Today,
    input: &mut impl BufRead,
    output: &mut impl Write,
) -> Result<(), Refused> {
    let mut text = String::new();
    for number in 1.. {
        text.clear();
        if input.read_line(&mut text)? == 0 {
            break;
        }
        if text.trim().is_empty() {
            continue;
        }
        // The parser's own message would quote the line.
        let line: Line<'_> = serde_json::from_str(&text).map_err(|_| Refused::Line(number))?;
        let scrubbed = scrub_line(scrubber, &line, today).ok_or(Refused::Line(number))?;
        let scrubbed = scrubbed.unwrap_or_else(|_| "null".to_owned());
        writeln!(output, "{{\"id\":{},\"output\":{scrubbed}}}", line.id.get())?;
    }
    output.flush()?;
    Ok(())
}

/// Scrubs one line's input; `None` if it is not what its signal says.
fn scrub_line(scrubber: &mut Scrubber<'_>, line: &Line<'_>, today: Today) -> Option<Result<String, Refused>> {
    if line.signal == "log-line" {
        let text: String = serde_json::from_str(line.input.get()).ok()?;
        let scrubbed = match scrubber.scrub(&Bytes::from(text), Format::Text, today) {
            Ok(scrubbed) => scrubbed,
            Err(error) => return Some(Err(error.into())),
        };
        let text = String::from_utf8_lossy(scrubbed.bytes());
        return serde_json::to_string(&text).ok().map(Ok);
    }
    let signal = Signal::ALL.into_iter().find(|signal| signal.name() == line.signal)?;
    let mut json = line.input.get().as_bytes().to_vec();
    Some(scrub_json(scrubber, signal, &mut json, today))
}
