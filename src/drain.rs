//! How the collector stops: first it takes nothing new, then it finishes what it has, then it ends.

use tokio_util::sync::CancellationToken;

/// Where the collector is between starting and ending. Cheap to clone; all clones are one.
#[derive(Clone, Debug, Default)]
pub struct Drain {
    serving: CancellationToken,
    draining: CancellationToken,
    ending: CancellationToken,
}

impl Drain {
    /// Everything is ready: data is welcome.
    pub fn serve(&self) {
        self.serving.cancel();
    }

    /// From now on nothing new is taken.
    pub fn begin(&self) {
        self.draining.cancel();
    }

    /// From now on nothing is waited for any more.
    pub fn end(&self) {
        self.ending.cancel();
    }

    /// Whether data is welcome.
    #[must_use]
    pub fn is_serving(&self) -> bool {
        self.serving.is_cancelled() && !self.is_draining()
    }

    /// Whether nothing new is taken.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.draining.is_cancelled()
    }

    /// Whether nothing is waited for any more.
    #[must_use]
    pub fn is_ending(&self) -> bool {
        self.ending.is_cancelled()
    }

    /// Waits until everything is ready.
    pub async fn served(&self) {
        self.serving.cancelled().await;
    }

    /// Waits until nothing new is taken.
    pub async fn begun(&self) {
        self.draining.cancelled().await;
    }

    /// Waits until nothing is waited for.
    pub async fn ended(&self) {
        self.ending.cancelled().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_phases_follow_each_other() {
        let drain = Drain::default();
        assert!(!drain.is_serving() && !drain.is_draining());
        drain.serve();
        drain.served().await;
        assert!(drain.is_serving());
        drain.clone().begin();
        drain.begun().await;
        assert!(!drain.is_serving() && drain.is_draining() && !drain.is_ending());
        drain.end();
        drain.ended().await;
        assert!(drain.is_ending());
    }
}
