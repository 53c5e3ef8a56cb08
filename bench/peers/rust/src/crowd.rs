//! Tasks of one thread that wait for a permit each: woken, or withdrawn by dropping their futures.
use crate::abi::{Crowd, Object};
use crate::executor::{suspend_once, Ready, Task};
use crate::semaphore::{conjure, Semaphore};
use std::cell::Cell;
use std::future::Future;
use std::mem::{forget, size_of, MaybeUninit};
use std::slice;

/// How a waiter ends: what it does with its permit, and where it counts.
struct Ending {
    forgets: bool,
    woken: Cell<u64>,
}

async fn waiter<S, F, A>(s: &'static S, acquire: A, ending: *const Ending)
where
    F: Future,
    A: Fn(&'static S) -> F,
{
    let permit = acquire(s).await;
    let ending = unsafe { &*ending };
    ending.woken.set(ending.woken.get() + 1);
    if ending.forgets {
        forget(permit);
    } else {
        suspend_once().await; // holds the permit until it is dropped
    }
}

/// The same task that waits for nothing: what its frame takes without an acquire.
async fn bystander<S, P>(_: &'static S, make_permit: fn() -> P, ending: *const Ending) {
    suspend_once().await;
    let permit = make_permit();
    unsafe { (*ending).woken.set(0) };
    suspend_once().await;
    drop(permit);
}

struct Waiting<S, F> {
    semaphores: Vec<*mut S>,
    n: usize,
    ready: Box<Ready<F>>,
    arena: Vec<MaybeUninit<Task<F>>>, // empty where each task has memory of its own
    tasks: Vec<*mut Task<F>>,
    leaving: Vec<*mut Task<F>>,
    ending: Box<Ending>,
}

impl<S: Semaphore, F: Future<Output = ()>> Waiting<S, F> {
    /// Makes the tasks; none has run yet, and no permit is free.
    fn make(n: usize, groups: usize, on_heap: bool, forgets: bool, task: impl Fn(&'static S, *const Ending) -> F) -> Self {
        let all = n * groups;
        let ready = Ready::new(all);
        let ending = Box::new(Ending { forgets, woken: Cell::new(0) });
        let mut arena: Vec<MaybeUninit<Task<F>>> = Vec::with_capacity(if on_heap { 0 } else { all });
        let mut tasks = Vec::with_capacity(all);
        let mut semaphores = Vec::with_capacity(groups);
        for _ in 0..groups {
            let s = Box::into_raw(Box::new(S::with(0)));
            semaphores.push(s);
            for _ in 0..n {
                let new = Task::new(&ready, task(unsafe { &*s }, &*ending));
                tasks.push(if on_heap {
                    Box::into_raw(Box::new(new))
                } else {
                    arena.push(MaybeUninit::new(new));
                    arena.last_mut().unwrap().as_mut_ptr()
                });
            }
        }
        Waiting { semaphores, n, ready, arena, tasks, leaving: Vec::new(), ending }
    }

    fn enqueue(&mut self) {
        for &task in &self.tasks {
            unsafe { Task::poll(task) };
        }
    }

    fn wake_at_once(&mut self) {
        for &s in &self.semaphores {
            unsafe { (*s).add(self.n) };
            self.ready.run();
        }
    }

    fn wake_one_by_one(&mut self) {
        for &s in &self.semaphores {
            for _ in 0..self.n {
                unsafe { (*s).add(1) };
                self.ready.run();
            }
        }
    }

    fn leave(&mut self) {
        if self.arena.is_empty() {
            for &task in &self.leaving {
                drop(unsafe { Box::from_raw(task) });
            }
        } else {
            for &task in &self.leaving {
                unsafe { std::ptr::drop_in_place(task) };
            }
        }
    }

    fn end(&mut self) -> u64 {
        if self.leaving.is_empty() {
            self.leaving = std::mem::take(&mut self.tasks);
            self.leave();
        }
        self.semaphores.iter().map(|&s| unsafe { (*s).free() as u64 }).sum()
    }
}

impl<S, F> Drop for Waiting<S, F> {
    fn drop(&mut self) {
        for &s in &self.semaphores {
            drop(unsafe { Box::from_raw(s) });
        }
    }
}

fn of<'a, S, F>(crowd: Object) -> &'a mut Waiting<S, F> {
    unsafe { &mut *(crowd as *mut Waiting<S, F>) }
}

extern "C" fn make<S, F, A>(n: usize, groups: usize, on_heap: bool, forgets: bool) -> Object
where
    S: Semaphore,
    F: Future + 'static,
    A: Fn(&'static S) -> F + Copy + 'static,
{
    let task = |s, ending| waiter(s, conjure::<A>(), ending);
    Box::into_raw(Box::new(Waiting::<S, _>::make(n, groups, on_heap, forgets, task))) as Object
}

extern "C" fn enqueue<S: Semaphore, F: Future<Output = ()>>(crowd: Object) {
    of::<S, F>(crowd).enqueue()
}
extern "C" fn woken<S: Semaphore, F: Future<Output = ()>>(crowd: Object) -> u64 {
    of::<S, F>(crowd).ending.woken.get()
}
extern "C" fn wake_at_once<S: Semaphore, F: Future<Output = ()>>(crowd: Object) {
    of::<S, F>(crowd).wake_at_once()
}
extern "C" fn wake_one_by_one<S: Semaphore, F: Future<Output = ()>>(crowd: Object) {
    of::<S, F>(crowd).wake_one_by_one()
}
extern "C" fn arrange<S: Semaphore, F: Future<Output = ()>>(crowd: Object, places: *const u64, count: usize) {
    let crowd = of::<S, F>(crowd);
    let places = unsafe { slice::from_raw_parts(places, count) };
    crowd.leaving = places.iter().map(|&place| crowd.tasks[place as usize]).collect();
}
extern "C" fn leave<S: Semaphore, F: Future<Output = ()>>(crowd: Object) {
    of::<S, F>(crowd).leave()
}
extern "C" fn end<S: Semaphore, F: Future<Output = ()>>(crowd: Object) -> u64 {
    of::<S, F>(crowd).end()
}
extern "C" fn destroy<S: Semaphore, F: Future<Output = ()>>(crowd: Object) {
    drop(unsafe { Box::from_raw(crowd as *mut Waiting<S, F>) })
}

fn size_made<S: 'static, T>(_: impl Fn(&'static S) -> T) -> usize {
    size_of::<T>()
}

/// The table of a crowd whose tasks are futures of the type that `_task` makes.
fn crowd<S: Semaphore, F, M>(_task: M, bare: usize, make: extern "C" fn(usize, usize, bool, bool) -> Object) -> &'static Crowd
where
    F: Future<Output = ()>,
    M: Fn(&'static S) -> F,
{
    Box::leak(Box::new(Crowd {
        frame_bytes: size_of::<F>(),
        bare_frame_bytes: bare,
        make,
        enqueue: enqueue::<S, F>,
        woken: woken::<S, F>,
        wake_at_once: wake_at_once::<S, F>,
        wake_one_by_one: wake_one_by_one::<S, F>,
        arrange: arrange::<S, F>,
        leave: leave::<S, F>,
        end: end::<S, F>,
        destroy: destroy::<S, F>,
    }))
}

pub fn waiters<S, F, A>() -> &'static Crowd
where
    S: Semaphore,
    F: Future + 'static,
    A: Fn(&'static S) -> F + Copy + 'static,
{
    let nowhere = std::ptr::null::<Ending>();
    let bare = size_made(|s: &'static S| bystander(s, || -> F::Output { unreachable!() }, nowhere));
    crowd(|s: &'static S| waiter(s, conjure::<A>(), nowhere), bare, make::<S, F, A>)
}
