//! Tasks that wait, of which one thread drops every second future while another one releases permits.
//!
//! Where a grant meets a drop, the waker may be called on either thread: it only sets a flag, in memory that stays until
//! the end. So a task is polled by one thread alone, before the race and after it.
use crate::abi::{Object, Race};
use crate::semaphore::{conjure, of as object, Semaphore};
use std::future::Future;
use std::mem::ManuallyDrop;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering::AcqRel, Ordering::Release};
use std::task::{Context, Poll, RawWaker, RawWakerVTable, Waker};

struct Waiting<F: Future> {
    woken: AtomicBool,
    future: ManuallyDrop<F>,
    permit: Option<F::Output>,
    ended: u32,
}

impl<F: Future> Waiting<F> {
    const WAKER: RawWakerVTable = RawWakerVTable::new(Self::clone, Self::wake, Self::wake, Self::drop);

    unsafe fn clone(flag: *const ()) -> RawWaker {
        RawWaker::new(flag, &Self::WAKER)
    }
    unsafe fn wake(flag: *const ()) {
        (*(flag as *const AtomicBool)).store(true, Release)
    }
    unsafe fn drop(_: *const ()) {}

    /// Polls it. The task does not move afterwards.
    fn poll(&mut self) {
        let waker = unsafe { Waker::from_raw(RawWaker::new(&self.woken as *const AtomicBool as *const (), &Self::WAKER)) };
        let future = unsafe { Pin::new_unchecked(&mut *self.future) };
        if let Poll::Ready(permit) = future.poll(&mut Context::from_waker(&waker)) {
            self.permit = Some(permit);
            self.end();
        }
    }

    fn end(&mut self) {
        unsafe { ManuallyDrop::drop(&mut self.future) };
        self.ended += 1;
    }
}

struct Field<S, F: Future> {
    limit: *mut S,
    tasks: *mut Waiting<F>, // by pointers: two threads have them at once, different ones
    n: usize,
}

impl<S: Semaphore, F: Future> Field<S, F> {
    fn limit(&self) -> &'static S {
        object(self.limit as Object)
    }
    fn task(&self, i: usize) -> *mut Waiting<F> {
        unsafe { self.tasks.add(i) }
    }
}

extern "C" fn make<S, F, A>(n: usize) -> Object
where
    S: Semaphore,
    F: Future + 'static,
    A: Fn(&'static S) -> F + Copy + 'static,
{
    let limit = Box::into_raw(Box::new(S::with(0)));
    let task = |_| Waiting {
        woken: AtomicBool::new(false),
        future: ManuallyDrop::new(conjure::<A>()(object(limit as Object))),
        permit: None,
        ended: 0,
    };
    let mut tasks: Box<[_]> = (0..n).map(task).collect();
    tasks.iter_mut().for_each(Waiting::poll);
    let tasks = Box::into_raw(tasks) as *mut Waiting<F>;
    Box::into_raw(Box::new(Field { limit, tasks, n })) as Object
}

extern "C" fn leave<S: Semaphore, F: Future>(race: Object) {
    let field = unsafe { &*(race as *const Field<S, F>) };
    for i in (1..field.n).step_by(2) {
        unsafe { (*field.task(i)).end() };
    }
}

extern "C" fn release<S: Semaphore, F: Future>(race: Object) {
    let field = unsafe { &*(race as *const Field<S, F>) };
    for _ in 0..field.n / 2 {
        field.limit().add(1);
    }
}

extern "C" fn finish<S: Semaphore, F: Future>(race: Object) -> bool {
    let field = unsafe { Box::from_raw(race as *mut Field<S, F>) };
    let limit = field.limit();
    limit.add(field.n - field.n / 2);
    let mut tasks = unsafe { Box::from_raw(std::ptr::slice_from_raw_parts_mut(field.tasks, field.n)) };
    let mut progress = true;
    while std::mem::take(&mut progress) {
        for task in tasks.iter_mut() {
            if task.woken.swap(false, AcqRel) && task.ended == 0 {
                task.poll();
                progress = true;
            }
        }
    }
    let every_wait_ended_once = tasks.iter().all(|t| t.ended == 1);
    for task in tasks.iter_mut().filter(|t| t.ended == 0) {
        task.end(); // one that was lost
    }
    drop(tasks);
    let all_back = limit.free() == field.n;
    drop(unsafe { Box::from_raw(field.limit) });
    every_wait_ended_once && all_back
}

/// The table of a race whose tasks wait for futures of the type that `_task` makes.
fn race<S, F, M>(_task: M, make: extern "C" fn(usize) -> Object) -> &'static Race
where
    S: Semaphore,
    F: Future,
    M: Fn(&'static S) -> F,
{
    Box::leak(Box::new(Race { make, leave: leave::<S, F>, release: release::<S, F>, finish: finish::<S, F> }))
}

pub fn of<S, F, A>() -> &'static Race
where
    S: Semaphore,
    F: Future + 'static,
    A: Fn(&'static S) -> F + Copy + 'static,
{
    race(conjure::<A>(), make::<S, F, A>)
}
