//! A backend that speaks OTLP over HTTP and gRPC and answers by a script.

use bytes::Bytes;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, combinators::UnsyncBoxBody};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use std::convert::Infallible;
use std::io::Read as _;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A request as it arrived, inflated.
#[derive(Clone, Debug)]
pub struct Received {
    pub path: String,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    pub at: Instant,
    /// Whether it was answered with success.
    pub taken: bool,
}

/// What to answer.
#[derive(Clone, Debug)]
pub enum Say {
    /// 200, or gRPC OK.
    Ok,
    /// This HTTP status, with these headers and this body.
    Http(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// This gRPC status.
    Grpc(tonic::Status),
    /// 200 with this export response.
    Partial(Vec<u8>),
    /// Nothing, ever.
    Hang,
    /// As the inner one, but after a while.
    Late(Duration, Box<Say>),
}

type Script = Arc<dyn Fn(usize, &Received) -> Say + Send + Sync>;

/// A backend at work; ends with its runtime.
pub struct Backend {
    pub address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    runtime: Option<tokio::runtime::Runtime>,
}

impl Backend {
    /// A backend that takes everything.
    pub fn start() -> Self {
        Self::script(|_, _| Say::Ok)
    }

    /// A backend that answers the n-th request, counted from zero, as told.
    pub fn script(script: impl Fn(usize, &Received) -> Say + Send + Sync + 'static) -> Self {
        Self::at("127.0.0.1:0".parse().unwrap(), script)
    }

    pub fn at(address: SocketAddr, script: impl Fn(usize, &Received) -> Say + Send + Sync + 'static) -> Self {
        Self::open(address, script, true)
    }

    /// The same, but what arrives is seen by the script alone and not kept: for runs in which more comes than there is memory.
    pub fn forgetful(script: impl Fn(usize, &Received) -> Say + Send + Sync + 'static) -> Self {
        Self::open("127.0.0.1:0".parse().unwrap(), script, false)
    }

    fn open(
        address: SocketAddr,
        script: impl Fn(usize, &Received) -> Say + Send + Sync + 'static,
        keeps: bool,
    ) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let received = Arc::new(Mutex::new(Vec::new()));
        let script: Script = Arc::new(script);
        let listener = runtime.block_on(async { tokio::net::TcpListener::bind(address).await }).unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::clone(&received);
        runtime.spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (seen, script) = (Arc::clone(&seen), Arc::clone(&script));
                tokio::spawn(async move {
                    let service =
                        service_fn(move |request| serve(Arc::clone(&seen), Arc::clone(&script), keeps, request));
                    let _ =
                        auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
                });
            }
        });
        Self { address, received, runtime: Some(runtime) }
    }

    /// Everything that has arrived.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    /// Everything that has arrived and was answered with success.
    pub fn taken(&self) -> Vec<Received> {
        self.received().into_iter().filter(|request| request.taken).collect()
    }

    /// Waits for so many requests.
    pub fn wait(&self, count: usize) -> Vec<Received> {
        super::eventually(&format!("{count} requests at the backend"), || {
            let received = self.received();
            (received.len() >= count).then_some(received)
        })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Backend {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

type Body = UnsyncBoxBody<Bytes, Infallible>;

async fn serve(
    seen: Arc<Mutex<Vec<Received>>>,
    script: Script,
    keeps: bool,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let (parts, body) = request.into_parts();
    let Ok(body) = body.collect().await.map(|body| body.to_bytes()) else {
        // It broke off: nobody hears this, and nothing has arrived.
        return Ok(Response::new(Full::default().boxed_unsync()));
    };
    let grpc = parts.headers.get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"application/grpc"));
    let header = if grpc { "grpc-encoding" } else { "content-encoding" };
    let encoding = parts.headers.get(header).map(|value| value.to_str().unwrap().to_owned());
    let message = if grpc && body.first() != Some(&1) {
        body[5..].to_vec()
    } else {
        inflate(encoding.as_deref(), if grpc { &body[5..] } else { &body })
    };
    let mut received = Received {
        path: parts.uri.path().into(),
        headers: parts.headers,
        body: message,
        at: Instant::now(),
        taken: false,
    };
    let number = seen.lock().unwrap().len();
    let mut say = script(number, &received);
    let mut pause = Duration::ZERO;
    if let Say::Late(time, inner) = say {
        pause = time;
        say = *inner;
    }
    received.taken = matches!(say, Say::Ok | Say::Partial(_));
    if !keeps {
        received.body = Vec::new();
    }
    seen.lock().unwrap().push(received);
    tokio::time::sleep(pause).await;
    Ok(match say {
        Say::Ok => success(grpc, &[]),
        Say::Partial(body) => success(grpc, &body),
        Say::Http(status, headers, body) => {
            let mut response = Response::new(Full::new(Bytes::from(body)).boxed_unsync());
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            for (name, value) in headers {
                response.headers_mut().insert(name, value.parse().unwrap());
            }
            response
        }
        Say::Grpc(status) => status.into_http::<Full<Bytes>>().map(|body| body.boxed_unsync()),
        Say::Hang => std::future::pending().await,
        Say::Late(..) => panic!("late twice"),
    })
}

fn success(grpc: bool, body: &[u8]) -> Response<Body> {
    if !grpc {
        let mut response = Response::new(Full::new(Bytes::copy_from_slice(body)).boxed_unsync());
        response.headers_mut().insert("content-type", "application/x-protobuf".parse().unwrap());
        return response;
    }
    let mut framed = vec![0];
    framed.extend(u32::try_from(body.len()).unwrap().to_be_bytes());
    framed.extend(body);
    let mut trailers = HeaderMap::new();
    trailers.insert("grpc-status", "0".parse().unwrap());
    let body = Full::new(Bytes::from(framed)).with_trailers(std::future::ready(Some(Ok(trailers))));
    let mut response = Response::new(body.boxed_unsync());
    response.headers_mut().insert("content-type", "application/grpc".parse().unwrap());
    response
}

fn inflate(encoding: Option<&str>, body: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    match encoding {
        None | Some("identity") => out.extend(body),
        Some("gzip") => {
            flate2::read::MultiGzDecoder::new(body).read_to_end(&mut out).unwrap();
        }
        Some("zstd") => {
            zstd::stream::read::Decoder::new(body).unwrap().read_to_end(&mut out).unwrap();
        }
        Some(other) => panic!("encoding {other}"),
    }
    out
}
