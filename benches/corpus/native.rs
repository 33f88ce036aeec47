//! The corpus once more, as Datadog's and Sentry's senders would send it.

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue, any_value::Value as Any};
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use rmpv::Value;
use std::collections::HashMap;

/// A span, what it is of, and its attributes: texts and numbers.
#[derive(Debug)]
struct Told<'s> {
    span: &'s Span,
    service: String,
    texts: Vec<(String, String)>,
    numbers: Vec<(String, f64)>,
}

fn shown(value: &AnyValue) -> Result<String, f64> {
    match &value.value {
        Some(Any::StringValue(text)) => Ok(text.clone()),
        Some(Any::IntValue(value)) => Err(*value as f64),
        Some(Any::DoubleValue(value)) => Err(*value),
        Some(Any::BoolValue(value)) => Ok(value.to_string()),
        other => Ok(format!("{other:?}")),
    }
}

fn told<'s>(span: &'s Span, above: &[KeyValue]) -> Told<'s> {
    let mut told = Told { span, service: String::new(), texts: Vec::new(), numbers: Vec::new() };
    for of in above.iter().chain(&span.attributes) {
        let Some(value) = &of.value else { continue };
        match shown(value) {
            Ok(text) if of.key == "service.name" => told.service = text,
            Ok(text) => told.texts.push((of.key.clone(), text)),
            Err(number) => told.numbers.push((of.key.clone(), number)),
        }
    }
    for event in &span.events {
        for of in &event.attributes {
            if let Some(Ok(text)) = of.value.as_ref().map(shown) {
                told.texts.push((format!("{}.{}", event.name, of.key), text));
            }
        }
    }
    told
}

fn map(entries: Vec<(&str, Value)>) -> Value {
    Value::Map(entries.into_iter().map(|(key, value)| (key.into(), value)).collect())
}

fn in_place(told: &Told<'_>) -> Value {
    let texts = told.texts.iter().map(|(key, text)| (key.as_str().into(), text.as_str().into())).collect();
    let numbers = told.numbers.iter().map(|(key, number)| (key.as_str().into(), (*number).into())).collect();
    map(vec![
        ("service", told.service.as_str().into()),
        ("name", told.span.name.as_str().into()),
        ("resource", told.span.name.as_str().into()),
        ("trace_id", 7_021_945_331_u64.into()),
        ("span_id", 8_u64.into()),
        ("parent_id", 0.into()),
        ("start", told.span.start_time_unix_nano.into()),
        ("duration", 1_200_000.into()),
        ("error", 0.into()),
        ("meta", Value::Map(texts)),
        ("metrics", Value::Map(numbers)),
    ])
}

/// A table of texts; of one that is known, its position.
#[derive(Debug, Default)]
struct Table {
    known: HashMap<String, usize>,
    texts: Vec<Value>,
}

impl Table {
    fn index(&mut self, text: &str) -> (usize, bool) {
        if let Some(index) = self.known.get(text) {
            return (*index, true);
        }
        let index = self.texts.len();
        self.known.insert(text.to_owned(), index);
        self.texts.push(text.into());
        (index, false)
    }

    fn at(&mut self, text: &str) -> Value {
        (self.index(text).0 as u64).into()
    }

    /// The text where it is used first.
    fn stream(&mut self, text: &str) -> Value {
        match self.index(text) {
            (index, true) => (index as u64).into(),
            (_, false) => text.into(),
        }
    }
}

fn row(told: &Told<'_>, table: &mut Table) -> Value {
    let mut row = vec![table.at(&told.service), table.at(&told.span.name), table.at(&told.span.name)];
    row.extend([7_u64, 8, 0, told.span.start_time_unix_nano, 1_200_000, 0].map(Value::from));
    let texts = told.texts.iter().map(|(key, text)| (table.at(key), table.at(text))).collect();
    row.push(Value::Map(texts));
    row.push(Value::Map(told.numbers.iter().map(|(key, number)| (table.at(key), (*number).into())).collect()));
    row.push(table.at("web"));
    Value::Array(row)
}

fn streamed(told: &Told<'_>, table: &mut Table) -> Value {
    let mut entries = vec![
        (1, table.stream(&told.service)),
        (2, table.stream(&told.span.name)),
        (3, table.stream(&told.span.name)),
        (4, 8_u64.into()),
        (5, 0.into()),
        (6, told.span.start_time_unix_nano.into()),
        (7, 1_200_000.into()),
        (8, false.into()),
    ];
    let mut attributes = Vec::new();
    for (key, text) in &told.texts {
        attributes.extend([table.stream(key), 1.into(), table.stream(text)]);
    }
    for (key, number) in &told.numbers {
        attributes.extend([table.stream(key), 3.into(), (*number).into()]);
    }
    entries.push((9, Value::Array(attributes)));
    entries.push((10, table.stream("web")));
    Value::Map(entries.into_iter().map(|(key, value): (u64, Value)| (key.into(), value)).collect())
}

fn group(told: &Told<'_>) -> Value {
    let tags = told.texts.iter().map(|(key, text)| format!("{key}:{text}").into()).collect();
    map(vec![
        ("Service", told.service.as_str().into()),
        ("Name", told.span.name.as_str().into()),
        ("Resource", told.span.name.as_str().into()),
        ("Hits", 3.into()),
        ("Duration", 1_200_000.into()),
        ("PeerTags", Value::Array(tags)),
    ])
}

/// The requests in each format of tracers, by name of the file.
pub(crate) fn traces(requests: &[Vec<u8>]) -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let mut all: Vec<(&'static str, Vec<Vec<u8>>)> = [
        "datadog-traces",
        "datadog-trace-table",
        "datadog-trace-payload",
        "datadog-trace-stream",
        "datadog-client-stats",
    ]
    .map(|name| (name, Vec::new()))
    .to_vec();
    for request in requests {
        let request = ExportTraceServiceRequest::decode(request.as_slice()).unwrap();
        let spans: Vec<Told<'_>> = request
            .resource_spans
            .iter()
            .flat_map(|of| {
                let above = of.resource.as_ref().map_or(&[][..], |resource| &resource.attributes);
                of.scope_spans.iter().flat_map(|scope| &scope.spans).map(move |span| told(span, above))
            })
            .collect();
        // Ten spans make a trace.
        let chunks: Vec<&[Told<'_>]> = spans.chunks(10).collect();
        let list = |chunk: &&[Told<'_>]| Value::Array(chunk.iter().map(in_place).collect());
        let mut table = Table::default();
        table.index("");
        let rows = chunks.iter().map(|chunk| Value::Array(chunk.iter().map(|told| row(told, &mut table)).collect()));
        let rows = Value::Array(rows.collect());
        let texts = Value::Array(table.texts);
        let payload = chunks.iter().map(|chunk| map(vec![("priority", 1.into()), ("spans", list(chunk))])).collect();
        let mut table = Table::default();
        table.index("");
        let stream = chunks.iter().map(|chunk| {
            let spans = Value::Array(chunk.iter().map(|told| streamed(told, &mut table)).collect());
            let id = Value::Binary(vec![7; 16]);
            Value::Map(vec![(1.into(), 1.into()), (4.into(), spans), (6.into(), id)])
        });
        let stream = Value::Array(stream.collect());
        let groups = Value::Array(spans.iter().map(group).collect());
        let bucket = map(vec![("Start", 1.into()), ("Duration", 10.into()), ("Stats", groups)]);
        let documents = [
            Value::Array(chunks.iter().map(list).collect()),
            Value::Array(vec![texts, rows]),
            map(vec![("language_name", "go".into()), ("chunks", Value::Array(payload))]),
            Value::Map(vec![(11.into(), stream)]),
            map(vec![("Hostname", "web-1".into()), ("Stats", Value::Array(vec![bucket]))]),
        ];
        for ((_, out), document) in all.iter_mut().zip(documents) {
            let mut bytes = Vec::new();
            rmpv::encode::write_value(&mut bytes, &document).unwrap();
            out.push(bytes);
        }
    }
    all
}

/// Log lines as an Agent sends them, and as messages of Sentry's events.
pub(crate) fn logs(lines: &[String]) -> Vec<(&'static str, Vec<Vec<u8>>)> {
    let logs = lines.chunks(100).map(|lines| {
        let record = |line: &String| {
            serde_json::json!({ "message": line, "status": "info", "hostname": "web-1", "service": "labs", "ddtags": "env:prod" })
        };
        serde_json::to_vec(&lines.iter().map(record).collect::<Vec<_>>()).unwrap()
    });
    let envelope = |line: &String| {
        let event =
            serde_json::json!({ "event_id": "9ec79c33ec9942ab8353589fcb2e04dc", "level": "error", "message": line });
        let event = event.to_string();
        format!("{{}}\n{{\"type\":\"event\",\"length\":{}}}\n{event}\n", event.len()).into_bytes()
    };
    vec![("datadog-logs", logs.collect()), ("sentry-envelope", lines.iter().map(envelope).collect())]
}
