//! Jobs of one thread that take several permits at once and hold them for a time, which a loop of the program measures.
use crate::abi::{JobEvents, Jobs, Object};
use crate::executor::{suspend_once, Ready, Task};
use crate::semaphore::{conjure, Semaphore};
use std::future::Future;

async fn job<S, F, A>(limit: &'static S, acquire: A, events: JobEvents, me: usize, size: u32)
where
    S: Semaphore,
    F: Future,
    A: Fn(&'static S, u32) -> F,
{
    let permits = acquire(limit, size).await;
    (events.held)(events.program_loop, me);
    suspend_once().await; // until go_on
    drop(permits);
    (events.ended)(events.program_loop, me);
}

struct Work<S, F> {
    limit: *mut S,
    permits: usize,
    ready: Box<Ready<F>>,
    tasks: Vec<Task<F>>, // of a capacity that is never exceeded, because a task does not move
}

fn of_object<'a, S, F>(jobs: Object) -> &'a mut Work<S, F> {
    unsafe { &mut *(jobs as *mut Work<S, F>) }
}

extern "C" fn begin<S, F, A>(jobs: Object, events: *const JobEvents, size: u32)
where
    S: Semaphore,
    F: Future + 'static,
    A: Fn(&'static S, u32) -> F + Copy + 'static,
{
    fn start<S: 'static, T: Future<Output = ()>>(work: &mut Work<S, T>, make: impl Fn(&'static S, usize) -> T) {
        assert!(work.tasks.len() < work.tasks.capacity(), "no more jobs than there is place for");
        let new = Task::new(&work.ready, make(unsafe { &*work.limit }, work.tasks.len()));
        work.tasks.push(new);
        unsafe { Task::poll(work.tasks.last_mut().unwrap()) };
        work.ready.run();
    }
    let events = unsafe { *events };
    start(of_object(jobs), |limit, me| job(limit, conjure::<A>(), events, me, size));
}

extern "C" fn make<S, T>(permits: usize, most: usize) -> Object
where
    S: Semaphore,
    T: Future<Output = ()>,
{
    let limit = Box::into_raw(Box::new(S::with(permits)));
    let work = Work::<S, T> { limit, permits, ready: Ready::new(most), tasks: Vec::with_capacity(most) };
    Box::into_raw(Box::new(work)) as Object
}

extern "C" fn go_on<S: Semaphore, T: Future<Output = ()>>(jobs: Object, job: usize) {
    let work = of_object::<S, T>(jobs);
    unsafe { Task::poll(&mut work.tasks[job]) };
    work.ready.run();
}

extern "C" fn finish<S: Semaphore, T: Future<Output = ()>>(jobs: Object) -> bool {
    let work = unsafe { Box::from_raw(jobs as *mut Work<S, T>) };
    let ended = work.tasks.iter().all(Task::done);
    drop(work.tasks);
    let limit = unsafe { Box::from_raw(work.limit) };
    ended && limit.free() == work.permits
}

/// The table of jobs that are futures of the type that `_task` makes.
fn table<S, T, M>(_task: M, begin: extern "C" fn(Object, *const JobEvents, u32)) -> &'static Jobs
where
    S: Semaphore,
    T: Future<Output = ()>,
    M: Fn(&'static S, JobEvents) -> T,
{
    Box::leak(Box::new(Jobs { make: make::<S, T>, begin, go_on: go_on::<S, T>, finish: finish::<S, T> }))
}

pub fn of<S, F, A>() -> &'static Jobs
where
    S: Semaphore,
    F: Future + 'static,
    A: Fn(&'static S, u32) -> F + Copy + 'static,
{
    table(|limit: &'static S, events| job(limit, conjure::<A>(), events, 0, 0), begin::<S, F, A>)
}
