//! async_lock::Semaphore.
use crate::abi::Peer;
use crate::block_on::Blocker;
use crate::semaphore::Semaphore;
use crate::table;
use async_lock::{Semaphore as AsyncLock, SemaphoreGuard};
use std::mem::{forget, transmute};

impl Semaphore for AsyncLock {
    fn with(permits: usize) -> Self {
        AsyncLock::new(permits)
    }
    fn free(&self) -> usize {
        let mut n = 0;
        while let Some(guard) = self.try_acquire() {
            forget(guard);
            n += 1;
        }
        self.add(n);
        n
    }
    /// A permit comes when a guard is dropped, and by no other way: the guard is a reference, from which one is made.
    fn add(&self, n: usize) {
        for _ in 0..n {
            drop(unsafe { transmute::<&AsyncLock, SemaphoreGuard<'_>>(self) });
        }
    }
}

pub fn peer() -> Peer {
    let peer = Peer::nothing("async-lock\0", "async-lock\0", "drop\0");
    let wait = |s: &'static AsyncLock, blocker: &Blocker| blocker.block_on(s.acquire());
    let peer = table::threads(peer, wait, |s: &'static AsyncLock| s.try_acquire());
    let peer = table::tasks(peer, |s: &'static AsyncLock| s.acquire());
    table::pooled(peer, |s: &'static AsyncLock| s.acquire())
}
