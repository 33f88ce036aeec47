//! How long to wait before a failed delivery is tried again.

use super::{Notes, schema, units};
use processors::document::{Fields, Node};
use serde_json::{Value, json};
use std::time::Duration;

/// Exponential backoff with jitter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Retry {
    /// The first wait.
    pub initial_interval: Duration,
    /// What each wait is multiplied by to give the next.
    pub multiplier: f64,
    /// The longest wait.
    pub max_interval: Duration,
    /// How far a wait may deviate, as a part of it: 0.5 is from half to one and a half.
    pub randomization: f64,
    /// How long a batch is tried before it is dropped; `None` is for ever.
    pub max_elapsed: Option<Duration>,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            initial_interval: Duration::from_secs(5),
            multiplier: 1.5,
            max_interval: Duration::from_secs(30),
            randomization: 0.5,
            max_elapsed: None,
        }
    }
}

impl Retry {
    /// What [`Retry::read`] takes.
    #[must_use]
    pub fn schema() -> Value {
        schema::object(
            &[],
            &[
                ("enabled", schema::boolean()),
                ("initial_interval", schema::duration()),
                ("multiplier", schema::float(1.0, 10.0)),
                ("max_interval", schema::duration()),
                ("randomization_factor", schema::float(0.0, 1.0)),
                // Zero is for ever.
                ("max_elapsed_time", json!({ "anyOf": [{ "const": 0 }, schema::duration(), { "const": "0" }] })),
            ],
        )
    }

    /// Reads a `retry_on_failure` section as the OpenTelemetry Collector writes it.
    pub fn read(file: &str, node: &Node, notes: &mut Notes) -> Self {
        let mut retry = Self::default();
        let mut fields = Fields::open(file, node, &mut notes.mistakes);
        let at = fields.at();
        if fields.boolean("enabled", &mut notes.mistakes) == Some(false) {
            notes.warn(
                file,
                at,
                "`enabled: false` is not followed: what a backend cannot take for now is always retried",
            );
        }
        if let Some(initial) = units::duration(&mut fields, "initial_interval", notes) {
            retry.initial_interval = initial;
        }
        if let Some(multiplier) = units::number(&mut fields, "multiplier", 1.0..=10.0, notes) {
            retry.multiplier = multiplier;
        }
        if let Some(max) = units::duration(&mut fields, "max_interval", notes) {
            retry.max_interval = max;
        }
        if let Some(randomization) = units::number(&mut fields, "randomization_factor", 0.0..=1.0, notes) {
            retry.randomization = randomization;
        }
        // Zero is the OpenTelemetry Collector's way to say for ever.
        if let Some(node) = fields.take("max_elapsed_time")
            && !matches!(node.text(), Some("0" | "0s"))
        {
            retry.max_elapsed = units::duration_of(file, "max_elapsed_time", node, notes);
            notes.warn(file, node.at, "with `max_elapsed_time` a batch is dropped, counted and logged when this time is over; without it nothing is dropped");
        }
        fields.finish(&mut notes.mistakes);
        if retry.max_interval < retry.initial_interval {
            notes.mistake(file, at, "`max_interval` is shorter than `initial_interval`");
        }
        retry
    }

    /// The wait before try number `tries` + 1; `random` is from 0 to 1.
    #[must_use]
    pub fn wait(&self, tries: u32, random: f64) -> Duration {
        let exponent = i32::try_from(tries.saturating_sub(1).min(64)).unwrap_or(64);
        let longest = self.max_interval.as_secs_f64();
        let plain = (self.initial_interval.as_secs_f64() * self.multiplier.powi(exponent)).min(longest);
        let factor = 1.0 - self.randomization + 2.0 * self.randomization * random.clamp(0.0, 1.0);
        Duration::try_from_secs_f64(plain * factor).unwrap_or(self.max_interval)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_their_limit_and_jitter_around_it() {
        let retry = Retry::default();
        assert_eq!(retry.wait(1, 0.5), Duration::from_secs(5));
        assert_eq!(retry.wait(2, 0.5), Duration::from_millis(7500));
        assert_eq!(retry.wait(40, 0.5), Duration::from_secs(30));
        assert_eq!(retry.wait(u32::MAX, 0.0), Duration::from_secs(15));
        assert_eq!(retry.wait(40, 1.0), Duration::from_secs(45));
    }
}
