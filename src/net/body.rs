//! Reading a request's body: capped, budgeted, and not for ever.

use super::Reserved;
use bytes::Bytes;
use http_body::Body;
use http_body_util::BodyExt as _;
use std::time::Duration;
use tokio::time::Instant;

/// How many times the largest body is thrown away for the sake of an answer.
const DISCARDED: usize = 4;
/// And how long that may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a body may take before it is asked how fast it comes.
const START: Duration = Duration::from_secs(10);
/// How fast it then must have come, in bytes a second.
const PACE: f64 = 1024.0;
/// From this size on a piece is not small beside a connection's buffer.
const PIECE: usize = 32 << 10;

/// What a body may take.
#[derive(Clone, Copy, Debug)]
pub struct ReadLimits {
    /// Bytes as they come over the wire.
    pub bytes: usize,
    /// From the first to the last of them.
    pub time: Duration,
}

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyError {
    /// It is larger than allowed.
    TooLarge,
    /// There is no room for it now.
    NoRoom,
    /// It came too slowly.
    TooSlow,
    /// The connection broke.
    Broken,
}

/// Reads a body. Room is reserved before bytes are kept: all of it at once if the length is announced.
///
/// # Errors
/// If the body is too large, too slow, broken, or finds no room.
pub async fn read_body<B>(mut body: B, limits: ReadLimits, reserved: &mut Reserved) -> Result<Bytes, BodyError>
where
    B: Body<Data = Bytes> + Unpin,
{
    let read = read(&mut body, limits.bytes, reserved);
    let outcome = tokio::time::timeout(limits.time, read).await.unwrap_or(Err(BodyError::TooSlow));
    if matches!(outcome, Err(BodyError::TooLarge | BodyError::NoRoom)) {
        discard_body(body, limits).await;
    }
    outcome
}

/// Reads what is left of a body that nobody wants and throws it away, within bounds: a client that is still sending
/// would find its connection broken instead of an answer.
pub async fn discard_body<B>(mut body: B, limits: ReadLimits)
where
    B: Body<Data = Bytes> + Unpin,
{
    let most = limits.bytes.saturating_mul(DISCARDED);
    let discard = async {
        let mut seen = 0usize;
        if body.size_hint().exact().is_some_and(|announced| announced > most as u64) {
            return;
        }
        while let Some(Ok(frame)) = body.frame().await {
            seen = seen.saturating_add(frame.data_ref().map_or(0, Bytes::len));
            if seen > most {
                return;
            }
        }
    };
    let _in_time = tokio::time::timeout(limits.time.min(PATIENCE), discard).await;
}

/// A body that came in one piece is a part of the buffer that the connection was read into, and keeps all of it. As long as it is
/// small beside that, it is copied: it may lie in a queue for long.
fn apart(piece: Bytes) -> Bytes {
    if piece.len() < PIECE { Bytes::copy_from_slice(&piece) } else { piece }
}

async fn read<B>(body: &mut B, most: usize, reserved: &mut Reserved) -> Result<Bytes, BodyError>
where
    B: Body<Data = Bytes> + Unpin,
{
    let announced = body.size_hint().exact().map_or(Ok(0), usize::try_from).map_err(|_| BodyError::TooLarge)?;
    if announced > most {
        return Err(BodyError::TooLarge);
    }
    if !reserved.grow_to(announced) {
        return Err(BodyError::NoRoom);
    }
    let mut first = Bytes::new();
    let mut whole: Vec<u8> = Vec::new();
    let began = Instant::now();
    loop {
        let kept = first.len() + whole.len();
        let pace = began + START + Duration::from_secs_f64(kept as f64 / PACE);
        let Some(frame) = tokio::time::timeout_at(pace, body.frame()).await.map_err(|_| BodyError::TooSlow)? else {
            break;
        };
        // Trailers say nothing that is needed.
        let Ok(data) = frame.map_err(|_| BodyError::Broken)?.into_data() else { continue };
        let size = kept + data.len();
        if size > most {
            return Err(BodyError::TooLarge);
        }
        if !reserved.grow_to(size) {
            return Err(BodyError::NoRoom);
        }
        if first.is_empty() && whole.is_empty() {
            first = data;
            continue;
        }
        if size > whole.capacity() {
            // What is kept is what is reserved: a vector left to itself takes twice as much.
            let more = whole.capacity() + whole.capacity() / 2;
            let room =
                [announced.max(more).min(most), size].into_iter().find(|room| *room >= size && reserved.grow_to(*room));
            whole.reserve_exact(room.unwrap_or(size) - whole.len());
            whole.extend_from_slice(&std::mem::take(&mut first));
        }
        whole.extend_from_slice(&data);
    }
    Ok(if whole.is_empty() { apart(first) } else { whole.into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::net::Budget;
    use http_body::Frame;
    use http_body_util::StreamBody;
    use std::convert::Infallible;

    fn body(parts: &[&'static [u8]]) -> impl Body<Data = Bytes> + Unpin + use<> {
        let frames: Vec<Result<Frame<Bytes>, Infallible>> =
            parts.iter().map(|part| Ok(Frame::data(Bytes::from_static(part)))).collect();
        StreamBody::new(futures_util::stream::iter(frames))
    }

    const LIMITS: ReadLimits = ReadLimits { bytes: 8, time: Duration::from_millis(200) };

    #[tokio::test]
    async fn bodies_are_capped_and_budgeted() {
        let budget = Budget::new(10);
        let mut reserved = budget.open();
        assert_eq!(&read_body(body(&[b"abc", b"", b"def"]), LIMITS, &mut reserved).await.unwrap()[..], b"abcdef");
        assert_eq!(reserved.bytes(), 6);
        let mut other = budget.open();
        assert_eq!(read_body(body(&[b"abcdef"]), LIMITS, &mut other).await, Err(BodyError::NoRoom));
        assert_eq!(read_body(body(&[b"ab", b"abcdefg"]), LIMITS, &mut reserved).await, Err(BodyError::TooLarge));
        assert_eq!(read_body(body(&[]), LIMITS, &mut other).await, Ok(Bytes::new()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_drips_is_given_up_and_a_slow_one_is_not() {
        for (bytes, seconds, outcome) in [(1, 5, Err(BodyError::TooSlow)), (8192, 5, Ok(9 * 8192))] {
            let frames = futures_util::stream::unfold(0, move |sent| async move {
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                let frame = Ok::<_, Infallible>(Frame::data(Bytes::from(vec![b'x'; bytes])));
                (sent < 9).then_some((frame, sent + 1))
            });
            let mut reserved = Budget::new(1 << 20).open();
            let limits = ReadLimits { bytes: 1 << 20, time: Duration::from_secs(120) };
            let began = Instant::now();
            let read = read_body(StreamBody::new(Box::pin(frames)), limits, &mut reserved).await;
            assert_eq!(read.map(|read| read.len()), outcome);
            assert!(outcome.is_ok() || began.elapsed() < Duration::from_secs(12));
        }
    }

    #[tokio::test]
    async fn a_body_that_never_ends_is_given_up() {
        let mut reserved = Budget::new(10).open();
        let stuck = StreamBody::new(futures_util::stream::pending::<Result<Frame<Bytes>, Infallible>>());
        assert_eq!(read_body(stuck, LIMITS, &mut reserved).await, Err(BodyError::TooSlow));
    }
}
