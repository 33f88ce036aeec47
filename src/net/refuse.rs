//! The connection too many is told so, as far as that costs next to nothing: a client that hears "later" comes later,
//! one whose connection breaks comes at once.

use super::deadline::PREFACE;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::sync::Semaphore;

/// How many are told at once; those beyond are just closed.
const AT_ONCE: usize = 32;
/// How long telling may take, the wait for the client's first bytes included.
const TIME: Duration = Duration::from_secs(1);
/// How much of what the client sends is read before its connection is closed.
const READ: usize = 64 << 10;
/// HTTP/2: no settings, and go away: no stream was looked at.
const GO_AWAY: [u8; 26] = [0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 8, 7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// Who is told, and how many at once.
#[derive(Clone, Debug)]
pub(super) struct Refuser {
    places: Arc<Semaphore>,
}

impl Refuser {
    /// Nobody is being told anything yet.
    pub(super) fn new() -> Self {
        Self { places: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Tells a client that speaks plain text, in the background.
    pub(super) fn refuse<S>(&self, stream: S)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Ok(place) = Arc::clone(&self.places).try_acquire_owned() else { return };
        tokio::spawn(async move {
            let _in_time = tokio::time::timeout(TIME, tell(stream)).await;
            drop(place);
        });
    }
}

async fn tell<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S) -> std::io::Result<()> {
    let mut first = [0; 4];
    stream.read_exact(&mut first).await?;
    if PREFACE.starts_with(&first) {
        stream.write_all(&GO_AWAY).await?;
    } else {
        let wait = rand::random_range(1..=5);
        let head = format!(
            "HTTP/1.1 503 Service Unavailable\r\nretry-after: {wait}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await?;
    }
    stream.shutdown().await?;
    // What is unread when a connection is closed resets it, and the client never sees what it was told.
    let mut rest = [0; 4096];
    let mut read = 0;
    while read < READ {
        match stream.read(&mut rest).await? {
            0 => break,
            more => read += more,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn both_protocols_hear_that_they_may_come_again() {
        for (sent, heard) in [
            (&b"POST /v1/logs HTTP/1.1\r\n\r\n"[..], &b"HTTP/1.1 503 Service Unavailable\r\nretry-after: "[..]),
            (PREFACE, &GO_AWAY),
        ] {
            let (mut client, server) = tokio::io::duplex(256);
            Refuser::new().refuse(server);
            client.write_all(sent).await.unwrap();
            let mut answer = vec![0; heard.len()];
            client.read_exact(&mut answer).await.unwrap();
            assert_eq!(answer, heard);
        }
    }
}
