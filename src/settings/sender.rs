//! What is known of who sent a batch beside what it holds, and which family of formats it is of: closed values only. No
//! header, name or token of a request goes further than its receiver.

/// Formats that leave as they came. What comes in one family leaves in the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// OTLP, and what is turned into it.
    Otlp,
    /// What Datadog's tracers and Agents send.
    Datadog,
    /// What Sentry's SDKs send.
    Sentry,
}

impl Family {
    /// The name for messages.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Otlp => "OTLP",
            Self::Datadog => "Datadog's own formats",
            Self::Sentry => "Sentry's formats",
        }
    }
}

/// Who sent a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sender {
    /// Nothing is said of it.
    #[default]
    Unsaid,
    /// A tracer of Datadog's.
    Tracer(Tracer),
    /// An SDK of Sentry's, configured for the project of this number.
    Project(u64),
}

/// What a Datadog tracer says of itself that the Agent behind must know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tracer {
    /// In which language it is written.
    pub language: Option<Language>,
    /// Whether it marks the spans that begin in a service.
    pub top_level: bool,
    /// Whether it counts its spans itself.
    pub stats: bool,
}

/// A language that Datadog has a tracer for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Language(&'static str);

/// As tracers write them.
const LANGUAGES: [&str; 11] =
    [".NET", "cpp", "dotnet", "go", "java", "javascript", "nodejs", "php", "python", "ruby", "rust"];

impl Language {
    /// The language with this name, if it is one that is known.
    #[must_use]
    pub fn parse(name: &[u8]) -> Option<Self> {
        LANGUAGES.into_iter().find(|known| known.as_bytes() == name).map(Self)
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0
    }
}
