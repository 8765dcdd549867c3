//! Where templates and expressions of the user run: on threads with a known stack, watched from outside.
//!
//! Fuel bounds what a template does step by step. What a single step of the engine may cost, such as
//! the comparison of two lists that share their parts many times over, it does not bound. So
//! whoever waits for a template watches the time that its thread computes and the memory of the
//! process, and gives up on it. A thread that was given up on cannot be stopped; the run fails, and ends with the process.

mod clock;

use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

pub(crate) use clock::Work;

use crate::parallel;

/// The stack of a thread, in bytes. Lists in lists are dropped and compared recursively, and as many
/// as the fuel allows fit in this. It takes memory only as far as it is used.
const STACK: usize = 256 * 1024 * 1024;

/// The most threads of a run: each reserves its stack.
const MAX_THREADS: usize = 8;

/// How long a template is waited for before its cost is looked at, and how often from then on.
const FIRST_LOOK: Duration = Duration::from_millis(15);
const LOOK: Duration = Duration::from_millis(4);

/// What the work of a run may cost.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowance {
    /// How long all of it may compute together, on each thread.
    pub(crate) time: Duration,
    /// By how many bytes the process may grow meanwhile.
    pub(crate) memory: usize,
}

/// Why work was given up on.
#[derive(Debug)]
pub(crate) enum Stopped {
    /// It takes longer than it may.
    Time,
    /// It takes more memory than it may.
    Memory,
    /// Other work of the run was given up on.
    Another,
    /// The system gives no thread.
    NoThread(std::io::Error),
    /// The engine failed.
    Failed,
}

type Job = Box<dyn FnOnce() + Send>;

/// Threads for such work; they end with it, but for those that were given up on.
#[derive(Debug)]
pub(crate) struct Sandbox {
    jobs: mpsc::Sender<Job>,
    waiting: Arc<Mutex<mpsc::Receiver<Job>>>,
    most: usize,
    /// The jobs that were given, and are not done.
    unfinished: Arc<AtomicUsize>,
    threads: Mutex<usize>,
}

impl Sandbox {
    /// No thread so far: one is started where a job would wait for another, up to one for each processor.
    pub(crate) fn new() -> Self {
        let (jobs, waiting) = mpsc::channel();
        Self {
            jobs,
            waiting: Arc::new(Mutex::new(waiting)),
            most: parallel::processors().min(MAX_THREADS),
            unfinished: Arc::default(),
            threads: Mutex::default(),
        }
    }

    /// Lets a thread do a job.
    fn give(&self, job: impl FnOnce() + Send + 'static) -> Result<(), Stopped> {
        let unfinished = Arc::clone(&self.unfinished);
        let given = self.unfinished.fetch_add(1, Ordering::Relaxed) + 1;
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        if given > *threads && *threads < self.most {
            match self.start() {
                Ok(()) => *threads += 1,
                // Fewer threads do as well.
                Err(_) if *threads > 0 => {}
                Err(error) => return Err(Stopped::NoThread(error)),
            }
        }
        let job = move || {
            job();
            unfinished.fetch_sub(1, Ordering::Relaxed);
        };
        let given = self.jobs.send(Box::new(job));
        given.map_err(|_| Stopped::Failed)
    }

    fn start(&self) -> std::io::Result<()> {
        let waiting = Arc::clone(&self.waiting);
        let work = move || {
            loop {
                let next = waiting
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .recv();
                let Ok(job) = next else { break };
                job();
            }
        };
        let thread = thread::Builder::new().name("sandbox".to_owned());
        thread.stack_size(STACK).spawn(work).map(drop)
    }

    /// How many threads there are, at least one.
    fn threads(&self) -> u64 {
        let threads = *self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        u64::try_from(threads).unwrap_or(u64::MAX).max(1)
    }

    /// Begins work that may cost so much altogether.
    pub(crate) fn watch(&self, allowance: Allowance) -> Watch<'_> {
        Watch {
            sandbox: self,
            allowance,
            memory: OnceLock::new(),
            spent: Arc::default(),
            is_stopped: AtomicBool::new(false),
        }
    }
}

/// Work on the threads of a sandbox, and what it has cost so far.
#[derive(Debug)]
pub(crate) struct Watch<'a> {
    sandbox: &'a Sandbox,
    allowance: Allowance,
    /// The memory of the process at the first look.
    memory: OnceLock<usize>,
    /// What finished jobs cost, in microseconds.
    spent: Arc<AtomicU64>,
    is_stopped: AtomicBool,
}

impl Watch<'_> {
    /// What `work` gives, unless it costs more than is left.
    pub(crate) fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Stopped> {
        let (sender, receiver) = mpsc::channel();
        let begun = Arc::new(OnceLock::new());
        let spent = Arc::clone(&self.spent);
        let begins = Arc::clone(&begun);
        let job = move || {
            let own = *begins.get_or_init(Work::begin);
            let result = work();
            spent.fetch_add(micros(own.cost()), Ordering::Relaxed);
            // Nobody waits for it any more where it was given up on.
            let _ = sender.send(result);
        };
        let asked = Work::queued();
        self.sandbox.give(job)?;
        let mut wait = FIRST_LOOK;
        loop {
            match receiver.recv_timeout(wait) {
                Ok(result) => return Ok(result),
                Err(RecvTimeoutError::Disconnected) => return Err(Stopped::Failed),
                // Behind a job that was given up on, it may never begin.
                Err(RecvTimeoutError::Timeout) => self.look(*begun.get().unwrap_or(&asked))?,
            }
            wait = LOOK;
        }
    }

    /// Gives up on a job that costs too much.
    fn look(&self, job: Work) -> Result<(), Stopped> {
        if self.is_stopped.load(Ordering::Relaxed) {
            return Err(Stopped::Another);
        }
        let finished = self.spent.load(Ordering::Relaxed) / self.sandbox.threads();
        let memory = memory();
        let before = *self.memory.get_or_init(|| memory);
        let excess = if memory > before.saturating_add(self.allowance.memory) {
            Stopped::Memory
        } else if micros(job.cost()) + finished > micros(self.allowance.time) {
            Stopped::Time
        } else {
            return Ok(());
        };
        if self.is_stopped.swap(true, Ordering::Relaxed) {
            Err(Stopped::Another)
        } else {
            Err(excess)
        }
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

/// The memory that the process uses, in bytes; 0 where the system does not report it.
fn memory() -> usize {
    memory_stats::memory_stats().map_or(0, |stats| stats.physical_mem)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::{Duration, Instant};

    use super::{Allowance, Sandbox, Stopped};

    /// What other tests of the process take must not count.
    const ALLOWANCE: Allowance = Allowance {
        time: Duration::from_millis(50),
        memory: usize::MAX,
    };

    fn forever() {
        loop {
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    #[test]
    fn a_cheap_task_is_done() {
        let sandbox = Sandbox::new();
        let watch = sandbox.watch(ALLOWANCE);
        for number in 0..50 {
            assert_eq!(watch.run(move || number * 2).ok(), Some(number * 2));
        }
    }

    #[test]
    fn an_endless_task_is_given_up_and_so_are_the_tasks_behind_it() {
        let sandbox = Sandbox::new();
        let start = Instant::now();
        let watch = sandbox.watch(ALLOWANCE);
        assert!(matches!(watch.run(forever), Err(Stopped::Time)));
        assert!(matches!(watch.run(forever), Err(Stopped::Another)));
        let stuck = (0..9).map(|_| sandbox.watch(ALLOWANCE).run(forever));
        assert!(stuck.into_iter().all(|stuck| stuck.is_err()));
        assert!(matches!(
            sandbox.watch(ALLOWANCE).run(|| ()),
            Err(Stopped::Time)
        ));
        assert!(start.elapsed() < Duration::from_secs(60));
    }

    #[test]
    fn an_endless_computation_is_given_up_as_soon() {
        let sandbox = Sandbox::new();
        let is_over = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&is_over);
        let spin = move || while !seen.load(Ordering::Relaxed) {};
        let watch = sandbox.watch(Allowance {
            time: Duration::from_secs(3),
            ..ALLOWANCE
        });
        let start = Instant::now();
        let stopped = watch.run(spin);
        is_over.store(true, Ordering::Relaxed);
        assert!(matches!(stopped, Err(Stopped::Time)));
        // By waiting alone it would take twenty times as long as it may.
        assert!(start.elapsed() < Duration::from_secs(50));
    }

    #[test]
    fn a_task_that_takes_memory_without_end_is_given_up() {
        let hoard = || {
            let mut held = Vec::new();
            for _ in 0..600 {
                held.push(vec![1_u8; 1024 * 1024]);
                std::thread::sleep(Duration::from_millis(1));
            }
            held.len()
        };
        let sandbox = Sandbox::new();
        let watch = sandbox.watch(Allowance {
            time: Duration::from_secs(60),
            memory: 64 * 1024 * 1024,
        });
        assert!(matches!(watch.run(hoard), Err(Stopped::Memory)));
    }

    #[test]
    fn a_deep_stack_is_there() {
        fn deep(levels: usize) -> usize {
            let frame = std::hint::black_box([levels; 64]);
            let below = if levels == 0 { 0 } else { deep(levels - 1) };
            below + frame.iter().filter(|level| **level == levels).count()
        }
        let sandbox = Sandbox::new();
        let watch = sandbox.watch(Allowance {
            time: Duration::from_secs(60),
            memory: 1 << 30,
        });
        assert_eq!(watch.run(|| deep(100_000)).ok(), Some(64 * 100_001));
    }

    #[test]
    fn an_engine_that_fails_is_reported() {
        let sandbox = Sandbox::new();
        let failed = sandbox
            .watch(ALLOWANCE)
            .run(|| std::panic::resume_unwind(Box::new(())));
        assert!(matches!(failed, Err(Stopped::Failed)));
    }
}
