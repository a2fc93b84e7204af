//! How much stack there is. What nests in a source nests in its evaluation: on a thread of its own it may nest deeper than
//! on one whose stack nobody knows. Not a budget of work.

use std::cell::Cell;
use std::thread;

/// Bytes of the stack of a thread that evaluates. Reserved; only what is used is taken.
const STACK: usize = 512 << 20;

thread_local! {
    static ROOMY: Cell<bool> = const { Cell::new(false) };
}

/// Does some work on a thread with much stack; here, where there can be no such thread.
pub fn with<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    if is_roomy() {
        return work();
    }
    let mut work = Some(work);
    let done = thread::scope(|scope| {
        let work = &mut work;
        let evaluate = move || {
            ROOMY.set(true);
            work.take().map(|work| work())
        };
        let thread = thread::Builder::new().name("evaluate".to_owned()).stack_size(STACK).spawn_scoped(scope, evaluate);
        thread.ok().map(thread::ScopedJoinHandle::join)
    });
    match done {
        Some(Ok(Some(done))) => done,
        Some(Err(panic)) => std::panic::resume_unwind(panic),
        Some(Ok(None)) | None => {
            let work = work.expect("a thread that could not be started has taken nothing");
            work()
        }
    }
}

/// Whether this thread has much stack.
#[must_use]
pub fn is_roomy() -> bool {
    ROOMY.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_done_where_there_is_room_and_its_panics_come_back() {
        assert!(!is_roomy());
        assert!(with(|| with(is_roomy)));
        assert!(!is_roomy());
        let panic = std::panic::catch_unwind(|| with(|| -> u8 { panic!("as it is") })).expect_err("a panic");
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"as it is"));
    }
}
