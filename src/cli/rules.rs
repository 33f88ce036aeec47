//! From arguments to rules, for all commands that scrub without a collector around: the configuration that `run` would
//! take, one of its scrub processors, an engine and a day.

use super::progress::Progress;
use super::{ConfigArgs, Failure, code, say};
use crate::config::{Config, Scrub};
use crate::pipeline;
use clap::{Args, ValueEnum};
use processors::document::Mistakes;
use processors::{Engine, PackSource, RuleSet, Today};

/// Which rules to scrub by, and how.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Rules")]
pub(super) struct RuleArgs {
    #[command(flatten)]
    config: ConfigArgs,
    /// The scrub processor whose rules apply, where the configuration has several: `scrub/strict`.
    #[arg(long, value_name = "ID")]
    processor: Option<String>,
    /// What looks for the rules. All find the same; they differ in speed.
    #[arg(long, value_enum, default_value_t)]
    engine: EngineName,
    /// The day to read dates and ages by, instead of the system's own in UTC.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_day)]
    today: Option<Today>,
}

/// The engines by name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum EngineName {
    /// SIMD multi-pattern matching: what the collector runs.
    #[default]
    Vectorscan,
    /// One lazily built automaton.
    LazyDfa,
    /// Every rule's regular expression on every text: slow, and what the others are held to.
    Regex,
}

impl From<EngineName> for Engine {
    fn from(name: EngineName) -> Self {
        match name {
            EngineName::Vectorscan => Self::Vectorscan,
            EngineName::LazyDfa => Self::LazyDfa,
            EngineName::Regex => Self::Referee,
        }
    }
}

/// What the arguments chose.
#[derive(Debug)]
pub(super) struct Chosen {
    scrub: Scrub,
    engine: Engine,
    today: Today,
}

impl RuleArgs {
    /// Reads the configuration and picks the scrub processor.
    ///
    /// # Errors
    /// If the configuration is wrong, or does not say which processor: it has been told on stderr then.
    pub(super) fn choose(&self) -> Result<Chosen, Failure> {
        let reading = Config::read(&self.config.origin());
        let Some(config) = reading.config else {
            say(reading.mistakes.iter().map(|line| format!("error: {line}")));
            return Err(Failure::told(code::REFUSED));
        };
        let scrub = pick(config.scrubs, self.processor.as_deref())?;
        Ok(Chosen { scrub, engine: self.engine.into(), today: self.today.unwrap_or_else(pipeline::today) })
    }
}

fn pick(mut scrubs: Vec<Scrub>, asked: Option<&str>) -> Result<Scrub, Failure> {
    let ids: Vec<String> = scrubs.iter().map(|scrub| scrub.id.to_string()).collect();
    if let Some(asked) = asked {
        scrubs.retain(|scrub| scrub.id.id() == asked);
    }
    match (scrubs.pop(), scrubs.is_empty(), asked) {
        (Some(scrub), true, _) => Ok(scrub),
        (None, _, Some(asked)) => Err(Failure::new(
            code::ABORTED,
            format!("no scrub processor is called `{asked}`: there are {}", ids.join(", ")),
        )),
        _ => Err(Failure::new(
            code::ABORTED,
            format!("the configuration has several scrub processors: choose one with --processor: {}", ids.join(", ")),
        )),
    }
}

impl Chosen {
    /// Takes these packs in place of the configured ones.
    ///
    /// # Errors
    /// If one cannot be read: it has been told on stderr then.
    pub(super) fn with_packs(self, paths: &[String]) -> Result<Self, Failure> {
        if paths.is_empty() {
            return Ok(self);
        }
        let scrub = self.scrub.with_packs(paths.iter().map(String::as_str)).map_err(|mistakes| {
            say(mistakes.iter().map(|line| format!("error: {line}")));
            Failure::told(code::REFUSED)
        })?;
        Ok(Self { scrub, ..self })
    }

    /// The packs.
    pub(super) fn sources(&self) -> Vec<PackSource<'_>> {
        self.scrub.sources()
    }

    /// The day.
    pub(super) fn today(&self) -> Today {
        self.today
    }

    /// Compiles the rules.
    ///
    /// # Errors
    /// If a pack is wrong: every mistake has been told on stderr then.
    pub(super) fn compile(&self) -> Result<RuleSet, Failure> {
        let mut progress = Progress::new();
        progress.tell(|| "compiling the rules".to_owned());
        let compiled = self.scrub.compile(self.engine);
        drop(progress);
        compiled.map_err(|mistakes| {
            say(mistakes.sorted().iter().map(|mistake| format!("error: {mistake}")));
            Failure::told(code::REFUSED)
        })
    }

    /// Compiles the rules for this matcher, whichever was asked for.
    ///
    /// # Errors
    /// Every mistake of the packs, failed examples among them.
    pub(super) fn compile_for(&self, engine: Engine) -> Result<RuleSet, Mistakes> {
        let mut progress = Progress::new();
        progress.tell(|| "compiling the rules".to_owned());
        self.scrub.compile(engine)
    }

    /// Warns that tokens have been written that no other run will write, if so.
    pub(super) fn warn_of_tokens(&self, written: bool) {
        if written && self.scrub.is_ephemeral() {
            say(["warning: no pseudonym_key: tokens change with every start"]);
        }
    }
}

fn parse_day(text: &str) -> Result<Today, &'static str> {
    const WANTED: &str = "takes a day that exists, as YYYY-MM-DD";
    let mut parts = text.splitn(3, '-');
    let mut part = |digits: usize| {
        parts.next().filter(|part| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit())).ok_or(WANTED)
    };
    let (year, month, day) = (part(4)?, part(2)?, part(2)?);
    let year: u16 = year.parse().map_err(|_| WANTED)?;
    let month: u8 = month.parse().map_err(|_| WANTED)?;
    let day: u8 = day.parse().map_err(|_| WANTED)?;
    let exists = time::Month::try_from(month).and_then(|month| time::Date::from_calendar_date(year.into(), month, day));
    exists.map(|_| Today { year, month, day }).map_err(|_| WANTED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_that_exist_are_days() {
        assert_eq!(parse_day("2024-02-29"), Ok(Today { year: 2024, month: 2, day: 29 }));
        for wrong in ["2023-02-29", "2024-13-01", "2024-1-01", "24-01-01", "2024-01-01-01", "+024-01-01", "", "today"] {
            assert!(parse_day(wrong).is_err(), "{wrong}");
        }
    }
}
