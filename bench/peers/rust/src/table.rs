//! Fills a peer's table from its operations.
use crate::abi::Peer;
use crate::block_on::Blocker;
use crate::semaphore::{self, Semaphore};
use crate::{crowd, game, jobs, loops, pool, race};
use std::future::Future;

/// What plain threads can do: `wait` acquires and blocks, `attempt` acquires or does not.
pub fn threads<S, P, W, T>(peer: Peer, _wait: W, _attempt: T) -> Peer
where
    S: Semaphore,
    P: 'static,
    W: Fn(&'static S, &Blocker) -> P + Copy,
    T: Fn(&'static S) -> Option<P> + Copy,
{
    Peer {
        make: Some(semaphore::make::<S>),
        destroy: Some(semaphore::destroy::<S>),
        free_permits: Some(semaphore::free_permits::<S>),
        release: Some(semaphore::release::<S>),
        acquire: Some(loops::acquire::<S, P, W>),
        try_acquire: Some(loops::try_acquire::<S, P, T>),
        blocking_loop: Some(loops::blocking_loop::<S, P, W>),
        try_loop: Some(loops::try_loop::<S, P, T>),
        wake_and_wait: Some(loops::wake_and_wait::<S, P, W>),
        wait_and_wake: Some(loops::wait_and_wake::<S, P, W>),
        contend: Some(loops::contend::<S, P, W>),
        ..peer
    }
}

/// What tasks can do: `acquire` returns a future.
pub fn tasks<S, F, A>(peer: Peer, _acquire: A) -> Peer
where
    S: Semaphore,
    F: Future + 'static,
    A: Fn(&'static S) -> F + Copy + 'static,
{
    Peer {
        await_loop: Some(loops::await_loop::<S, F, A>),
        two_semaphores: Some(game::two_semaphores::<S, F, A>()),
        crowd: Some(crowd::waiters::<S, F, A>()),
        race: Some(race::of::<S, F, A>()),
        ..peer
    }
}

/// The same for a semaphore that hands its permits over in the order of arrival.
pub fn tasks_in_order<S, F, A>(peer: Peer, acquire: A) -> Peer
where
    S: Semaphore,
    F: Future + 'static,
    A: Fn(&'static S) -> F + Copy + 'static,
{
    Peer { one_semaphore: Some(game::one_semaphore::<S, F, A>()), ..tasks(peer, acquire) }
}

/// What tasks can do on several threads: on the worker threads of tokio's runtime, whichever crate the semaphore is of.
pub fn pooled<S, F, A>(peer: Peer, _acquire: A) -> Peer
where
    S: Semaphore,
    F: Future + Send + 'static,
    F::Output: Send,
    A: Fn(&'static S) -> F + Copy + Send + Sync + 'static,
{
    Peer { pool: Some(pool::table::<S, F, A>()), ..peer }
}

/// Jobs of several permits: `acquire` takes that many at once.
pub fn jobs<S, F, A>(peer: Peer, _acquire: A) -> Peer
where
    S: Semaphore,
    F: Future + 'static,
    A: Fn(&'static S, u32) -> F + Copy + 'static,
{
    Peer { jobs: Some(jobs::of::<S, F, A>()), ..peer }
}
