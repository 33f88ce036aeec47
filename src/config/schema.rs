//! JSON Schemas of configurations and packs: for editors, and for checks before anything is deployed.
//!
//! What a section takes stands beside its reader; here the sections are put together. Names that are data, as of
//! rules, validators and identifiers, come from where they are defined. A schema sees the form of a file: what hangs on
//! other files, on examples or on arithmetic, only `scrubjay check` and `scrubjay test` see.

use crate::exporters::EXPORTERS;
use crate::receivers::RECEIVERS;
use crate::settings::{Ack, Admin, schema};
use patterns::PACKS;
use processors::walk::otlp::Signal;
use processors::{Action, Edge, Identifier, RuleStage, VALIDATORS};
use serde_json::{Map, Value, json};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
/// The key of a component: a type, or a type and a name.
const NAMED: &str = "(/[^/]+)?$";

/// The schema of a configuration file that stands alone.
#[must_use]
pub fn configuration() -> Value {
    let components = |kinds: Vec<(String, Value)>| {
        let all: Map<String, Value> =
            kinds.into_iter().map(|(kind, section)| (format!("^{kind}{NAMED}"), schema::nullable(section))).collect();
        json!({ "type": "object", "patternProperties": all, "additionalProperties": false })
    };
    let receivers = RECEIVERS.iter().map(|kind| (kind.kind.to_owned(), schema::about((kind.schema)(), kind.about)));
    let exporters = EXPORTERS.iter().flat_map(|kind| {
        let names = std::iter::once(&kind.kind).chain(kind.old_kinds);
        names.map(|name| ((*name).to_owned(), schema::about((kind.schema)(), kind.about)))
    });
    let processors = vec![
        ("scrub".to_owned(), scrub()),
        ("batch".to_owned(), schema::not_followed()),
        ("memory_limiter".to_owned(), schema::not_followed()),
    ];
    let extensions = schema::object(&[], &[("health_check", listener())]);
    let whole = schema::object(
        &["receivers", "processors", "exporters", "service"],
        &[
            ("receivers", components(receivers.collect())),
            ("processors", components(processors)),
            ("exporters", components(exporters.collect())),
            ("extensions", extensions),
            ("service", service()),
        ],
    );
    titled(whole, "A configuration of scrubjay. Of several that are merged, only the whole has to be like this.")
}

/// The schema of a pack.
#[must_use]
pub fn pack() -> Value {
    let words = json!({ "type": "array", "items": { "type": "string", "pattern": "^[a-z ]+$" } });
    let place = schema::object(
        &["class"],
        &[
            ("class", json!({ "enum": ["free_text", "opaque", "kept", "statement"] })),
            ("keys", schema::texts()),
            ("reference", schema::text()),
        ],
    );
    let whole = schema::object(
        &[],
        &[
            ("sets", schema::entries("^", words)),
            ("fragments", schema::entries("^[a-z0-9_]+$", schema::text())),
            ("rules", json!({ "type": "array", "items": rule() })),
            ("places", json!({ "type": "array", "items": place })),
        ],
    );
    titled(whole, "A pack of rules for scrubjay.")
}

fn titled(mut schema: Value, title: &str) -> Value {
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("$schema".to_owned(), json!(DIALECT));
        schema.insert("title".to_owned(), json!(title));
    }
    schema
}

fn rule() -> Value {
    let identifiers: Vec<&str> = Identifier::ALL.iter().map(|identifier| identifier.label()).collect();
    let edges: Vec<&str> = Edge::ALL.iter().map(|edge| edge.label()).collect();
    let validators: Vec<&str> = VALIDATORS.iter().map(|validator| validator.name).collect();
    let keyed = schema::object(&["key", "text"], &[("key", schema::text()), ("text", schema::text())]);
    let matched = json!({ "anyOf": [{ "type": "string", "pattern": r"\[\[.*\]\]" }, keyed.clone()] });
    let samples = |item: Value| json!({ "type": "array", "items": item, "minItems": 2 });
    let mut rule = schema::object(
        &["id", "identifier", "reference", "matches", "ignores"],
        &[
            ("id", json!({ "type": "string", "pattern": "^[a-z0-9_.-]+$" })),
            ("identifier", json!({ "enum": identifiers })),
            ("name", json!({ "type": "string", "pattern": "^[a-z_]{1,24}$" })),
            ("reference", schema::text()),
            ("pattern", schema::text()),
            ("detector", json!({ "enum": ["names", "places"] })),
            ("edge", json!({ "enum": edges })),
            ("validate", json!({ "enum": validators })),
            ("confidence", json!({ "enum": ["high", "low"] })),
            ("context", schema::texts()),
            ("before", schema::integer(0, 256)),
            ("after", schema::integer(0, 256)),
            ("keys", schema::texts()),
            ("except_keys", schema::texts()),
            ("value", schema::text()),
            ("action", json!({ "enum": Action::LABELS })),
            ("keep", schema::integer(0, 4)),
            ("stage", json!({ "enum": RuleStage::LABELS })),
            ("only", selector()),
            ("except", selector()),
            ("matches", samples(matched)),
            ("ignores", samples(json!({ "anyOf": [schema::text(), keyed] }))),
        ],
    );
    if let Some(rule) = rule.as_object_mut() {
        let needs = json!([{ "required": ["pattern"] }, { "required": ["keys"] }, { "required": ["detector"] }]);
        rule.insert("anyOf".to_owned(), needs);
        let with = json!({ "value": ["keys"], "context": ["confidence"] });
        rule.insert("dependentRequired".to_owned(), with);
    }
    rule
}

/// What `only` and `except` take.
fn selector() -> Value {
    let signals: Vec<&str> = Signal::ALL.iter().map(|signal| signal.name()).collect();
    let mut selector = schema::object(
        &[],
        &[
            ("signals", schema::list_of(&schema::word(&signals))),
            ("keys", schema::texts()),
            ("services", schema::list_of(&schema::text_like(r"[^*]"))),
        ],
    );
    if let Some(selector) = selector.as_object_mut() {
        selector.insert("minProperties".to_owned(), json!(1));
    }
    selector
}

fn scrub() -> Value {
    let mut groups: Vec<&str> = PACKS.iter().map(|pack| pack.group).collect();
    groups.dedup();
    let pack = json!({ "anyOf": [{ "enum": groups }, schema::text_like(r"/|\.ya?ml$")] });
    let change = schema::object(
        &[],
        &[
            ("action", schema::word(&Action::LABELS)),
            ("keep", schema::integer(0, 4)),
            (
                "disabled",
                json!({ "type": "string", "pattern": "[^ ]", "not": { "enum": ["true", "false", "yes", "no"] } }),
            ),
            ("stage", schema::word(&RuleStage::LABELS)),
            ("only", selector()),
            ("except", selector()),
        ],
    );
    let allow = schema::object(
        &[],
        &[
            ("values", schema::texts()),
            ("keys", schema::texts()),
            ("services", schema::list_of(&schema::text_like(r"[^*]"))),
        ],
    );
    let names = schema::object(
        &[],
        &[
            ("bias", schema::integer(-10, 10)),
            ("allow", schema::texts()),
            ("deny", schema::texts()),
            ("rosters", schema::texts()),
        ],
    );
    let key =
        json!({ "anyOf": [{ "type": "string", "minLength": 16 }, schema::text_like("^$"), { "type": "integer" }] });
    schema::object(
        &[],
        &[
            ("packs", schema::list_of(&pack)),
            ("pseudonym_key", key),
            ("overrides", schema::entries("^", change)),
            ("allow", allow),
            ("names", names),
            ("mark", schema::boolean()),
            ("ack", Ack::schema()),
        ],
    )
}

fn service() -> Value {
    let signals: Vec<&str> = Signal::ALL.iter().map(|signal| signal.name()).collect();
    let some = json!({ "anyOf": [{ "type": "array", "items": schema::text(), "minItems": 1 }, schema::text()] });
    let pipeline = schema::object(
        &["receivers", "processors", "exporters"],
        &[("receivers", some.clone()), ("processors", some.clone()), ("exporters", some)],
    );
    let mut pipelines = schema::entries(&format!("^({}){NAMED}", signals.join("|")), pipeline);
    if let Some(pipelines) = pipelines.as_object_mut() {
        pipelines.insert("minProperties".to_owned(), json!(1));
    }
    let logs =
        [("encoding", schema::word(&["json", "console", "text"])), ("level", schema::word(&["error", "warn", "info"]))];
    let telemetry = schema::object(
        &[],
        &[
            ("metrics", listener()),
            ("logs", schema::object(&[], &logs)),
            ("traces", schema::object(&["endpoint"], &[("endpoint", schema::endpoint())])),
        ],
    );
    schema::object(
        &["pipelines"],
        &[
            ("extensions", schema::list_of(&schema::word(&["health_check"]))),
            ("workers", schema::integer(1, 256)),
            ("raw_budget", schema::bytes()),
            ("memory_limit", schema::bytes()),
            ("admin", Admin::schema()),
            ("shutdown_timeout", schema::duration()),
            ("telemetry", telemetry),
            ("pipelines", pipelines),
        ],
    )
}

/// The section of an own listener.
fn listener() -> Value {
    schema::object(
        &[],
        &[
            ("enabled", schema::boolean()),
            ("insecure_bind", schema::boolean()),
            ("endpoint", schema::listen()),
            ("level", schema::text()),
        ],
    )
}
