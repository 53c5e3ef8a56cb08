//! Runs a future on a plain thread, which parks while the future waits: the least there can be.
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, Thread};

struct Parker {
    thread: Thread,
    woken: AtomicBool,
}

impl Wake for Parker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref()
    }
    fn wake_by_ref(self: &Arc<Self>) {
        self.woken.store(true, Ordering::Release);
        self.thread.unpark();
    }
}

/// A thread's waker, made once for many waits.
pub struct Blocker {
    parker: Arc<Parker>,
    waker: Waker,
}

impl Blocker {
    pub fn new() -> Self {
        let parker = Arc::new(Parker { thread: thread::current(), woken: AtomicBool::new(false) });
        Blocker { waker: parker.clone().into(), parker }
    }

    pub fn block_on<F: Future>(&self, mut future: F) -> F::Output {
        // It is shadowed, so that nothing can move it.
        let mut future = unsafe { Pin::new_unchecked(&mut future) };
        let mut context = Context::from_waker(&self.waker);
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
                return output;
            }
            while !self.parker.woken.swap(false, Ordering::Acquire) {
                thread::park();
            }
        }
    }
}
