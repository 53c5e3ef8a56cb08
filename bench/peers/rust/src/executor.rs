//! The least executor of one thread: a queue of tasks that are ready; a wake puts a task there.
//!
//! Wakers are pointers, cloned and dropped for nothing: a task outlives its waits. So what is measured with it is the
//! semaphore and hardly more; a real executor costs what `tokio current-thread runtime` costs beside it.
use std::cell::UnsafeCell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

/// The tasks that were woken, in order.
pub struct Ready<F>(UnsafeCell<VecDeque<*mut Task<F>>>);

impl<F: Future<Output = ()>> Ready<F> {
    pub fn new(capacity: usize) -> Box<Self> {
        Box::new(Ready(UnsafeCell::new(VecDeque::with_capacity(capacity))))
    }

    /// Polls what is ready until nothing is.
    pub fn run(&self) {
        // The queue is borrowed for one call at a time: a poll may wake, which pushes.
        while let Some(task) = unsafe { (*self.0.get()).pop_front() } {
            unsafe { Task::poll(task) };
        }
    }
}

/// A future that stays where it is, and the queue that it is put into when woken.
pub struct Task<F> {
    ready: *const Ready<F>,
    done: bool,
    future: F,
}

impl<F: Future<Output = ()>> Task<F> {
    pub fn new(ready: &Ready<F>, future: F) -> Self {
        Task { ready, done: false, future }
    }

    pub fn done(&self) -> bool {
        self.done
    }

    const WAKER: RawWakerVTable = RawWakerVTable::new(Self::clone, Self::wake, Self::wake, Self::drop);

    unsafe fn clone(task: *const ()) -> RawWaker {
        RawWaker::new(task, &Self::WAKER)
    }
    unsafe fn wake(task: *const ()) {
        let task = task as *mut Task<F>;
        (*(*(*task).ready).0.get()).push_back(task);
    }
    unsafe fn drop(_: *const ()) {}

    /// # Safety
    /// The task does not move afterwards, and nothing else refers to its future meanwhile.
    pub unsafe fn poll(task: *mut Task<F>) {
        if (*task).done {
            return;
        }
        let waker = Waker::from_raw(RawWaker::new(task as *const (), &Self::WAKER));
        let mut context = Context::from_waker(&waker);
        if Pin::new_unchecked(&mut (*task).future).poll(&mut context).is_ready() {
            (*task).done = true;
        }
    }
}

/// Waits once: what comes next runs when the task is polled again.
pub async fn suspend_once() {
    struct Once(bool);
    impl Future for Once {
        type Output = ();
        fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
            if std::mem::replace(&mut self.0, true) {
                return Poll::Ready(());
            }
            Poll::Pending
        }
    }
    Once(false).await
}
