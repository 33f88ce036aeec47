use super::{LARGEST_RECORD, Layout, LogRecordsError, Source, to_protobuf};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::logs::v1::LogRecord;
use prost::Message as _;

fn convert(layout: Layout, input: &str) -> Result<Vec<LogRecord>, LogRecordsError> {
    let source = Source { resource: vec![("service.name".into(), "orders".into())], observed: 7 };
    let bytes = to_protobuf(layout, input.as_bytes(), &source, &mut |_| true)?;
    let request = ExportLogsServiceRequest::decode(bytes.as_slice()).unwrap();
    assert_eq!(request.encode_to_vec(), bytes, "as prost would have written it");
    Ok(request
        .resource_logs
        .into_iter()
        .inspect(|of| assert_eq!(of.resource.as_ref().unwrap().attributes[0].key, "service.name"))
        .flat_map(|of| of.scope_logs)
        .flat_map(|of| of.log_records)
        .inspect(|log| assert_eq!(log.observed_time_unix_nano, 7))
        .collect())
}

fn one(json: &str) -> LogRecord {
    let mut records = convert(Layout::Json, json).unwrap();
    assert_eq!(records.len(), 1, "{json}");
    records.remove(0)
}

fn body(log: &LogRecord) -> &str {
    match log.body.as_ref().and_then(|body| body.value.as_ref()) {
        Some(Value::StringValue(text)) => text,
        other => panic!("{other:?}"),
    }
}

fn bodies(layout: Layout, input: &str) -> Vec<String> {
    convert(layout, input).unwrap().iter().map(|log| body(log).to_owned()).collect()
}

#[test]
fn lines_are_text_or_objects() {
    let input = "plain line\r\n\n  {\"msg\":\"in json\"}\n{broken\n  indented";
    assert_eq!(bodies(Layout::Lines, input), ["plain line", "in json", "{broken", "  indented"]);
    assert!(convert(Layout::Lines, " \n\n").unwrap().is_empty());
}

#[test]
fn json_is_an_object_several_or_an_array() {
    assert_eq!(bodies(Layout::Json, r#"{"message":"a"}"#), ["a"]);
    assert_eq!(bodies(Layout::Json, "{\"log\":\"a\"}\n{\"msg\":\"b\"} {\"msg\":\"c\"}\n"), ["a", "b", "c"]);
    assert_eq!(bodies(Layout::Json, r#" [{"msg":"a"}, "b" ] "#), ["a", "b"]);
    assert!(convert(Layout::Json, "").unwrap().is_empty() && convert(Layout::Json, "[]").unwrap().is_empty());
    for broken in ["{", "[1]", "[{}", "[{}] x", "7", "{}\n[", "{\"a\":\u{1}}", "[[]]", "null"] {
        assert_eq!(convert(Layout::Json, broken), Err(LogRecordsError::Malformed), "{broken}");
    }
    let deep = format!("{}{}", "{\"a\":".repeat(5000), "}".repeat(5000));
    assert_eq!(convert(Layout::Json, &deep), Err(LogRecordsError::Malformed));
}

#[test]
fn members_find_their_places() {
    let log = one(
        r#"{"message":"m","msg":"n","level":"WARN","status":200,"@timestamp":"2025-03-02T10:15:00.5Z","a":{"b":[1,1.5,null,true]},
            "big":18446744073709551615,"time":"1961-07-14"}"#,
    );
    assert_eq!((body(&log), log.severity_number, log.severity_text.as_str()), ("m", 13, "WARN"));
    assert_eq!(log.time_unix_nano, 1_740_910_500_500_000_000);
    let keys: Vec<&str> = log.attributes.iter().map(|attribute| attribute.key.as_str()).collect();
    assert_eq!(keys, ["a", "big", "msg", "status", "time"]);
    let value = |key: &str| log.attributes.iter().find(|a| a.key == key).unwrap().value.clone().unwrap().value.unwrap();
    assert_eq!(value("big"), Value::StringValue("18446744073709551615".into()));
    let Value::KvlistValue(map) = value("a") else { panic!("a map stays a map") };
    let Some(Value::ArrayValue(list)) = map.values[0].value.clone().unwrap().value else { panic!("a list") };
    let values: Vec<_> = list.values.into_iter().map(|item| item.value).collect();
    let expected = [Some(Value::IntValue(1)), Some(Value::DoubleValue(1.5)), None, Some(Value::BoolValue(true))];
    assert_eq!(values, expected);
}

#[test]
fn severities_are_names_or_the_numbers_of_pino() {
    for (json, number) in [
        (r#"{"level":30}"#, 9),
        (r#"{"level":50}"#, 17),
        (r#"{"level":3}"#, 0),
        (r#"{"status":"error"}"#, 17),
        (r#"{"status":"discharged","severity":"CRITICAL"}"#, 21),
        (r#"{"status":50}"#, 0),
        (r#"{"level":"Jane Doe"}"#, 0),
    ] {
        let log = one(json);
        assert_eq!(log.severity_number, number, "{json}");
        assert_eq!(log.severity_number == 0, log.attributes.len() == 1 && log.severity_text.is_empty(), "{json}");
    }
}

#[test]
fn only_what_can_be_the_time_of_a_log_is_one() {
    const AT: u64 = 1_740_910_500_000_000_000;
    for (value, nanos) in [
        ("1740910500", AT),
        ("1740910500.25", AT + 250_000_000),
        ("1740910500000", AT),
        ("\"1740910500000\"", AT),
        ("1740910500000000", AT),
        ("1740910500000000000", AT),
        ("\"2025-03-02T10:15:00Z\"", AT),
        ("\"2025-03-02 11:15:00,000+01:00\"", AT),
        ("\"2025-03-02T11:15:00+0100\"", AT),
        ("\"2025-03-02T10:15:00\"", AT),
        ("\"1961-07-14T00:00:00Z\"", 0),
        ("\"2025-03-02\"", 0),
        ("536228147", 0),
        ("-5", 0),
        ("1e300", 0),
        ("\"noon\"", 0),
        ("\"NaN\"", 0),
        ("{}", 0),
    ] {
        let log = one(&format!("{{\"ts\":{value}}}"));
        assert_eq!(log.time_unix_nano, nanos, "{value}");
        assert_eq!(log.attributes.len(), usize::from(nanos == 0), "{value}");
    }
}

#[test]
fn objects_and_output_are_bounded() {
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(LARGEST_RECORD));
    assert_eq!(convert(Layout::Json, &large), Err(LogRecordsError::TooLarge));
    assert_eq!(convert(Layout::Json, &format!("[{large}]")), Err(LogRecordsError::TooLarge));
    assert!(bodies(Layout::Lines, &large) == std::slice::from_ref(&large), "as text");
    let mut asked = 0;
    let lines = "a\n".repeat(10_000);
    let mut room = |bytes: usize| {
        asked = bytes;
        bytes < 50_000
    };
    assert_eq!(
        to_protobuf(Layout::Lines, lines.as_bytes(), &Source::default(), &mut room),
        Err(LogRecordsError::NoRoom)
    );
    assert!((50_000..200_000).contains(&asked), "{asked}");
}
