//! Timed loops: acquire and release on one thread, and on several.
use crate::abi::{Contention, Object};
use crate::block_on::Blocker;
use crate::executor::{Ready, Task};
use crate::semaphore::{conjure, of, Semaphore};
use std::future::Future;
use std::mem::forget;
use std::sync::atomic::Ordering::Relaxed;

thread_local! {
    static BLOCKER: Blocker = Blocker::new();
}

pub extern "C" fn await_loop<S, F, A>(s: Object, n: u64)
where
    S: Semaphore,
    F: Future + 'static,
    A: Fn(&'static S) -> F + Copy + 'static,
{
    let (s, acquire) = (of::<S>(s), conjure::<A>());
    let ready = Ready::new(1);
    let mut task = Task::new(&ready, async move {
        for _ in 0..n {
            drop(acquire(s).await);
        }
    });
    unsafe { Task::poll(&mut task) };
    assert!(task.done(), "nobody else wants the permit");
}

pub extern "C" fn blocking_loop<S: Semaphore, P, W: Fn(&'static S, &Blocker) -> P + Copy>(s: Object, n: u64) {
    let (s, wait) = (of::<S>(s), conjure::<W>());
    let blocker = Blocker::new();
    for _ in 0..n {
        drop(wait(s, &blocker));
    }
}

pub extern "C" fn try_loop<S: Semaphore, P, T: Fn(&'static S) -> Option<P> + Copy>(s: Object, n: u64) -> u64 {
    let (s, attempt) = (of::<S>(s), conjure::<T>());
    let mut got = 0;
    for _ in 0..n {
        if let Some(permit) = attempt(s) {
            got += 1;
            drop(permit);
        }
    }
    got
}

/// One blocking acquire, whose permit stays taken.
pub extern "C" fn acquire<S: Semaphore, P, W: Fn(&'static S, &Blocker) -> P + Copy>(s: Object) {
    BLOCKER.with(|blocker| forget(conjure::<W>()(of::<S>(s), blocker)))
}

pub extern "C" fn try_acquire<S: Semaphore, P, T: Fn(&'static S) -> Option<P> + Copy>(s: Object) -> bool {
    conjure::<T>()(of::<S>(s)).map(forget).is_some()
}

pub extern "C" fn wake_and_wait<S: Semaphore, P, W>(there: Object, back: Object, n: u64)
where
    W: Fn(&'static S, &Blocker) -> P + Copy,
{
    let (there, back, wait) = (of::<S>(there), of::<S>(back), conjure::<W>());
    let blocker = Blocker::new();
    for _ in 0..n {
        there.add(1);
        forget(wait(back, &blocker));
    }
}

pub extern "C" fn wait_and_wake<S: Semaphore, P, W>(there: Object, back: Object, n: u64)
where
    W: Fn(&'static S, &Blocker) -> P + Copy,
{
    let (there, back, wait) = (of::<S>(there), of::<S>(back), conjure::<W>());
    let blocker = Blocker::new();
    for _ in 0..n {
        forget(wait(there, &blocker));
        back.add(1);
    }
}

pub extern "C" fn contend<S: Semaphore, P, W>(s: Object, c: *const Contention)
where
    W: Fn(&'static S, &Blocker) -> P + Copy,
{
    let (s, wait) = (of::<S>(s), conjure::<W>());
    let blocker = Blocker::new();
    let (stop, tally, inside) = unsafe { (&*(*c).stop, &*(*c).acquired, (*c).inside) };
    let mut acquired = 0;
    while !stop.load(Relaxed) {
        let permit = wait(s, &blocker);
        if !inside.is_null() {
            unsafe { *inside += 1 };
        }
        acquired += 1;
        tally.store(acquired, Relaxed);
        drop(permit);
    }
}
