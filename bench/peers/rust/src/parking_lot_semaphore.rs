//! A semaphore of plain threads: parking_lot's Mutex and Condvar around a count.
use crate::abi::Peer;
use crate::block_on::Blocker;
use crate::semaphore::Semaphore;
use crate::table;
use parking_lot::{Condvar, Mutex};

pub struct Counter {
    permits: Mutex<usize>,
    more: Condvar,
}

pub struct Permit(&'static Counter);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.add(1)
    }
}

impl Counter {
    fn wait(&'static self) -> Permit {
        let mut permits = self.permits.lock();
        while *permits == 0 {
            self.more.wait(&mut permits);
        }
        *permits -= 1;
        Permit(self)
    }

    fn take(&'static self) -> Option<Permit> {
        let mut permits = self.permits.lock();
        *permits = permits.checked_sub(1)?;
        Some(Permit(self))
    }
}

impl Semaphore for Counter {
    fn with(permits: usize) -> Self {
        Counter { permits: Mutex::new(permits), more: Condvar::new() }
    }
    fn free(&self) -> usize {
        *self.permits.lock()
    }
    fn add(&self, n: usize) {
        *self.permits.lock() += n;
        if n == 1 {
            self.more.notify_one();
        } else {
            self.more.notify_all();
        }
    }
}

pub fn peer() -> Peer {
    let peer = Peer::nothing("parking_lot Mutex + Condvar\0", "parking_lot\0", "time-out\0");
    table::threads(peer, |s: &'static Counter, _: &Blocker| s.wait(), |s: &'static Counter| s.take())
}
