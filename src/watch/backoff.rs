//! How long to wait before something that failed is tried again.

use std::time::Duration;

const FIRST: Duration = Duration::from_secs(1);

/// Waits that double, up to a limit.
#[derive(Debug)]
pub(crate) struct Backoff {
    next: Duration,
    most: Duration,
}

impl Backoff {
    pub(crate) fn up_to(most: Duration) -> Self {
        Self {
            next: FIRST.min(most),
            most,
        }
    }

    /// How long to wait now.
    pub(crate) fn wait(&mut self) -> Duration {
        let wait = self.next;
        self.next = wait.saturating_mul(2).min(self.most);
        wait
    }

    /// It did not fail.
    pub(crate) fn reset(&mut self) {
        *self = Self::up_to(self.most);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Backoff;

    #[test]
    fn waits_double_up_to_a_limit() {
        let mut backoff = Backoff::up_to(Duration::from_secs(5));
        let waits: Vec<u64> = (0..5).map(|_| backoff.wait().as_secs()).collect();
        assert_eq!(waits, [1, 2, 4, 5, 5]);
        backoff.reset();
        assert_eq!(backoff.wait().as_secs(), 1);
        assert_eq!(
            Backoff::up_to(Duration::from_millis(10)).wait().as_millis(),
            10
        );
    }
}
