//! A connection must say what it wants before long, and must not keep the server busy with what is no request.
//!
//! The library has one limit for the time between requests and the time a header takes, which must then be long. This
//! one is short, and for the first header only: who has sent one request may take his time with the next.

use super::frames::FrameMeter;
use crate::telemetry::{Component, Metrics};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

/// What HTTP/2 begins with, its first header so to say. While a connection has sent nothing but a beginning of it,
/// nobody knows what it speaks.
pub(super) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A stream whose first byte and first header have deadlines, and whose frames, if it has some, are metered.
#[derive(Debug)]
pub(super) struct Deadline<S> {
    inner: S,
    component: Component,
    phase: Phase,
}

#[derive(Debug)]
enum Phase {
    /// Nobody knows yet what it wants.
    Opening(Waiting),
    /// It speaks HTTP/2.
    Framed(FrameMeter),
    /// It speaks HTTP/1, or has ended.
    Free,
}

#[derive(Debug)]
struct Waiting {
    /// When the next must have come: a byte, then the whole header.
    until: Pin<Box<Sleep>>,
    /// When the header must be there.
    header: Instant,
    /// How much of the preface has been seen; `None` if something else was.
    preface: Option<usize>,
    /// How much of the empty line that ends an HTTP/1 header has been seen.
    blank: u8,
}

/// How an opening ends.
enum Opened {
    Http1,
    /// HTTP/2, and so many of the bytes belong to the preface.
    Http2(usize),
}

impl Waiting {
    /// Looks at what came; whether it ends the header.
    fn ends_with(&mut self, bytes: &[u8]) -> Option<Opened> {
        for (at, byte) in bytes.iter().enumerate() {
            self.preface = self.preface.filter(|seen| PREFACE.get(*seen) == Some(byte)).map(|seen| seen + 1);
            self.blank = match (self.blank, byte) {
                (0 | 2, b'\r') | (1 | 3, b'\n') => self.blank + 1,
                (_, b'\r') => 1,
                _ => 0,
            };
            if self.preface == Some(PREFACE.len()) {
                return Some(Opened::Http2(at + 1));
            }
            if self.preface.is_none() && self.blank == 4 {
                return Some(Opened::Http1);
            }
        }
        None
    }
}

impl<S> Deadline<S> {
    /// Gives the stream's peer so much time for its first byte and for its first header.
    pub(super) fn new(inner: S, component: Component, first_byte: Duration, header: Duration) -> Self {
        let now = Instant::now();
        let until = Box::pin(tokio::time::sleep_until(now + first_byte.min(header)));
        let waiting = Waiting { until, header: now + header, preface: Some(0), blank: 0 };
        Self { inner, component, phase: Phase::Opening(waiting) }
    }

    /// Looks at what came.
    fn came(&mut self, new: &[u8]) -> io::Result<()> {
        let mut framed = new;
        if let Phase::Opening(waiting) = &mut self.phase {
            // Nothing new is the end of the stream.
            let opened = if new.is_empty() { Some(Opened::Http1) } else { waiting.ends_with(new) };
            match opened {
                None => {
                    let header = waiting.header;
                    waiting.until.as_mut().reset(header);
                    return Ok(());
                }
                Some(Opened::Http1) => self.phase = Phase::Free,
                Some(Opened::Http2(preface)) => {
                    self.phase = Phase::Framed(FrameMeter::new(std::time::Instant::now()));
                    framed = new.get(preface..).unwrap_or_default();
                }
            }
        }
        if let Phase::Framed(meter) = &mut self.phase
            && meter.count(framed, std::time::Instant::now()).is_err()
        {
            Metrics::connection_closed(&self.component, "flood");
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        Ok(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Deadline<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buf.filled().len();
        match Pin::new(&mut this.inner).poll_read(cx, buf) {
            Poll::Ready(Ok(())) => {
                let came = this.came(buf.filled().get(before..).unwrap_or_default());
                if came.is_err() {
                    // Who reads an error has read nothing.
                    buf.set_filled(before);
                }
                Poll::Ready(came)
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                let Phase::Opening(waiting) = &mut this.phase else { return Poll::Pending };
                ready!(waiting.until.as_mut().poll(cx));
                Metrics::connection_closed(&this.component, "silent");
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Deadline<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write_vectored(cx, bufs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    const SHORT: Duration = Duration::from_millis(50);

    async fn try_with(parts: &[&[u8]]) -> io::Result<usize> {
        let (mut client, server) = tokio::io::duplex(1 << 16);
        let mut server = Deadline::new(server, Component::new("otlp"), SHORT, 2 * SHORT);
        let mut read = 0;
        for part in parts {
            client.write_all(part).await?;
            let mut buf = [0; 64];
            read += server.read(&mut buf).await?;
        }
        let mut buf = [0; 64];
        let last = tokio::time::timeout(4 * SHORT, server.read(&mut buf)).await;
        last.map_or(Ok(read), |outcome| outcome.map(|more| read + more))
    }

    #[tokio::test]
    async fn silence_and_half_a_header_run_out_of_time() {
        for parts in [
            &[][..],
            &[&b"PRI * H"[..]],
            &[&b"PRI * HTTP/2.0\r\n\r\n"[..], b"SM"],
            &[&b"P"[..], b"OST / HTTP/1.1\r\n", b"x: y\r\n"],
        ] {
            assert_eq!(try_with(parts).await.unwrap_err().kind(), io::ErrorKind::TimedOut);
        }
    }

    #[tokio::test]
    async fn a_first_byte_has_less_time_than_a_header() {
        let began = std::time::Instant::now();
        assert!(try_with(&[]).await.is_err());
        assert!(began.elapsed() < 2 * SHORT);
    }

    #[tokio::test]
    async fn who_has_sent_a_header_may_take_his_time() {
        for parts in [
            &[&b"GET / HTTP/1.1\r\n\r\n"[..]][..],
            &[&b"POST / HTTP/1.1\r\nx: y\r"[..], b"\n\r\nbody"],
            &[&b"PRI * HTTP/2.0\r\n\r\n"[..], b"SM\r\n\r\n"],
        ] {
            assert!(try_with(parts).await.is_ok());
        }
    }

    #[tokio::test]
    async fn a_flood_ends_the_connection() {
        let (mut client, server) = tokio::io::duplex(1 << 20);
        let mut server = Deadline::new(server, Component::new("otlp"), SHORT, SHORT);
        client.write_all(PREFACE).await.unwrap();
        for _ in 0..4000 {
            client.write_all(&[0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8]).await.unwrap();
        }
        let mut all = Vec::new();
        let error = server.read_to_end(&mut all).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::ConnectionAborted);
    }
}
