//! Tasks of one thread that wait for a permit each: woken, or withdrawn by dropping their futures.
use crate::abi::{Crowd, Ending, Object};
use crate::executor::{suspend_once, Ready, Task};
use crate::semaphore::{conjure, Semaphore};
use std::cell::Cell;
use std::future::Future;
use std::mem::{forget, size_of, MaybeUninit};
use std::slice;

/// What all waiters of a crowd share.
struct Shared {
    ending: Ending,
    woken: Cell<u64>,
}

async fn waiter<S, F, A>(s: &'static S, acquire: A, shared: *const Shared)
where
    F: Future,
    A: Fn(&'static S) -> F,
{
    let permit = acquire(s).await;
    let shared = unsafe { &*shared };
    shared.woken.set(shared.woken.get() + 1);
    match shared.ending {
        Ending::Holds => suspend_once().await, // until the task is dropped, and the permit with it
        Ending::Forgets => forget(permit),
        Ending::Releases => drop(permit),
    }
}

/// The same task that waits for nothing: what its frame takes without an acquire.
async fn bystander<S, P>(_: &'static S, make_permit: fn() -> P, shared: *const Shared) {
    suspend_once().await;
    let permit = make_permit();
    unsafe { (*shared).woken.set(0) };
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
    shared: Box<Shared>,
}

impl<S: Semaphore, F: Future<Output = ()>> Waiting<S, F> {
    /// Makes the tasks; none has run yet, and no permit is free.
    fn make<M>(n: usize, groups: usize, on_heap: bool, ending: Ending, task: M) -> Self
    where
        M: Fn(&'static S, *const Shared) -> F,
    {
        let all = n * groups;
        let ready = Ready::new(all);
        let shared = Box::new(Shared { ending, woken: Cell::new(0) });
        let mut arena: Vec<MaybeUninit<Task<F>>> = Vec::with_capacity(if on_heap { 0 } else { all });
        let mut tasks = Vec::with_capacity(all);
        let mut semaphores = Vec::with_capacity(groups);
        for _ in 0..groups {
            let s = Box::into_raw(Box::new(S::with(0)));
            semaphores.push(s);
            for _ in 0..n {
                let new = Task::new(&ready, task(unsafe { &*s }, &*shared));
                tasks.push(if on_heap {
                    Box::into_raw(Box::new(new))
                } else {
                    arena.push(MaybeUninit::new(new));
                    arena.last_mut().unwrap().as_mut_ptr()
                });
            }
        }
        Waiting { semaphores, n, ready, arena, tasks, leaving: Vec::new(), shared }
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

    fn wake_one(&mut self) {
        unsafe { (*self.semaphores[0]).add(1) };
        self.ready.run();
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

extern "C" fn make<S, F, A>(n: usize, groups: usize, on_heap: bool, ending: Ending) -> Object
where
    S: Semaphore,
    F: Future + 'static,
    A: Fn(&'static S) -> F + Copy + 'static,
{
    let task = |s, shared| waiter(s, conjure::<A>(), shared);
    Box::into_raw(Box::new(Waiting::<S, _>::make(n, groups, on_heap, ending, task))) as Object
}

extern "C" fn enqueue<S: Semaphore, F: Future<Output = ()>>(crowd: Object) {
    of::<S, F>(crowd).enqueue()
}
extern "C" fn woken<S: Semaphore, F: Future<Output = ()>>(crowd: Object) -> u64 {
    of::<S, F>(crowd).shared.woken.get()
}
extern "C" fn wake_at_once<S: Semaphore, F: Future<Output = ()>>(crowd: Object) {
    of::<S, F>(crowd).wake_at_once()
}
extern "C" fn wake_one_by_one<S: Semaphore, F: Future<Output = ()>>(crowd: Object) {
    of::<S, F>(crowd).wake_one_by_one()
}
extern "C" fn wake_one<S: Semaphore, F: Future<Output = ()>>(crowd: Object) {
    of::<S, F>(crowd).wake_one()
}
extern "C" fn ended<S: Semaphore, F: Future<Output = ()>>(crowd: Object, place: usize) -> bool {
    unsafe { (*of::<S, F>(crowd).tasks[place]).done() }
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
fn crowd<S: Semaphore, F, M>(
    _task: M,
    bare: usize,
    make: extern "C" fn(usize, usize, bool, Ending) -> Object,
) -> &'static Crowd
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
        wake_one: wake_one::<S, F>,
        ended: ended::<S, F>,
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
    let nowhere = std::ptr::null::<Shared>();
    let bare = size_made(|s: &'static S| bystander(s, || -> F::Output { unreachable!() }, nowhere));
    crowd(|s: &'static S| waiter(s, conjure::<A>(), nowhere), bare, make::<S, F, A>)
}
