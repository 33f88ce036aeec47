//! What splitting keeps: every record once, in its order, under what it stood under.

use crate::stream::packed_json;
use crate::{RULES, TODAY, each, fail, generate, wire};
use bytes::Bytes;
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::common::v1::{AnyValue, InstrumentationScope, KeyValue, any_value::Value};
use opentelemetry_proto::tonic::logs::v1::{LogRecord, ResourceLogs, ScopeLogs};
use opentelemetry_proto::tonic::metrics::v1::{
    Metric, NumberDataPoint, ResourceMetrics, ScopeMetrics, Sum, metric::Data, number_data_point,
};
use opentelemetry_proto::tonic::resource::v1::Resource;
use processors::walk::otlp::Signal;
use processors::{Format, Schema, Scrubbed, Scrubber};
use proptest::prelude::*;
use prost::Message as _;
use serde_json::{Value as Json, json};

fn scrubbed(signal: Signal, source: &Bytes) -> Scrubbed {
    Scrubber::new(&RULES).unwrap().scrub(source, Format::Otlp(signal), TODAY).unwrap()
}

/// Splits until nothing can be split.
fn singles(whole: Scrubbed) -> Vec<Scrubbed> {
    match whole.halve() {
        None => vec![whole],
        Some((first, second)) => {
            assert_eq!(first.report().records + second.report().records, whole.report().records);
            let mut all = singles(first);
            all.extend(singles(second));
            all
        }
    }
}

fn text(value: &str) -> Option<AnyValue> {
    Some(AnyValue { value: Some(Value::StringValue(value.into())) })
}

fn resource(name: &str) -> Option<Resource> {
    let attributes = vec![KeyValue { key: "service.name".into(), value: text(name), ..Default::default() }];
    Some(Resource { attributes, ..Default::default() })
}

/// Each record with its resource and scope, written as text.
fn told(requests: &[ExportLogsServiceRequest]) -> Vec<String> {
    let resources = requests.iter().flat_map(|request| &request.resource_logs);
    let scopes = resources.flat_map(|logs| logs.scope_logs.iter().map(move |scope| (logs, scope)));
    let records = scopes.flat_map(|(logs, scope)| scope.log_records.iter().map(move |record| (logs, scope, record)));
    records
        .map(|(logs, scope, record)| {
            format!("{:?} {} {:?} {} {record:?}", logs.resource, logs.schema_url, scope.scope, scope.schema_url)
        })
        .collect()
}

#[test]
fn records_stay_what_they_are_under_what_they_were() {
    let record = |body: String| LogRecord { body: text(&body), time_unix_nano: 7, ..Default::default() };
    let scope = |name: &str, count: usize| ScopeLogs {
        scope: Some(InstrumentationScope { name: name.into(), version: "1".into(), ..Default::default() }),
        log_records: (0..count).map(|number| record(format!("{name} says {number}"))).collect(),
        schema_url: "scope.schema".into(),
    };
    let logs = |name: &str, scopes: Vec<ScopeLogs>| ResourceLogs {
        resource: resource(name),
        scope_logs: scopes,
        schema_url: "resource.schema".into(),
    };
    let request = ExportLogsServiceRequest {
        resource_logs: vec![
            logs("one", vec![scope("a", 3), scope("b", 1), scope("c", 0)]),
            logs("two", vec![]),
            logs("three", vec![scope("d", 5)]),
        ],
    };
    let whole = scrubbed(Signal::Logs, &request.encode_to_vec().into());
    let parts = singles(whole);
    let decoded: Vec<_> =
        parts.iter().map(|part| ExportLogsServiceRequest::decode(part.bytes().clone()).unwrap()).collect();
    assert_eq!(told(&decoded), told(&[request]));
    assert!(parts.iter().all(|part| part.report().records <= 1));
}

#[test]
fn a_metric_with_many_points_is_split_too() {
    let points = (0..9)
        .map(|number| NumberDataPoint { value: Some(number_data_point::Value::AsInt(number)), ..Default::default() })
        .collect();
    let sum = Sum { data_points: points, aggregation_temporality: 1, is_monotonic: true };
    let metric = Metric { name: "requests".into(), unit: "1".into(), data: Some(Data::Sum(sum)), ..Default::default() };
    let scope_metrics = vec![ScopeMetrics { metrics: vec![metric], ..Default::default() }];
    let resource_metrics = vec![ResourceMetrics { resource: resource("one"), scope_metrics, ..Default::default() }];
    let request = ExportMetricsServiceRequest { resource_metrics };
    let parts = singles(scrubbed(Signal::Metrics, &request.encode_to_vec().into()));
    assert_eq!(parts.len(), 9);
    for (number, part) in parts.iter().enumerate() {
        let request = ExportMetricsServiceRequest::decode(part.bytes().clone()).unwrap();
        let metric = &request.resource_metrics[0].scope_metrics[0].metrics[0];
        let Some(Data::Sum(sum)) = &metric.data else { panic!("no sum") };
        assert_eq!((metric.name.as_str(), sum.is_monotonic, sum.aggregation_temporality), ("requests", true, 1));
        assert_eq!(sum.data_points[0].value, Some(number_data_point::Value::AsInt(number as i64)));
    }
}

#[test]
fn any_request_splits_into_ones_that_readers_take() {
    for signal in Signal::ALL {
        each(24, any::<u16>(), 600, |choices| {
            let request = generate::request(signal, &choices);
            let whole = scrubbed(signal, &Bytes::from(wire::encode(&request.items)));
            for part in singles(whole) {
                crate::decodes(signal, part.bytes()).map_err(|error| fail(error.to_string()))?;
                let again = scrubbed(signal, part.bytes());
                if again.bytes() != part.bytes() {
                    return Err(fail("a part is not scrubbed"));
                }
            }
            Ok(())
        });
    }
}

#[test]
fn joined_again_the_parts_hold_what_the_whole_held() {
    for signal in [Signal::Traces, Signal::Logs, Signal::Metrics] {
        each(24, any::<u16>(), 600, |choices| {
            let request = generate::request(signal, &choices);
            let whole = scrubbed(signal, &Bytes::from(wire::encode(&request.items)));
            let parts = singles(whole.clone());
            let joined = Scrubbed::join(parts.iter()).ok_or_else(|| fail("the parts do not join"))?;
            crate::decodes(signal, joined.bytes()).map_err(|error| fail(error.to_string()))?;
            if joined.report().records != whole.report().records {
                return Err(fail("records were lost or made"));
            }
            let singly = |it: Scrubbed| singles(it).into_iter().map(|part| part.bytes().clone()).collect::<Vec<_>>();
            if singly(joined) != singly(whole) {
                return Err(fail("the records are others, or in another order"));
            }
            Ok(())
        });
    }
}

#[test]
fn what_does_not_belong_together_stays_apart() {
    let [log, trace, profile] =
        [Signal::Logs, Signal::Traces, Signal::Profiles].map(|signal| scrubbed(signal, &Bytes::new()));
    assert!(log.joins(&log) && trace.joins(&trace));
    assert!(!log.joins(&trace) && !profile.joins(&profile));
    assert!(Scrubbed::join([&log, &trace].into_iter()).is_none());
    assert!(Scrubbed::join([&profile, &profile].into_iter()).is_none());
    assert!(Scrubbed::join(std::iter::empty()).is_none());
}

/// A document, and what it holds: each record once, in its order, and what stands above it in every part.
fn held(format: Format, document: &Json, above: fn(&Json) -> Json, records: fn(&Json) -> Vec<Json>) {
    let packed = matches!(format, Format::Msgpack(_));
    let source = if packed { packed_json(document) } else { document.to_string().into_bytes() };
    let whole = Scrubber::new(&RULES).unwrap().scrub(&source.into(), format, TODAY).unwrap();
    assert_eq!(whole.report().records, records(document).len() as u64, "{format:?}");
    let read = |part: &Scrubbed| -> Json {
        if !packed {
            return serde_json::from_slice(part.bytes()).unwrap();
        }
        let mut rest = &part.bytes()[..];
        let value = rmpv::decode::read_value(&mut rest).unwrap();
        assert!(rest.is_empty());
        // It is shown as JSON.
        serde_json::from_str(&value.to_string()).unwrap()
    };
    let parts = singles(whole);
    let mut found = Vec::new();
    for part in &parts {
        let read = read(part);
        assert_eq!(above(&read), above(document), "{format:?}");
        found.extend(records(&read));
        let again = Scrubber::new(&RULES).unwrap().scrub(part.bytes(), format, TODAY).unwrap();
        assert_eq!((again.bytes(), again.report().records), (part.bytes(), part.report().records), "{format:?}");
    }
    assert!(parts.len() > 2 && found == records(document), "{format:?}: {found:?}");
}

fn below(document: &Json, keys: &[&str]) -> Vec<Json> {
    let Some((key, rest)) = keys.split_first() else { return vec![document.clone()] };
    document[key].as_array().unwrap().iter().flat_map(|item| below(item, rest)).collect()
}

#[test]
fn documents_are_divided_at_their_records() {
    let numbered = |what: &str| -> Json { (0..7).map(|number| json!({ what: format!("n{number}") })).collect() };
    let series = json!({ "before": "b", "series": numbered("metric"), "behind": { "series": "s" } });
    for format in [Format::Json(Schema::DatadogSeries), Format::Json(Schema::DatadogMetrics)] {
        held(format, &series, |of| json!([of["before"], of["behind"]]), |of| below(of, &["series"]));
    }
    let groups = json!([{ "Start": 1, "Stats": numbered("Name") }, { "Start": 2, "Stats": [{ "Name": "last" }] }]);
    let client = json!({ "Hostname": "web-1", "Stats": groups, "Sequence": 3 });
    let format = Format::Msgpack(Schema::DatadogClientStats);
    held(format, &client, |of| json!([of["Hostname"], of["Sequence"]]), |of| below(of, &["Stats", "Stats"]));
    let agent = json!({ "AgentHostname": "web-1", "Stats": [client], "ClientComputed": true });
    let format = Format::Msgpack(Schema::DatadogStats);
    held(
        format,
        &agent,
        |of| json!([of["AgentHostname"], of["ClientComputed"]]),
        |of| below(of, &["Stats", "Stats", "Stats"]),
    );
    let chunks: Json =
        (0..5).map(|number| json!({ "priority": number, "spans": [{ "name": format!("n{number}") }] })).collect();
    let payload = json!({ "language_name": "go", "chunks": chunks, "env": "prod" });
    let format = Format::Msgpack(Schema::DatadogTracePayload);
    held(format, &payload, |of| json!([of["language_name"], of["env"]]), |of| below(of, &["chunks", "spans"]));
    let table =
        json!([["", "a", "b"], (0..5).map(|of| json!([[1, 1, 2, of, 8, 0, 1, 2, 0, {}, {}, 0]])).collect::<Json>()]);
    held(
        Format::Msgpack(Schema::DatadogTraceTable),
        &table,
        |of| of[0].clone(),
        |of| of[1].as_array().unwrap().clone(),
    );
}

/// What may be read in two ways is not divided, nor is what holds a single record.
#[test]
fn what_has_its_list_twice_is_not_divided() {
    for source in [
        r#"{"series":[{"metric":"a"},{"metric":"b"}],"series":[{"metric":"c"},{"metric":"d"}]}"#,
        r#"{"series":[{"metric":"a"}]}"#,
        r#"{"series":[]}"#,
        r#"{"series":{"metric":"a"}}"#,
        "{}",
        "[]",
    ] {
        let format = Format::Json(Schema::DatadogSeries);
        let whole = Scrubber::new(&RULES).unwrap().scrub(&source.into(), format, TODAY).unwrap();
        assert!(whole.halve().is_none(), "{source}");
    }
}
