//! Limits by peer, by connection and by principal, and the pace of bodies, at every listener.

use super::{Listener, TOKEN, listeners, start_with};
use crate::credentials::sha256;
use crate::support::backend::Backend;
use crate::support::http::{send, try_send};
use crate::support::{eventually, h2};
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

fn face(more: &str) -> String {
    format!("{more}, auth: {{ bearer_token: {TOKEN} }}")
}

fn ask_as(listener: &Listener, token: &str) -> u16 {
    listener.ask(&[("authorization", &format!("Bearer {token}"))], &listener.body)
}

/// What somebody at another address of this machine hears.
fn hear_from_elsewhere(to: SocketAddr, says: &[u8]) -> Vec<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let stream = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.bind("127.0.0.9:0".parse().unwrap()).unwrap();
        socket.connect(to).await.unwrap().into_std().unwrap()
    });
    stream.set_nonblocking(false).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    let mut stream = stream;
    stream.write_all(says).unwrap();
    let mut heard = vec![0; 4096];
    let read = stream.read(&mut heard).unwrap();
    heard.truncate(read);
    heard
}

#[test]
fn no_peer_has_more_connections_than_it_may_anywhere() {
    let backend = Backend::start();
    let collector = start_with(&backend, &face("max_connections: 50, max_connections_per_peer: 3"));
    for listener in listeners(&collector) {
        let name = listener.name;
        let held: Vec<TcpStream> = (0..3).map(|_| TcpStream::connect(listener.at).unwrap()).collect();
        let refusal = [h2::frame(4, 0, 0, b""), h2::frame(7, 0, 0, &[0; 8])].concat();
        let other = if listener.framed {
            let mut heard = Vec::new();
            let _reset = h2::open(listener.at, b"").read_to_end(&mut heard);
            assert_eq!(heard, refusal, "{name}");
            hear_from_elsewhere(listener.at, &[h2::PREFACE, &h2::frame(4, 0, 0, b"")].concat())
        } else {
            let refused = try_send(listener.at, "POST", listener.path, &[], b"").expect("an answer");
            let hint = refused.header("retry-after").map(str::to_owned);
            assert_eq!((refused.status, hint.is_some()), (503, true), "{name}");
            hear_from_elsewhere(listener.at, b"GET /nothing HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        };
        // Its own settings, which are not empty, or an answer to what was asked.
        let served = if listener.framed {
            other.get(3) == Some(&4) && !other.starts_with(&refusal[..9])
        } else {
            other.starts_with(b"HTTP/1.1 4")
        };
        assert!(served, "{name}: another peer is served: {:?}", String::from_utf8_lossy(&other));
        drop(held);
        eventually("there is room again", || {
            let answer = listener.try_ask(&[("authorization", &format!("Bearer {TOKEN}"))], &listener.body)?;
            (answer == listener.taken).then_some(())
        });
    }
}

/// The header of a request that its listener would take, over HTTP/2.
fn header(listener: &Listener) -> Vec<u8> {
    let kind = if listener.framed { "application/grpc" } else { listener.kind };
    let bearer = format!("Bearer {TOKEN}");
    let mut block = vec![0x83, 0x86];
    for (name, value) in [
        (":path", listener.path),
        (":authority", "x"),
        ("content-type", kind),
        ("te", "trailers"),
        ("authorization", &bearer),
    ] {
        block.push(0);
        for text in [name, value] {
            block.push(u8::try_from(text.len()).unwrap());
            block.extend(text.as_bytes());
        }
    }
    block
}

/// The next frame: its kind, its stream and what is in it.
fn frame(stream: &mut TcpStream) -> Option<(u8, u32, Vec<u8>)> {
    let mut head = [0; 9];
    stream.read_exact(&mut head).ok()?;
    let [a, b, c, kind, _, stream_id @ ..] = head;
    let mut content = vec![0; usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c)];
    stream.read_exact(&mut content).ok()?;
    Some((kind, u32::from_be_bytes(stream_id), content))
}

#[test]
fn no_connection_has_more_requests_than_it_may_anywhere() {
    let backend = Backend::start();
    let collector = start_with(&backend, &face("max_concurrent_streams: 2"));
    for listener in listeners(&collector) {
        let name = listener.name;
        let mut stream = h2::open(listener.at, b"");
        // None of them has all of its body.
        let requests: Vec<u8> = [1, 3, 5].into_iter().flat_map(|id| h2::frame(1, 4, id, &header(&listener))).collect();
        stream.write_all(&requests).unwrap();
        let (mut said, mut refused) = (None, None);
        while refused.is_none() {
            let (kind, id, content) = frame(&mut stream).unwrap_or_else(|| panic!("{name}: the third was let in"));
            match kind {
                4 if !content.is_empty() => {
                    said = content.chunks(6).find(|setting| setting[..2] == [0, 3]).map(|setting| setting[5]);
                }
                3 => refused = Some((id, content)),
                1 => panic!("{name}: {id} was answered"),
                _ => {}
            }
        }
        assert_eq!(said, Some(2), "{name}");
        // REFUSED_STREAM: nothing of it was looked at, it may come again.
        assert_eq!(refused, Some((5, vec![0, 0, 0, 7])), "{name}");
    }
}

#[test]
fn no_body_takes_for_ever_anywhere() {
    let backend = Backend::start();
    let collector = start_with(&backend, &face("max_connections: 50"));
    let all = listeners(&collector);
    std::thread::scope(|scope| {
        for listener in &all {
            scope.spawn(move || {
                let name = listener.name;
                let began = Instant::now();
                let mut stream = if listener.framed { h2::open(listener.at, b"") } else { TcpStream::connect(listener.at).unwrap() };
                stream.set_read_timeout(Some(Duration::from_secs(40))).unwrap();
                if listener.framed {
                    let begins = [h2::frame(1, 4, 1, &header(listener)), h2::frame(0, 0, 1, b"\0\0\0\x01\0 and so on")];
                    stream.write_all(&begins.concat()).unwrap();
                    // The answer, to a request that has not ended.
                    while !matches!(frame(&mut stream).unwrap_or_else(|| panic!("{name}: closed")), (1, 1, _)) {}
                } else {
                    let (path, kind) = (listener.path, listener.kind);
                    let head = format!(
                        "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: {kind}\r\nauthorization: Bearer {TOKEN}\r\ncontent-length: 500\r\n\r\nx"
                    );
                    stream.write_all(head.as_bytes()).unwrap();
                    let mut heard = vec![0; 12];
                    stream.read_exact(&mut heard).unwrap();
                    // What Datadog's and Sentry's clients send again is another status.
                    let late = if ["datadog_agent", "sentry"].contains(&name) { "408" } else { "503" };
                    assert_eq!(String::from_utf8_lossy(&heard), format!("HTTP/1.1 {late}"), "{name}");
                }
                let waited = began.elapsed();
                assert!(waited > Duration::from_secs(8) && waited < Duration::from_secs(15), "{name}: {waited:?}");
            });
        }
    });
    for listener in &all {
        assert_eq!(ask_as(listener, TOKEN), listener.taken, "{}", listener.name);
    }
    eventually("all bytes are given back", || (collector.metric("scrubjay_raw_bytes", &[]) == 0.0).then_some(()));
}

#[test]
fn principals_are_told_apart_and_held_to_their_rates_everywhere() {
    let backend = Backend::start();
    let [plain, slow, heavy, other] =
        ["plain", "slow", "heavy", "other"].map(|name| format!("the-token-of-{name}-principals"));
    let principals = [
        format!("plain: {{ token_hashes: {} }}", sha256(&plain)),
        format!("slow: {{ token_hashes: {}, requests_per_second: 1 }}", sha256(&slow)),
        format!("heavy: {{ token_hashes: {}, bytes_per_second: 2B }}", sha256(&heavy)),
        format!("other: {{ token_hashes: {}, signals: profiles }}", sha256(&other)),
    ];
    let auth = format!("auth: {{ principals: {{ {} }} }}", principals.join(", "));
    let collector = start_with(&backend, &auth);
    for listener in listeners(&collector) {
        let (name, taken) = (listener.name, listener.taken);
        let (forbidden, too_fast) = if listener.framed { (7, 14) } else { (403, 429) };
        assert_eq!(ask_as(&listener, &plain[1..]), listener.denied, "{name}: nobody");
        assert_eq!(ask_as(&listener, &other), forbidden, "{name}: not for this signal");
        let before = backend.received().len();
        let paced: Vec<u16> = (0..6).map(|_| ask_as(&listener, &slow)).collect();
        assert!(paced[0] == taken && paced[5] == too_fast, "{name}: {paced:?}");
        assert!(paced.iter().all(|status| [taken, too_fast].contains(status)), "{name}: {paced:?}");
        assert_eq!([(); 2].map(|()| ask_as(&listener, &heavy)), [taken, too_fast], "{name}: bytes");
        // Nobody else is slower for it.
        assert_eq!([(); 6].map(|()| ask_as(&listener, &plain)), [taken; 6], "{name}");
        if !listener.framed {
            let headers = [("content-type", listener.kind), ("authorization", &format!("Bearer {heavy}"))];
            let refused = send(listener.at, "POST", listener.path, &headers, &listener.body);
            let wait = refused.header("retry-after").map(|wait| wait.parse::<u64>().unwrap());
            assert!(refused.status == 429 && wait.is_some_and(|wait| (1..=5).contains(&wait)), "{name}: {refused:?}");
        }
        let all = paced.iter().filter(|status| **status == taken).count() + 1 + 6;
        backend.wait(before + all);
        assert_eq!(backend.received().len(), before + all, "{name}: nothing of the others goes on");
    }
}
