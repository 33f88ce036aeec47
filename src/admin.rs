//! The collector's own pages: metrics and health, and what its operator may see. They hold no data and take no orders.

use crate::drain::Drain;
use crate::net::{AnswerBody, Limits, Listener, Pressure, Protocol};
use crate::settings::{Admin, Current, Listen, TokenHash};
use crate::telemetry::{Component, ExporterState, Page};
use bytes::Bytes;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use serde_json::{Value, json};
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

const TEXT: &str = "text/plain; version=0.0.4";
const JSON: &str = "application/json";

fn limits() -> Limits {
    Limits { connections: 64, header: Duration::from_secs(5), ..Limits::default() }
}

/// Opens the page of metrics, at `/metrics`; the future serves it.
///
/// # Errors
/// If the address is not to be had.
pub async fn metrics(listen: Listen, page: Page, drain: Drain) -> io::Result<impl Future<Output = ()>> {
    let listener = Listener::bind(Component::new("admin/metrics"), Protocol::Http, listen, None, limits()).await?;
    let handler = move |request: Request<Incoming>| {
        let found = request.uri().path() == "/metrics";
        let answer = answer(&request, found, || (StatusCode::OK, TEXT, page.render()));
        async move { answer }
    };
    Ok(listener.serve(handler, drain))
}

/// Opens the health check, at `/`: 200 while data is welcome, 503 before and after.
///
/// # Errors
/// If the address is not to be had.
pub async fn health(listen: Listen, drain: Drain) -> io::Result<impl Future<Output = ()>> {
    let listener = Listener::bind(Component::new("admin/health"), Protocol::Http, listen, None, limits()).await?;
    let state = drain.clone();
    let handler = move |request: Request<Incoming>| {
        let found = request.uri().path() == "/";
        let answer = answer(&request, found, || ready(&state));
        async move { answer }
    };
    Ok(listener.serve(handler, drain))
}

/// What the collector knows of itself once it has started: numbers, ids of components, hashes of rules.
#[derive(Clone, Debug)]
pub struct State {
    /// The scrub processors, how many rules each has, and the hash of them.
    pub rules: Vec<(Component, usize, [u8; 32])>,
    /// The exporters.
    pub exporters: Vec<ExporterState>,
    /// Bytes of requests that are not scrubbed yet, and how many there may be.
    pub raw: (usize, usize),
    /// Resident bytes, and how many there may be, if anybody says so.
    pub memory: (usize, Option<usize>),
    /// How short memory is.
    pub pressure: Pressure,
}

/// Says how the collector is doing. Not there before it has started.
pub type Report = Arc<OnceLock<Box<dyn Fn() -> State + Send + Sync>>>;

/// Opens the operator's pages: `/livez` for anybody who gets as far as that, and `/readyz`, `/metrics` and `/state` for who
/// has the token.
///
/// # Errors
/// If the address or the socket is not to be had.
pub async fn pages(
    admin: Admin,
    page: Option<Page>,
    report: Report,
    drain: Drain,
) -> io::Result<impl Future<Output = ()>> {
    let component = Component::new("admin");
    let listener = match &admin {
        Admin::Port(listen, _) => Listener::bind(component, Protocol::Http, *listen, None, limits()).await?,
        Admin::Socket(path, _) => Listener::bind_unix(component, path, limits())?,
    };
    let (token, phase) = (admin.token().cloned(), drain.clone());
    let handler = move |request: Request<Incoming>| {
        let token = token.as_ref().map(Current::get);
        let answer = turn(&request, token.as_deref(), &phase, page.as_ref(), &report);
        async move { answer }
    };
    Ok(listener.serve(handler, drain))
}

fn turn(
    request: &Request<Incoming>,
    token: Option<&TokenHash>,
    phase: &Drain,
    page: Option<&Page>,
    report: &Report,
) -> Response<AnswerBody> {
    let path = request.uri().path();
    if path == "/livez" {
        return answer(request, true, || (StatusCode::OK, JSON, r#"{"status":"alive"}"#.to_owned()));
    }
    // Who has no token does not hear what there is.
    if token.is_some_and(|token| !bears(request.headers(), token)) {
        let mut response = response(StatusCode::UNAUTHORIZED, TEXT, String::new());
        response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        return response;
    }
    match path {
        "/readyz" => answer(request, true, || ready(phase)),
        "/metrics" => answer(request, true, || (StatusCode::OK, TEXT, page.map(Page::render).unwrap_or_default())),
        "/state" => answer(request, true, || {
            let state = report.get().map(|report| report());
            (StatusCode::OK, JSON, state_page(phase, state.as_ref()).to_string())
        }),
        _ => answer(request, false, || (StatusCode::OK, TEXT, String::new())),
    }
}

fn bears(headers: &HeaderMap, token: &TokenHash) -> bool {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    let Some((scheme, shown)) = value.as_bytes().split_at_checked(7) else { return false };
    token.is(&TokenHash::of(shown.trim_ascii())) & scheme.eq_ignore_ascii_case(b"bearer ")
}

fn ready(phase: &Drain) -> (StatusCode, &'static str, String) {
    let (status, word) = match (phase.is_serving(), phase.is_draining()) {
        (true, _) => (StatusCode::OK, "serving"),
        (false, false) => (StatusCode::SERVICE_UNAVAILABLE, "starting"),
        (false, true) => (StatusCode::SERVICE_UNAVAILABLE, "draining"),
    };
    (status, JSON, format!(r#"{{"status":"{word}"}}"#))
}

fn state_page(phase: &Drain, state: Option<&State>) -> Value {
    let (_, _, status) = ready(phase);
    let mut whole = serde_json::from_str(&status).unwrap_or_else(|_| json!({}));
    let Some(whole_map) = whole.as_object_mut() else { return whole };
    whole_map.insert("version".to_owned(), env!("CARGO_PKG_VERSION").into());
    let Some(State { rules, exporters, raw, memory, pressure }) = state else { return whole };
    let rules: Vec<Value> = rules
        .iter()
        .map(|(scrub, rules, hash)| {
            let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
            json!({ "scrub": scrub.id(), "rules": rules, "hash": hash })
        })
        .collect();
    let exporters: Vec<Value> = exporters
        .iter()
        .map(|state| {
            json!({
                "exporter": state.exporter.id(),
                "queue": { "batches": state.batches, "bytes": state.bytes, "capacity": state.capacity },
                "paused": state.paused,
                "concurrency": state.concurrency,
            })
        })
        .collect();
    whole_map.insert("rules".to_owned(), rules.into());
    whole_map.insert("exporters".to_owned(), exporters.into());
    whole_map.insert("raw_bytes".to_owned(), json!({ "used": raw.0, "budget": raw.1 }));
    let memory = json!({ "resident": memory.0, "limit": memory.1, "pressure": pressure.label() });
    whole_map.insert("memory".to_owned(), memory);
    whole
}

fn answer(
    request: &Request<Incoming>,
    found: bool,
    page: impl FnOnce() -> (StatusCode, &'static str, String),
) -> Response<AnswerBody> {
    if !found {
        return response(StatusCode::NOT_FOUND, TEXT, String::new());
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return response(StatusCode::METHOD_NOT_ALLOWED, TEXT, String::new());
    }
    let (status, kind, text) = page();
    response(status, kind, text)
}

fn response(status: StatusCode, kind: &'static str, text: String) -> Response<AnswerBody> {
    let mut response = Response::new(Full::new(Bytes::from(text)).boxed_unsync());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
