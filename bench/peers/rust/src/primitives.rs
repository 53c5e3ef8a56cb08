//! What the crates have beside semaphores: mutexes, a lock that readers share, a condition variable, events, a channel.
use crate::abi::{Contention, Game, Object, Primitive};
use crate::block_on::Blocker;
use crate::executor::{Ready, Task};
use event_listener::Event;
use std::cell::Cell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::atomic::Ordering::Relaxed;
use tokio::sync::{mpsc, Mutex, Notify, RwLock};

/// A lock of a crate, as one side of it is used.
trait Lock: Sync + Sized + 'static {
    type Guard: 'static;
    fn new() -> Self;
    fn lock(&'static self, blocker: &Blocker) -> Self::Guard;
    fn is_free(&'static self) -> bool;
}

impl Lock for Mutex<()> {
    type Guard = tokio::sync::MutexGuard<'static, ()>;
    fn new() -> Self {
        Mutex::new(())
    }
    fn lock(&'static self, blocker: &Blocker) -> Self::Guard {
        blocker.block_on(self.lock())
    }
    fn is_free(&'static self) -> bool {
        self.try_lock().is_ok()
    }
}

impl Lock for async_lock::Mutex<()> {
    type Guard = async_lock::MutexGuard<'static, ()>;
    fn new() -> Self {
        async_lock::Mutex::new(())
    }
    fn lock(&'static self, blocker: &Blocker) -> Self::Guard {
        blocker.block_on(self.lock())
    }
    fn is_free(&'static self) -> bool {
        self.try_lock().is_some()
    }
}

impl Lock for parking_lot::Mutex<()> {
    type Guard = parking_lot::MutexGuard<'static, ()>;
    fn new() -> Self {
        parking_lot::Mutex::new(())
    }
    fn lock(&'static self, _: &Blocker) -> Self::Guard {
        self.lock()
    }
    fn is_free(&'static self) -> bool {
        !self.is_locked()
    }
}

/// tokio's RwLock as its readers have it.
impl Lock for RwLock<()> {
    type Guard = tokio::sync::RwLockReadGuard<'static, ()>;
    fn new() -> Self {
        RwLock::new(())
    }
    fn lock(&'static self, blocker: &Blocker) -> Self::Guard {
        blocker.block_on(self.read())
    }
    fn is_free(&'static self) -> bool {
        self.try_write().is_ok()
    }
}

/// Kept at one place, and given back when this goes.
struct Kept<T: 'static>(&'static T);
impl<T> Kept<T> {
    fn new(value: T) -> Self {
        Kept(Box::leak(Box::new(value)))
    }
}
impl<T> Drop for Kept<T> {
    fn drop(&mut self) {
        drop(unsafe { Box::from_raw(self.0 as *const T as *mut T) })
    }
}

/// n times lock and unlock, on one thread.
struct Loop<L: Lock> {
    lock: Kept<L>,
    blocker: Blocker,
    rounds: u64,
}

extern "C" fn prepare_loop<L: Lock>(rounds: u64) -> Object {
    Box::into_raw(Box::new(Loop { lock: Kept::new(L::new()), blocker: Blocker::new(), rounds })) as Object
}
extern "C" fn run_loop<L: Lock>(game: Object) {
    let game = unsafe { &*(game as *const Loop<L>) };
    for _ in 0..game.rounds {
        drop(game.lock.0.lock(&game.blocker));
    }
}
extern "C" fn finish_loop<L: Lock>(game: Object) -> bool {
    let game = unsafe { Box::from_raw(game as *mut Loop<L>) };
    game.lock.0.is_free()
}

/// A lock that several threads want, and that is held until the window opens.
struct Contended<L: Lock> {
    held: Option<L::Guard>, // before the lock
    lock: Kept<L>,
}

extern "C" fn make<L: Lock>() -> Object {
    let lock = Kept::new(L::new());
    let held = Some(lock.0.lock(&Blocker::new()));
    Box::into_raw(Box::new(Contended { held, lock })) as Object
}
extern "C" fn open<L: Lock>(object: Object) {
    drop(unsafe { (*(object as *mut Contended<L>)).held.take() });
}
extern "C" fn contend<L: Lock>(object: Object, c: *const Contention) {
    let lock = unsafe { (*(object as *const Contended<L>)).lock.0 };
    let blocker = Blocker::new();
    let (stop, tally, inside) = unsafe { (&*(*c).stop, &*(*c).acquired, (*c).inside) };
    let mut acquired = 0;
    while !stop.load(Relaxed) {
        let guard = lock.lock(&blocker);
        if !inside.is_null() {
            unsafe { *inside += 1 };
        }
        acquired += 1;
        tally.store(acquired, Relaxed);
        drop(guard);
    }
}
extern "C" fn destroy<L: Lock>(object: Object) -> bool {
    let object = unsafe { Box::from_raw(object as *mut Contended<L>) };
    object.lock.0.is_free()
}

fn lock<L: Lock>(row: &'static str, name: &'static str, package: &'static str) -> Primitive {
    Primitive {
        game: Some(&Game { prepare: prepare_loop::<L>, run: run_loop::<L>, finish: finish_loop::<L> }),
        make: Some(make::<L>),
        open: Some(open::<L>),
        contend: Some(contend::<L>),
        destroy: Some(destroy::<L>),
        ..Primitive::nothing(row, name, package)
    }
}

type Waiter = Pin<Box<dyn Future<Output = ()>>>;

/// Tasks of one thread, all of which wait, and what ends the waits.
struct Crowd {
    tasks: Vec<Box<Task<Waiter>>>, // before what they wait for
    ready: Box<Ready<Waiter>>,
    ended: Rc<Cell<u64>>,
    wake: Box<dyn Fn()>,
    _kept: Box<dyn std::any::Any>,
}

fn crowd<T: 'static>(n: u64, kept: Kept<T>, wait: impl Fn(&'static T) -> Waiter, wake: impl Fn() + 'static) -> Object {
    let ready = Ready::new(n as usize);
    let ended = Rc::new(Cell::new(0));
    let mut tasks: Vec<_> = (0..n)
        .map(|_| {
            let (waits, ended) = (wait(kept.0), ended.clone());
            let task: Waiter = Box::pin(async move {
                waits.await;
                ended.set(ended.get() + 1);
            });
            Box::new(Task::new(&ready, task))
        })
        .collect();
    for task in &mut tasks {
        unsafe { Task::poll(&mut **task) };
    }
    Box::into_raw(Box::new(Crowd { tasks, ready, ended, wake: Box::new(wake), _kept: Box::new(kept) })) as Object
}
extern "C" fn run_crowd(game: Object) {
    let game = unsafe { &*(game as *const Crowd) };
    (game.wake)();
    game.ready.run();
}
extern "C" fn finish_crowd(game: Object) -> bool {
    let game = unsafe { Box::from_raw(game as *mut Crowd) };
    game.ended.get() == game.tasks.len() as u64
}
const fn crowd_game(prepare: extern "C" fn(u64) -> Object) -> Game {
    Game { prepare, run: run_crowd, finish: finish_crowd }
}

/// A condition variable as tokio's users make it: each waits outside of the mutex, and locks it again.
extern "C" fn prepare_notify(n: u64) -> Object {
    let kept = Kept::new((Mutex::new(()), Notify::new()));
    let (mutex, notify) = (&kept.0 .0, &kept.0 .1);
    let wait = move |_: &'static (Mutex<()>, Notify)| -> Waiter {
        Box::pin(async move {
            let guard = mutex.lock().await;
            let notified = notify.notified();
            drop(guard);
            notified.await;
            drop(mutex.lock().await);
        })
    };
    crowd(n, kept, wait, move || {
        let guard = mutex.try_lock().unwrap();
        notify.notify_waiters();
        drop(guard);
    })
}

extern "C" fn prepare_tokio_event(n: u64) -> Object {
    let kept = Kept::new(Notify::new());
    let notify = kept.0;
    crowd(n, kept, |notify| Box::pin(notify.notified()), move || notify.notify_waiters())
}

extern "C" fn prepare_event(n: u64) -> Object {
    let kept = Kept::new(Event::new());
    let event = kept.0;
    crowd(n, kept, |event| Box::pin(event.listen()), move || {
        event.notify(usize::MAX);
    })
}

/// n values through a channel with room for 16, from one task to another.
struct Stream {
    tasks: Vec<Box<Task<Waiter>>>,
    ready: Box<Ready<Waiter>>,
    sum: Rc<Cell<u64>>,
    n: u64,
}

extern "C" fn prepare_stream(n: u64) -> Object {
    let (sender, mut receiver) = mpsc::channel(16);
    let ready = Ready::new(2);
    let sum = Rc::new(Cell::new(0));
    let total = sum.clone();
    let receives: Waiter = Box::pin(async move {
        while let Some(value) = receiver.recv().await {
            total.set(total.get() + value);
        }
    });
    let sends: Waiter = Box::pin(async move {
        for i in 1..=n {
            sender.send(i).await.unwrap();
        }
    });
    let tasks = vec![Box::new(Task::new(&ready, receives)), Box::new(Task::new(&ready, sends))];
    Box::into_raw(Box::new(Stream { tasks, ready, sum, n })) as Object
}
extern "C" fn run_stream(game: Object) {
    let game = unsafe { &mut *(game as *mut Stream) };
    for task in &mut game.tasks {
        unsafe { Task::poll(&mut **task) };
    }
    game.ready.run();
}
extern "C" fn finish_stream(game: Object) -> bool {
    let game = unsafe { Box::from_raw(game as *mut Stream) };
    game.sum.get() == game.n * (game.n + 1) / 2
}

fn alone(row: &'static str, name: &'static str, package: &'static str, game: &'static Game) -> Primitive {
    Primitive { game: Some(game), ..Primitive::nothing(row, name, package) }
}

pub fn tables() -> Vec<Primitive> {
    static NOTIFY: Game = crowd_game(prepare_notify);
    static TOKIO_EVENT: Game = crowd_game(prepare_tokio_event);
    static EVENT: Game = crowd_game(prepare_event);
    static STREAM: Game = Game { prepare: prepare_stream, run: run_stream, finish: finish_stream };
    vec![
        lock::<parking_lot::Mutex<()>>("mutex\0", "parking_lot Mutex\0", "parking_lot\0"),
        lock::<Mutex<()>>("mutex\0", "tokio Mutex\0", "tokio\0"),
        lock::<async_lock::Mutex<()>>("mutex\0", "async-lock Mutex\0", "async-lock\0"),
        lock::<RwLock<()>>("read\0", "tokio RwLock\0", "tokio\0"),
        alone("notify_all\0", "tokio Notify + Mutex\0", "tokio\0", &NOTIFY),
        alone("event\0", "tokio Notify\0", "tokio\0", &TOKIO_EVENT),
        alone("event\0", "event-listener\0", "event-listener\0", &EVENT),
        alone("channel\0", "tokio mpsc\0", "tokio\0", &STREAM),
    ]
}
