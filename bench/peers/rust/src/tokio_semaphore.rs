//! tokio::sync::Semaphore.
use crate::abi::Peer;
use crate::block_on::Blocker;
use crate::semaphore::Semaphore;
use crate::table;
use tokio::sync::Semaphore as Tokio;

impl Semaphore for Tokio {
    fn with(permits: usize) -> Self {
        Tokio::new(permits)
    }
    fn free(&self) -> usize {
        self.available_permits()
    }
    fn add(&self, n: usize) {
        self.add_permits(n)
    }
}

pub fn peer() -> Peer {
    let peer = Peer::nothing("tokio\0", "tokio\0", "drop\0");
    let wait = |s: &'static Tokio, blocker: &Blocker| blocker.block_on(s.acquire()).unwrap();
    let peer = table::threads(peer, wait, |s: &'static Tokio| s.try_acquire().ok());
    let peer = table::tasks_in_order(peer, |s: &'static Tokio| s.acquire());
    let peer = table::pooled(peer, |s: &'static Tokio| s.acquire());
    table::jobs(peer, |s: &'static Tokio, n| s.acquire_many(n))
}
