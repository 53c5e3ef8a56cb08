//! tokio::sync::Semaphore.
use crate::abi::Peer;
use crate::block_on::Blocker;
use crate::semaphore::Semaphore;
use crate::table;
use crate::tokio_pool;
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
    Peer { pool: Some(tokio_pool::table()), ..peer }
}
