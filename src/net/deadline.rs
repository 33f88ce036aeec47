//! A connection must say what it wants before long.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

/// What HTTP/2 begins with. While a connection has sent nothing but a beginning of it, nobody knows what it speaks,
/// and the library that finds out has no patience to lose.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// A stream whose first bytes have a deadline.
#[derive(Debug)]
pub(super) struct Deadline<S> {
    inner: S,
    waiting: Option<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    until: Pin<Box<Sleep>>,
    seen: usize,
}

impl<S> Deadline<S> {
    /// Gives the stream's peer so much time to begin.
    pub(super) fn new(inner: S, time: Duration) -> Self {
        let until = Box::pin(tokio::time::sleep(time));
        Self { inner, waiting: Some(Waiting { until, seen: 0 }) }
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
                let rest = PREFACE.get(waiting.seen..).unwrap_or_default();
                waiting.seen += new.len();
                let undecided = !new.is_empty() && new.len() < rest.len() && rest.starts_with(new);
                if !undecided {
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
    async fn silence_and_half_a_preface_run_out_of_time() {
        for parts in [&[][..], &[&b"PRI * H"[..]], &[&b"P"[..], b"RI"]] {
            assert_eq!(try_with(parts).await.unwrap_err().kind(), io::ErrorKind::TimedOut);
        }
    }

    #[tokio::test]
    async fn who_has_said_what_he_speaks_may_take_his_time() {
        for parts in [&[&b"G"[..]][..], &[&b"PO"[..]], &[&b"PRI * HTTP/2.0\r\n\r\n"[..], b"SM\r\n\r\n"]] {
            assert!(try_with(parts).await.is_ok());
        }
    }
}
