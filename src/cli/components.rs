//! `scrubjay components`: what is built in, read from where it is registered.

use super::Failure;
use crate::exporters::EXPORTERS;
use crate::receivers::RECEIVERS;
use clap::Args;
use patterns::PACKS;
use serde_json::{Value, json};
use std::io::Write;

/// Arguments.
#[derive(Args, Debug)]
pub(super) struct Components {
    /// One JSON object instead of YAML.
    #[arg(long)]
    json: bool,
}

impl Components {
    /// Writes the list.
    ///
    /// # Errors
    /// If standard output takes no more.
    pub(super) fn run(&self, out: &mut impl Write) -> Result<(), Failure> {
        let listed = listed();
        let text = if self.json { format!("{listed}\n") } else { yaml(&listed) };
        out.write_all(text.as_bytes()).map_err(|error| Failure::of_output(&error))
    }
}

fn listed() -> Value {
    let about = |name: &str, about: &str| json!({ "name": name, "about": about });
    let mut groups: Vec<&str> = PACKS.iter().map(|pack| pack.group).filter(|group| *group != "places").collect();
    groups.dedup();
    let packs: Vec<Value> =
        groups.into_iter().map(|group| about(group, &format!("{} file(s)", patterns::group(group).count()))).collect();
    json!({
        "buildinfo": { "command": "scrubjay", "version": env!("CARGO_PKG_VERSION") },
        "receivers": RECEIVERS.iter().map(|kind| about(kind.kind, kind.about)).collect::<Vec<_>>(),
        "processors": [about("scrub", "finds and replaces what identifies a person; every pipeline has one")],
        "exporters": EXPORTERS.iter().map(|kind| about(kind.kind, kind.about)).collect::<Vec<_>>(),
        "packs": packs,
    })
}

/// The list as YAML, which JSON's strings are a part of.
fn yaml(listed: &Value) -> String {
    let mut text = String::new();
    for (section, entries) in listed.as_object().into_iter().flatten() {
        text.push_str(&format!("{section}:\n"));
        for entry in entries.as_array().into_iter().flatten() {
            text.push_str(&format!("  - name: {}\n    about: {}\n", scalar(entry, "name"), scalar(entry, "about")));
        }
        for (key, value) in entries.as_object().into_iter().flatten() {
            text.push_str(&format!("  {key}: {value}\n"));
        }
    }
    text
}

fn scalar(entry: &Value, key: &str) -> Value {
    entry.get(key).cloned().unwrap_or_default()
}
