//! The application of the demo: sends what is planted, over gRPC and HTTP, as an SDK would.

use super::records::Record;
use crate::net::Client;
use crate::settings::{ClientTls, Endpoint};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use opentelemetry_proto::tonic::collector::logs::v1::ExportLogsServiceRequest;
use opentelemetry_proto::tonic::collector::logs::v1::logs_service_client::LogsServiceClient;
use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_client::MetricsServiceClient;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_client::TraceServiceClient;
use prost::Message as _;
use std::net::SocketAddr;
use std::time::Duration;
use tonic::transport::Channel;

/// How often a request that finds no room is sent before it is given up.
const TRIES: u32 = 40;
/// How long it waits in between.
const PAUSE: Duration = Duration::from_millis(250);

/// One request for each signal.
#[derive(Clone, Debug, Default)]
pub(super) struct Batch {
    traces: ExportTraceServiceRequest,
    logs: ExportLogsServiceRequest,
    metrics: ExportMetricsServiceRequest,
}

impl Batch {
    /// Puts records into requests.
    pub(super) fn of(records: impl IntoIterator<Item = Record>) -> Self {
        let mut batch = Self::default();
        for record in records {
            match record {
                Record::Span(spans) => batch.traces.resource_spans.push(spans),
                Record::Log(logs) => batch.logs.resource_logs.push(logs),
                Record::Metric(metrics) => batch.metrics.resource_metrics.push(metrics),
            }
        }
        batch
    }

    /// Bytes of its requests.
    pub(super) fn size(&self) -> usize {
        self.traces.encoded_len() + self.logs.encoded_len() + self.metrics.encoded_len()
    }
}

/// Why the collector did not take a request. Says nothing of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct NotTaken;

/// A connection to the collector.
pub(super) enum Sender {
    /// OTLP over gRPC.
    Grpc(Box<(TraceServiceClient<Channel>, LogsServiceClient<Channel>, MetricsServiceClient<Channel>)>),
    /// OTLP over HTTP, in protobuf.
    Http(Client, Endpoint),
}

impl Sender {
    /// Connects over gRPC.
    pub(super) async fn grpc(address: SocketAddr) -> Result<Self, NotTaken> {
        let endpoint = Channel::from_shared(format!("http://{address}")).map_err(|_| NotTaken)?;
        let channel = endpoint.connect().await.map_err(|_| NotTaken)?;
        let (traces, logs) = (TraceServiceClient::new(channel.clone()), LogsServiceClient::new(channel.clone()));
        Ok(Self::Grpc(Box::new((traces, logs, MetricsServiceClient::new(channel)))))
    }

    /// Connects over HTTP, with the first request.
    pub(super) fn http(address: SocketAddr) -> Result<Self, NotTaken> {
        let endpoint = Endpoint::parse(&format!("http://{address}"), "http").map_err(|_| NotTaken)?;
        let client = Client::new(&endpoint, &ClientTls::default(), Duration::from_secs(30)).map_err(|_| NotTaken)?;
        Ok(Self::Http(client, endpoint))
    }

    /// Sends the requests of a batch one after the other, each until it is taken.
    pub(super) async fn send(&mut self, batch: Batch) -> Result<(), NotTaken> {
        let Batch { traces, logs, metrics } = batch;
        match self {
            Self::Grpc(clients) => {
                let (to_traces, to_logs, to_metrics) = clients.as_mut();
                let mut left = TRIES;
                while let Err(status) = to_traces.export(traces.clone()).await {
                    pause(&status, &mut left).await?;
                }
                while let Err(status) = to_logs.export(logs.clone()).await {
                    pause(&status, &mut left).await?;
                }
                while let Err(status) = to_metrics.export(metrics.clone()).await {
                    pause(&status, &mut left).await?;
                }
                Ok(())
            }
            Self::Http(client, endpoint) => {
                post(client, endpoint, "/v1/traces", traces.encode_to_vec()).await?;
                post(client, endpoint, "/v1/logs", logs.encode_to_vec()).await?;
                post(client, endpoint, "/v1/metrics", metrics.encode_to_vec()).await
            }
        }
    }
}

/// Waits before the next try, where there is to be one.
async fn pause(status: &tonic::Status, left: &mut u32) -> Result<(), NotTaken> {
    *left = left.checked_sub(1).filter(|_| status.code() == tonic::Code::Unavailable).ok_or(NotTaken)?;
    tokio::time::sleep(PAUSE).await;
    Ok(())
}

async fn post(client: &Client, endpoint: &Endpoint, path: &str, body: Vec<u8>) -> Result<(), NotTaken> {
    let uri = endpoint.join(path).map_err(|_| NotTaken)?;
    let body = Bytes::from(body);
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-protobuf"));
    for _ in 0..TRIES {
        let reply = client.post(uri.clone(), headers.clone(), body.clone()).await.map_err(|_| NotTaken)?;
        match reply.status.as_u16() {
            200 => return Ok(()),
            429 | 502..=504 => tokio::time::sleep(PAUSE).await,
            _ => return Err(NotTaken),
        }
    }
    Err(NotTaken)
}
