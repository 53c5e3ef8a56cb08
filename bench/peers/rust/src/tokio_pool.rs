//! Many tasks on the worker threads of tokio's own runtime.
use crate::abi::{Object, Pool, TaskLoad};
use std::sync::atomic::{AtomicU64, Ordering::SeqCst};
use std::sync::Arc;
use std::thread;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

struct Shared {
    limit: Semaphore,
    arrived: AtomicU64,
    acquired: AtomicU64,
}

struct Running<'a> {
    pool: &'a Runtime,
    load: TaskLoad,
    shared: Arc<Shared>,
    tasks: Vec<JoinHandle<()>>,
}

async fn task(shared: Arc<Shared>, rounds: u64, yields_inside: bool) {
    shared.arrived.fetch_add(1, SeqCst);
    for _ in 0..rounds {
        let permit = shared.limit.acquire().await.unwrap();
        if yields_inside {
            tokio::task::yield_now().await;
        }
        drop(permit);
    }
    shared.acquired.fetch_add(rounds, SeqCst);
}

extern "C" fn make(workers: usize) -> Object {
    Box::into_raw(Box::new(Builder::new_multi_thread().worker_threads(workers).build().unwrap())) as Object
}

extern "C" fn destroy(pool: Object) {
    drop(unsafe { Box::from_raw(pool as *mut Runtime) })
}

extern "C" fn prepare(pool: Object, load: TaskLoad) -> Object {
    let pool = unsafe { &*(pool as *const Runtime) };
    let shared = Arc::new(Shared {
        limit: Semaphore::new(0),
        arrived: AtomicU64::new(0),
        acquired: AtomicU64::new(0),
    });
    let tasks = (0..load.tasks).map(|_| pool.spawn(task(shared.clone(), load.rounds, load.yields_inside))).collect();
    while shared.arrived.load(SeqCst) != load.tasks {
        thread::sleep(Duration::from_micros(50));
    }
    Box::into_raw(Box::new(Running { pool, load, shared, tasks })) as Object
}

extern "C" fn run(running: Object) {
    let running = unsafe { &mut *(running as *mut Running<'static>) };
    running.shared.limit.add_permits(running.load.permits as usize);
    running.pool.block_on(async {
        for task in running.tasks.drain(..) {
            task.await.unwrap();
        }
    });
}

extern "C" fn finish(running: Object) -> bool {
    let running = unsafe { Box::from_raw(running as *mut Running<'static>) };
    running.shared.acquired.load(SeqCst) == running.load.tasks * running.load.rounds
        && running.shared.limit.available_permits() as u64 == running.load.permits
}

pub fn table() -> &'static Pool {
    &Pool { make, destroy, prepare, run, finish }
}
