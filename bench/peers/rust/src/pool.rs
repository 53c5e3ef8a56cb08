//! Many tasks on the worker threads of tokio's own runtime, whichever crate their semaphore is of.
use crate::abi::{Object, Pool, TaskLoad};
use crate::semaphore::{conjure, Semaphore};
use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinHandle;

struct Tally {
    arrived: AtomicU64,
    acquired: AtomicU64,
}

struct Running<S> {
    pool: &'static Runtime,
    load: TaskLoad,
    limit: *mut S,
    tally: Arc<Tally>,
    tasks: Vec<JoinHandle<()>>,
}

async fn task<S, F, A>(limit: &'static S, acquire: A, tally: Arc<Tally>, load: TaskLoad, me: u64)
where
    S: Semaphore,
    F: Future,
    A: Fn(&'static S) -> F,
{
    let work = |table: *const u32, round| {
        let number = (me + round) % load.lengths;
        (load.work)(unsafe { *table.add(number as usize) } as u64)
    };
    tally.arrived.fetch_add(1, SeqCst);
    for round in 0..load.rounds {
        let permit = acquire(limit).await;
        work(load.inside, round);
        if load.yields_inside {
            tokio::task::yield_now().await;
        }
        drop(permit);
        work(load.outside, round);
    }
    tally.acquired.fetch_add(load.rounds, SeqCst);
}

extern "C" fn make(workers: usize) -> Object {
    Box::into_raw(Box::new(Builder::new_multi_thread().worker_threads(workers).build().unwrap())) as Object
}

extern "C" fn destroy(pool: Object) {
    drop(unsafe { Box::from_raw(pool as *mut Runtime) })
}

extern "C" fn prepare<S, F, A>(pool: Object, load: TaskLoad) -> Object
where
    S: Semaphore,
    F: Future + Send + 'static,
    F::Output: Send,
    A: Fn(&'static S) -> F + Copy + Send + Sync + 'static,
{
    let pool: &'static Runtime = unsafe { &*(pool as *const Runtime) };
    let limit = Box::into_raw(Box::new(S::with(0)));
    let tally = Arc::new(Tally { arrived: AtomicU64::new(0), acquired: AtomicU64::new(0) });
    let start = |me| pool.spawn(task(unsafe { &*limit }, conjure::<A>(), tally.clone(), load, me));
    let tasks = (0..load.tasks).map(start).collect();
    while tally.arrived.load(SeqCst) != load.tasks {
        thread::sleep(Duration::from_micros(50));
    }
    Box::into_raw(Box::new(Running { pool, load, limit, tally, tasks })) as Object
}

extern "C" fn run<S: Semaphore>(running: Object) {
    let running = unsafe { &mut *(running as *mut Running<S>) };
    unsafe { &*running.limit }.add(running.load.permits as usize);
    running.pool.block_on(async {
        for task in running.tasks.drain(..) {
            task.await.unwrap();
        }
    });
}

extern "C" fn finish<S: Semaphore>(running: Object) -> bool {
    let running = unsafe { Box::from_raw(running as *mut Running<S>) };
    let limit = unsafe { Box::from_raw(running.limit) };
    running.tally.acquired.load(SeqCst) == running.load.tasks * running.load.rounds
        && limit.free() as u64 == running.load.permits
}

pub fn table<S, F, A>() -> &'static Pool
where
    S: Semaphore,
    F: Future + Send + 'static,
    F::Output: Send,
    A: Fn(&'static S) -> F + Copy + Send + Sync + 'static,
{
    &Pool { make, destroy, prepare: prepare::<S, F, A>, run: run::<S>, finish: finish::<S> }
}
