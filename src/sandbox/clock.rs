//! How long a thread has had a processor: on a busy machine, much less than has passed.

use std::time::{Duration, Instant};

/// Time that passes while a thread waits counts for this much less than what it computes: a machine may be
/// busy, but nothing waits without end.
const WAITING: u32 = 20;

/// The resolution of the processor time of a thread: a tick of the kernel, `USER_HZ` of which are a second (100 on Linux).
const TICK: Duration = Duration::from_millis(10);

/// The work of a thread from some moment on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Work {
    begun: Instant,
    thread: Option<cpu::Thread>,
}

impl Work {
    /// The work of this thread from now on.
    pub(crate) fn begin() -> Self {
        Self {
            begun: Instant::now(),
            thread: cpu::Thread::this(),
        }
    }

    /// Work that no thread has begun yet.
    pub(crate) fn queued() -> Self {
        Self {
            begun: Instant::now(),
            thread: None,
        }
    }

    /// What it has cost so far. Only a system that does not tell the time of threads counts all that
    /// has passed.
    pub(crate) fn cost(&self) -> Duration {
        let passed = self.begun.elapsed();
        let spent = match &self.thread {
            Some(_) if passed < TICK => Some(Duration::ZERO),
            Some(thread) => thread.spent(),
            None => cpu::IS_KNOWN.then_some(Duration::ZERO),
        };
        spent.map_or(passed, |spent| spent.max(passed / WAITING))
    }
}

#[cfg(target_os = "linux")]
mod cpu {
    use std::path::PathBuf;
    use std::time::Duration;

    use rustix::thread::Pid;
    use rustix::time::{ClockId, clock_gettime};

    use crate::files::{self, limits};

    pub(super) const IS_KNOWN: bool = true;

    /// A thread of this process, and the time it had used before.
    #[derive(Debug, Clone, Copy)]
    pub(super) struct Thread {
        id: Pid,
        before: Duration,
    }

    impl Thread {
        #[expect(clippy::unnecessary_wraps, reason = "other systems report nothing")]
        pub(super) fn this() -> Option<Self> {
            let time = clock_gettime(ClockId::ThreadCPUTime);
            Some(Self {
                id: rustix::thread::gettid(),
                before: Duration::try_from(time).unwrap_or_default(),
            })
        }

        /// The time that it has used since then, to a tick of the kernel (`proc_pid_stat(5)`: `utime`
        /// and `stime`).
        pub(super) fn spent(&self) -> Option<Duration> {
            let path = format!("/proc/self/task/{}/stat", self.id.as_raw_nonzero());
            let text = files::text(&PathBuf::from(path), limits::PROCESS).ok()?;
            // The name of the thread comes before, in brackets, and may hold anything.
            let (_, fields) = text.rsplit_once(')')?;
            let mut fields = fields.split_whitespace().skip(11);
            let mut ticks = || fields.next()?.parse::<u64>().ok();
            let ticks = ticks()? + ticks()?;
            let each = rustix::param::clock_ticks_per_second().max(1);
            let spent = Duration::from_millis(ticks.saturating_mul(1000) / each);
            Some(spent.saturating_sub(self.before))
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod cpu {
    use std::time::Duration;

    pub(super) const IS_KNOWN: bool = false;

    #[derive(Debug, Clone, Copy)]
    pub(super) struct Thread;

    impl Thread {
        pub(super) fn this() -> Option<Self> {
            None
        }

        pub(super) fn spent(&self) -> Option<Duration> {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Work;

    #[test]
    fn waiting_costs_little_and_computing_what_it_takes() {
        let work = Work::begin();
        std::thread::sleep(Duration::from_millis(400));
        let waited = work.cost();
        assert!(waited < Duration::from_millis(200), "{waited:?}");
        let start = Instant::now();
        let mut computed = Duration::ZERO;
        while computed < Duration::from_millis(100) && start.elapsed() < Duration::from_secs(60) {
            computed = work.cost().saturating_sub(waited);
        }
        assert!(computed >= Duration::from_millis(100), "{computed:?}");
    }
}
