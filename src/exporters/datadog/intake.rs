//! One of Datadog's addresses, and what its answers mean.

use super::super::{SendError, Sent, otlp_http};
use crate::net::{Client, ClientError, TlsError, compress};
use crate::settings::{ClientTls, Compression, Endpoint};
use crate::telemetry::Component;
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, USER_AGENT};
use http::{HeaderMap, HeaderValue, StatusCode, Uri};
use std::time::Duration;

/// An address with what every request to it carries.
#[derive(Debug)]
pub(super) struct Intake {
    client: Client,
    uri: Uri,
    headers: HeaderMap,
}

impl Intake {
    /// Nothing is connected yet.
    pub(super) fn new(
        component: &Component,
        endpoint: &Endpoint,
        path: &str,
        content: &'static str,
        key: &HeaderValue,
        tls: &ClientTls,
        timeout: Duration,
    ) -> Result<Self, TlsError> {
        let mut headers = HeaderMap::new();
        headers.insert("dd-api-key", key.clone());
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content));
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        headers.insert(USER_AGENT, HeaderValue::from_static(concat!("scrubjay/", env!("CARGO_PKG_VERSION"))));
        let uri = endpoint.join(path).unwrap_or_else(|_| endpoint.uri().clone());
        Ok(Self { client: Client::new(endpoint, tls, timeout)?.watching(component), uri, headers })
    }

    /// With another header.
    pub(super) fn with(mut self, name: &'static str, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Posts a body, compressed.
    pub(super) async fn post(&self, body: Bytes) -> Result<Sent, SendError> {
        let compressed = tokio::task::spawn_blocking(move || compress(Compression::Gzip, &body)).await;
        let body = compressed.ok().and_then(Result::ok).ok_or(SendError::Unsendable)?;
        match self.client.post(self.uri.clone(), self.headers.clone(), body).await {
            Ok(reply) if reply.status.is_success() => Ok(otlp_http::partial(&reply)),
            Ok(reply) => Err(refusal(reply.status, otlp_http::retry_after(&reply.headers))),
            Err(ClientError::Timeout) => Err(SendError::Timeout),
            Err(ClientError::Connection) => Err(SendError::Unreachable),
        }
    }
}

/// What a status means that is no success: unlike OTLP, every failure of the intake's own passes.
pub(in crate::exporters) fn refusal(status: StatusCode, after: Option<Duration>) -> SendError {
    match status.as_u16() {
        code @ (408 | 429 | 500..=599) => SendError::Busy { status: code, after },
        _ => SendError::of_http(status, after),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_mean_what_the_intake_says() {
        for (code, label) in [
            (400, "refused"),
            (401, "denied"),
            (403, "denied"),
            (408, "busy"),
            (413, "too_large"),
            (429, "busy"),
            (500, "busy"),
            (503, "busy"),
        ] {
            assert_eq!(refusal(StatusCode::from_u16(code).unwrap(), None).label(), label, "{code}");
        }
    }
}
