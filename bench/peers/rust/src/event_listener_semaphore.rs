//! A counter and an event_listener::Event: what async-lock builds on, without its notification that reaches one waiter
//! where two permits came.
use crate::abi::Peer;
use crate::block_on::Blocker;
use crate::semaphore::Semaphore;
use crate::table;
use event_listener::*; // Event; from release 3 on the trait of listeners that has wait()
use std::sync::atomic::{AtomicUsize, Ordering};

pub struct Counter {
    permits: AtomicUsize,
    event: Event,
}

pub struct Permit(&'static Counter);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.add(1)
    }
}

impl Counter {
    fn take(&'static self) -> Option<Permit> {
        let take_one = |n: usize| n.checked_sub(1);
        self.permits.fetch_update(Ordering::AcqRel, Ordering::Acquire, take_one).ok().map(|_| Permit(self))
    }

    async fn acquire(&'static self) -> Permit {
        loop {
            if let Some(permit) = self.take() {
                return permit;
            }
            let listener = self.event.listen();
            if let Some(permit) = self.take() {
                return permit;
            }
            listener.await;
        }
    }

    fn wait(&'static self) -> Permit {
        loop {
            if let Some(permit) = self.take() {
                return permit;
            }
            let listener = self.event.listen();
            if let Some(permit) = self.take() {
                return permit;
            }
            listener.wait();
        }
    }
}

impl Semaphore for Counter {
    fn with(permits: usize) -> Self {
        Counter { permits: AtomicUsize::new(permits), event: Event::new() }
    }
    fn free(&self) -> usize {
        self.permits.load(Ordering::Acquire)
    }
    fn add(&self, n: usize) {
        self.permits.fetch_add(n, Ordering::AcqRel);
        self.event.notify_additional(n);
    }
}

pub fn peer() -> Peer {
    let peer = Peer::nothing("event-listener + counter\0", "event-listener\0", "drop, time-out\0");
    let wait = |s: &'static Counter, _: &Blocker| s.wait();
    let peer = table::threads(peer, wait, |s: &'static Counter| s.take());
    let peer = table::tasks(peer, |s: &'static Counter| s.acquire());
    table::pooled(peer, |s: &'static Counter| s.acquire())
}
