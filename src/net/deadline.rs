//! A connection must say what it wants before long.
//!
//! The library has one limit for the time between requests and the time a header takes, which must then be long. This
//! one is short, and for the first header only: who has sent one request may take his time with the next.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// What HTTP/2 begins with, its first header so to say. While a connection has sent nothing but a beginning of it,
/// nobody knows what it speaks.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A stream whose first header has a deadline.
#[derive(Debug)]
pub(super) struct Deadline<S> {
    inner: S,
    waiting: Option<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    until: Pin<Box<Sleep>>,
    /// How much of the preface has been seen; `None` if something else was.
    preface: Option<usize>,
    /// How much of the empty line that ends an HTTP/1 header has been seen.
    blank: u8,
}

impl Waiting {
    /// Looks at what came; whether it ends the header.
    fn ends_with(&mut self, bytes: &[u8]) -> bool {
        for byte in bytes {
            self.preface = self.preface.filter(|seen| PREFACE.get(*seen) == Some(byte)).map(|seen| seen + 1);
            self.blank = match (self.blank, byte) {
                (0 | 2, b'\r') | (1 | 3, b'\n') => self.blank + 1,
                (_, b'\r') => 1,
                _ => 0,
            };
            let ended = self.preface.map_or(self.blank == 4, |seen| seen == PREFACE.len());
            if ended {
                return true;
            }
        }
        false
    }
}

impl<S> Deadline<S> {
    /// Gives the stream's peer so much time for its first header.
    pub(super) fn new(inner: S, time: Duration) -> Self {
        let until = Box::pin(tokio::time::sleep(time));
        Self { inner, waiting: Some(Waiting { until, preface: Some(0), blank: 0 }) }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Deadline<S> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        let before = buf.filled().len();
        let outcome = Pin::new(&mut this.inner).poll_read(cx, buf);
        let Some(waiting) = &mut this.waiting else { return outcome };
        match outcome {
            Poll::Ready(Ok(())) => {
                let new = buf.filled().get(before..).unwrap_or_default();
                // Nothing new is the end of the stream.
                if new.is_empty() || waiting.ends_with(new) {
                    this.waiting = None;
                }
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => {
                ready!(waiting.until.as_mut().poll(cx));
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

    async fn try_with(parts: &[&[u8]]) -> io::Result<usize> {
        let (mut client, server) = tokio::io::duplex(256);
        let mut server = Deadline::new(server, Duration::from_millis(50));
        let mut read = 0;
        for part in parts {
            client.write_all(part).await?;
            let mut buf = [0; 64];
            read += server.read(&mut buf).await?;
        }
        let mut buf = [0; 64];
        let last = tokio::time::timeout(Duration::from_millis(200), server.read(&mut buf)).await;
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
    async fn who_has_sent_a_header_may_take_his_time() {
        for parts in [
            &[&b"GET / HTTP/1.1\r\n\r\n"[..]][..],
            &[&b"POST / HTTP/1.1\r\nx: y\r"[..], b"\n\r\nbody"],
            &[&b"PRI * HTTP/2.0\r\n\r\n"[..], b"SM\r\n\r\n"],
        ] {
            assert!(try_with(parts).await.is_ok());
        }
    }
}
