//! The collector's own pages: metrics and health. They hold no data and take no orders.

use crate::drain::Drain;
use crate::net::{AnswerBody, Limits, Listener, Protocol};
use crate::settings::Listen;
use crate::telemetry::{Component, Page};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use std::io;
use std::time::Duration;

const LIMITS: Limits = Limits { connections: 64, handshake: Duration::from_secs(5), header: Duration::from_secs(5) };

/// Opens the page of metrics, at `/metrics`; the future serves it.
///
/// # Errors
/// If the address is not to be had.
pub async fn metrics(listen: Listen, page: Page, drain: Drain) -> io::Result<impl Future<Output = ()>> {
    let listener = Listener::bind(Component::new("admin/metrics"), Protocol::Http, listen, None, LIMITS).await?;
    let handler = move |request: Request<Incoming>| {
        let found = request.uri().path() == "/metrics";
        let answer = answer(&request, found, || (StatusCode::OK, page.render()));
        async move { answer }
    };
    Ok(listener.serve(handler, drain))
}

/// Opens the health check, at `/`: 200 while data is welcome, 503 before and after.
///
/// # Errors
/// If the address is not to be had.
pub async fn health(listen: Listen, drain: Drain) -> io::Result<impl Future<Output = ()>> {
    let listener = Listener::bind(Component::new("admin/health"), Protocol::Http, listen, None, LIMITS).await?;
    let state = drain.clone();
    let handler = move |request: Request<Incoming>| {
        let found = request.uri().path() == "/";
        let answer = answer(&request, found, || match (state.is_serving(), state.is_draining()) {
            (true, _) => (StatusCode::OK, r#"{"status":"serving"}"#.to_owned()),
            (false, false) => (StatusCode::SERVICE_UNAVAILABLE, r#"{"status":"starting"}"#.to_owned()),
            (false, true) => (StatusCode::SERVICE_UNAVAILABLE, r#"{"status":"draining"}"#.to_owned()),
        });
        async move { answer }
    };
    Ok(listener.serve(handler, drain))
}

fn answer(
    request: &Request<Incoming>,
    found: bool,
    page: impl FnOnce() -> (StatusCode, String),
) -> Response<AnswerBody> {
    let (status, text) = if !found {
        (StatusCode::NOT_FOUND, String::new())
    } else if !matches!(*request.method(), Method::GET | Method::HEAD) {
        (StatusCode::METHOD_NOT_ALLOWED, String::new())
    } else {
        page()
    };
    let kind = if text.starts_with('{') { "application/json" } else { "text/plain; version=0.0.4" };
    let mut response = Response::new(Full::new(Bytes::from(text)).boxed_unsync());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
