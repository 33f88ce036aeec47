//! A meter for frames of HTTP/2 that make a server work and bring it nothing.
//!
//! The library bounds what such frames make it remember: streams, resets, header lists. What they make it do is bounded
//! here: a peer has a store of them, which fills again with time and with every request, and whose connection is closed
//! when it is empty.

use std::time::Instant;

/// What a frame's head takes.
const HEAD: usize = 9;
/// The most that a peer can have in store.
const STORE: f64 = 2000.0;
/// What is added in a second.
const REFILL: f64 = 200.0;
/// What a request adds: some frames that are no data belong to it.
const REQUEST: f64 = 2.0;
/// What a reset takes: the request it ends was work, too.
const RESET: f64 = 8.0;
/// Data frames of fewer bytes that end no request count as work without a use.
const TINY: usize = 32;

/// Counts frames as they come by.
#[derive(Debug)]
pub struct FrameMeter {
    head: [u8; HEAD],
    /// How much of the head is there.
    seen: usize,
    /// How much of a frame's content is still to come.
    skip: usize,
    store: f64,
    filled: Instant,
}

/// A peer has sent more than its store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flood;

impl FrameMeter {
    /// A meter for what follows the preface.
    #[must_use]
    pub fn new(now: Instant) -> Self {
        Self { head: [0; HEAD], seen: 0, skip: 0, store: STORE, filled: now }
    }

    /// Counts what came.
    ///
    /// # Errors
    /// If the store is empty: the connection is to be closed.
    pub fn count(&mut self, mut bytes: &[u8], now: Instant) -> Result<(), Flood> {
        while !bytes.is_empty() {
            if self.skip > 0 {
                let (_content, rest) = bytes.split_at(self.skip.min(bytes.len()));
                self.skip -= bytes.len() - rest.len();
                bytes = rest;
                continue;
            }
            let (part, rest) = bytes.split_at((HEAD - self.seen).min(bytes.len()));
            if let Some(place) = self.head.get_mut(self.seen..self.seen + part.len()) {
                place.copy_from_slice(part);
            }
            self.seen += part.len();
            bytes = rest;
            if self.seen == HEAD {
                self.seen = 0;
                self.frame(now)?;
            }
        }
        Ok(())
    }

    fn frame(&mut self, now: Instant) -> Result<(), Flood> {
        let [a, b, c, kind, flags, ..] = self.head;
        self.skip = usize::from(a) << 16 | usize::from(b) << 8 | usize::from(c);
        let takes = match kind {
            // DATA: the last of a request may be empty.
            0 if self.skip >= TINY || flags & 1 == 1 => return Ok(()),
            // HEADERS
            1 => {
                self.store = (self.store + REQUEST).min(STORE);
                return Ok(());
            }
            // RST_STREAM
            3 => RESET,
            // Tiny DATA, PRIORITY, SETTINGS, PING, WINDOW_UPDATE, CONTINUATION, and what nobody knows.
            _ => 1.0,
        };
        let elapsed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.filled = now;
        self.store = (self.store + elapsed * REFILL).min(STORE) - takes;
        if self.store < 0.0 { Err(Flood) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn frame(kind: u8, flags: u8, len: usize) -> Vec<u8> {
        let mut frame =
            vec![0, u8::try_from(len >> 8).unwrap(), u8::try_from(len & 255).unwrap(), kind, flags, 0, 0, 0, 1];
        frame.resize(HEAD + len, 0xAA);
        frame
    }

    /// How many rounds of these frames pass within no time.
    fn pass(frames: &[Vec<u8>], most: usize) -> usize {
        let now = Instant::now();
        let mut meter = FrameMeter::new(now);
        let round = frames.concat();
        // In pieces that meet no frame's edge.
        (0..most).position(|_| round.chunks(7).any(|piece| meter.count(piece, now).is_err())).unwrap_or(most)
    }

    #[test]
    fn requests_pass_and_floods_do_not() {
        let request = [frame(1, 4, 60), frame(0, 0, 5), frame(0, 1, 300), frame(8, 0, 4)];
        assert_eq!(pass(&request, 100_000), 100_000);
        assert_eq!(pass(&[frame(1, 4, 60), frame(0, 1, 0)], 100_000), 100_000, "empty requests are requests");
        for (name, flood) in [
            ("ping", frame(6, 0, 8)),
            ("settings", frame(4, 0, 0)),
            ("priority", frame(2, 0, 5)),
            ("window", frame(8, 0, 4)),
            ("continuation", frame(9, 0, 0)),
            ("empty data", frame(0, 0, 0)),
            ("tiny data", frame(0, 0, 1)),
            ("unknown", frame(200, 0, 64)),
        ] {
            assert_eq!(pass(&[flood], 100_000), 2000, "{name}");
        }
        assert_eq!(pass(&[frame(1, 4, 60), frame(3, 0, 4)], 100_000), 333, "rapid reset");
    }

    /// Where pieces begin and end says nothing: whatever comes, in whatever pieces, is counted alike.
    #[test]
    fn pieces_make_no_difference() {
        let mut state = 7u64;
        let mut random = move || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(state >> 40).unwrap()
        };
        let now = Instant::now();
        for _ in 0..500 {
            let mut bytes = Vec::new();
            for _ in 0..random() % 4000 {
                let (kind, flags) = (u8::try_from(random() % 12).unwrap(), u8::try_from(random() % 8).unwrap());
                bytes.extend(frame(kind, flags, random() % 40));
            }
            let (mut whole, mut parts) = (FrameMeter::new(now), FrameMeter::new(now));
            let counted = whole.count(&bytes, now);
            let mut rest = bytes.as_slice();
            let mut outcome = Ok(());
            while !rest.is_empty() && outcome.is_ok() {
                let (piece, left) = rest.split_at((1 + random() % 97).min(rest.len()));
                outcome = parts.count(piece, now);
                rest = left;
            }
            assert_eq!(outcome, counted);
            assert!(outcome.is_err() || (whole.store - parts.store).abs() < 1e-6);
        }
    }

    #[test]
    fn the_store_fills_with_time() {
        let began = Instant::now();
        let mut meter = FrameMeter::new(began);
        let ping = frame(6, 0, 8);
        for second in 0..100 {
            for _ in 0..200 {
                assert_eq!(meter.count(&ping, began + Duration::from_secs(second)), Ok(()));
            }
        }
    }
}
