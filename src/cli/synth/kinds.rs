//! What carries identifiers, and the templates of each.

use super::template::{Template, Wrong};
use clap::ValueEnum;

/// What carries a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(super) enum Kind {
    /// Log lines for people.
    Log,
    /// Log lines of keys and values.
    Logfmt,
    /// Log records in JSON.
    Json,
    /// Export requests in OTLP/JSON.
    Otlp,
    /// HL7 v2 messages.
    Hl7,
    /// FHIR resources.
    Fhir,
    /// X12 interchanges.
    X12,
    /// Tables.
    Csv,
    /// SQL with its literals.
    Sql,
    /// Addresses of requests.
    Url,
    /// Headers of requests.
    Headers,
    /// Stack traces.
    Trace,
    /// Clinical text.
    Note,
    /// What language models are asked and answer.
    Prompt,
    /// Chats and transcripts.
    Chat,
    /// XML.
    Xml,
}

impl Kind {
    /// All of them.
    pub(super) const ALL: [Self; 16] = [
        Self::Log,
        Self::Logfmt,
        Self::Json,
        Self::Otlp,
        Self::Hl7,
        Self::Fhir,
        Self::X12,
        Self::Csv,
        Self::Sql,
        Self::Url,
        Self::Headers,
        Self::Trace,
        Self::Note,
        Self::Prompt,
        Self::Chat,
        Self::Xml,
    ];

    /// As it is written.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Logfmt => "logfmt",
            Self::Json => "json",
            Self::Otlp => "otlp",
            Self::Hl7 => "hl7",
            Self::Fhir => "fhir",
            Self::X12 => "x12",
            Self::Csv => "csv",
            Self::Sql => "sql",
            Self::Url => "url",
            Self::Headers => "headers",
            Self::Trace => "trace",
            Self::Note => "note",
            Self::Prompt => "prompt",
            Self::Chat => "chat",
            Self::Xml => "xml",
        }
    }

    /// Its templates, as they are written.
    fn written(self) -> &'static str {
        match self {
            Self::Log => include_str!("templates/log.txt"),
            Self::Logfmt => include_str!("templates/logfmt.txt"),
            Self::Json => include_str!("templates/json.txt"),
            Self::Otlp => include_str!("templates/otlp.txt"),
            Self::Hl7 => include_str!("templates/hl7.txt"),
            Self::Fhir => include_str!("templates/fhir.txt"),
            Self::X12 => include_str!("templates/x12.txt"),
            Self::Csv => include_str!("templates/csv.txt"),
            Self::Sql => include_str!("templates/sql.txt"),
            Self::Url => include_str!("templates/url.txt"),
            Self::Headers => include_str!("templates/headers.txt"),
            Self::Trace => include_str!("templates/trace.txt"),
            Self::Note => include_str!("templates/note.txt"),
            Self::Prompt => include_str!("templates/prompt.txt"),
            Self::Chat => include_str!("templates/chat.txt"),
            Self::Xml => include_str!("templates/xml.txt"),
        }
    }

    /// Its templates.
    ///
    /// # Errors
    /// As [`parse`].
    pub(super) fn templates(self) -> Result<Vec<Template>, (usize, Wrong)> {
        parse(self.written())
    }
}

/// Reads templates, one a line; those that begin with `#` and blank ones are passed over.
///
/// # Errors
/// The number of a line that is none, and why.
pub(super) fn parse(text: &str) -> Result<Vec<Template>, (usize, Wrong)> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    lines.map(|(number, line)| Template::parse(line).map_err(|wrong| (number + 1, wrong))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::draft::Draft;
    use super::super::fields::Cast;
    use super::*;
    use processors::Identifier;
    use rand::SeedableRng as _;
    use rand::rngs::StdRng;
    use std::collections::BTreeSet;

    fn each(mut check: impl FnMut(Kind, &Draft)) {
        let mut random = StdRng::seed_from_u64(5);
        let all: BTreeSet<Identifier> = Identifier::ALL.into();
        for kind in Kind::ALL {
            for template in kind.templates().unwrap() {
                for whole in [true, false, false, false] {
                    let cast = Cast::new(&mut random);
                    check(kind, &template.fill(&cast, &all, whole, &mut random));
                }
            }
        }
    }

    #[test]
    fn every_identifier_is_carried_and_every_kind_can_do_without() {
        let mut carried = BTreeSet::new();
        for kind in Kind::ALL {
            let templates = kind.templates().unwrap();
            assert!(templates.iter().any(|it| it.needs().is_empty()), "{kind:?} has no text without identifiers");
            carried.extend(templates.iter().flat_map(Template::identifiers));
        }
        let missing: Vec<Identifier> = Identifier::ALL.into_iter().filter(|it| !carried.contains(it)).collect();
        assert_eq!(missing, [Identifier::Secret]);
    }

    #[test]
    fn what_is_json_parses_whatever_is_left_out() {
        each(|kind, draft| {
            if matches!(kind, Kind::Json | Kind::Otlp | Kind::Fhir) {
                let text = draft.text();
                assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok(), "{text}");
            }
        });
    }

    #[test]
    fn no_identifier_is_left_unmarked() {
        each(|kind, draft| {
            let text = draft.text();
            assert!(!text.contains("<<") && !text.contains(">>>") && !text.contains("[~"), "{kind:?}: {text}");
            if kind == Kind::Csv {
                let widths: Vec<usize> = text.lines().map(|line| line.matches(',').count()).collect();
                assert!(widths.windows(2).all(|pair| pair[0] == pair[1]), "{text}");
            }
        });
    }
}
