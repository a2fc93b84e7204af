//! A line on standard error while a long scan runs: on a terminal only, and only after a moment.

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

const QUIET: Duration = Duration::from_millis(500);
const TICK: Duration = Duration::from_millis(100);

/// Shows a count until it is dropped.
pub struct Progress {
    thread: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Starts to watch `seen`, the number of inputs so far.
    #[must_use]
    pub fn watch(seen: Arc<AtomicU64>) -> Progress {
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb") || std::env::var_os("CI").is_some();
        if dumb || !io::stderr().is_terminal() {
            return Progress { thread: None };
        }
        let (stop, stopped) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let mut wait = QUIET;
            let mut shown = false;
            while stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                drop(write!(io::stderr(), "\r\x1b[Kscanning: {} inputs", seen.load(Ordering::Relaxed)));
                (wait, shown) = (TICK, true);
            }
            if shown {
                drop(write!(io::stderr(), "\r\x1b[K"));
            }
        });
        Progress { thread: Some((stop, thread)) }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((stop, thread)) = self.thread.take() {
            drop(stop);
            drop(thread.join());
        }
    }
}
