//! `scrubjay schema`: what a configuration or a pack may hold, as JSON Schema.

use super::Failure;
use crate::config::schema;
use clap::{Args, ValueEnum};
use std::io::Write;

pub(super) const EXAMPLES: &str = "\
Examples:
  scrubjay schema > scrubjay.schema.json         of configurations
  scrubjay schema pack > pack.schema.json        of packs
  check-jsonschema --schemafile <(scrubjay schema pack) site.yaml

An editor reads it by a first line like `# yaml-language-server: $schema=./pack.schema.json`. A schema sees the form of a file;
`scrubjay check` and `scrubjay test` see everything.";

/// Print a JSON Schema.
#[derive(Args, Debug)]
pub(super) struct Schema {
    /// Of what.
    #[arg(value_enum, default_value_t)]
    of: Kind,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Of a configuration.
    #[default]
    Config,
    /// Of a pack of rules.
    Pack,
}

impl Schema {
    /// Writes it.
    ///
    /// # Errors
    /// If standard output takes no more.
    pub(super) fn run(&self, out: &mut impl Write) -> Result<(), Failure> {
        let schema = match self.of {
            Kind::Config => schema::configuration(),
            Kind::Pack => schema::pack(),
        };
        writeln!(out, "{schema:#}").map_err(|error| Failure::of_output(&error))
    }
}
