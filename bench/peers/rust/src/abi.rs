//! The tables that this library hands to the program: what bench/peers/peer.hpp declares, field by field.
//!
//! A loop runs a whole timed part in here, so that no operation crosses from one language to the other. `None`: the
//! peer cannot express it.
use std::os::raw::{c_char, c_void};
use std::sync::atomic::{AtomicBool, AtomicU64};

pub type Object = *mut c_void;

/// A game of two tasks on one thread: prepared, run (timed), checked and destroyed.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Game {
    pub prepare: extern "C" fn(rounds: u64) -> Object,
    pub run: extern "C" fn(game: Object),
    /// Whether both players came to their ends, and every permit is back.
    pub finish: extern "C" fn(game: Object) -> bool,
}

/// What a task of a crowd does with its permit when it is woken.
#[repr(u32)]
#[derive(Clone, Copy, PartialEq)]
#[allow(dead_code)] // the program makes them
pub enum Ending {
    Holds,
    Forgets,
    Releases,
}

/// Tasks of one thread that wait for a permit each: `groups` semaphores with `n` waiters each.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Crowd {
    pub frame_bytes: usize,
    pub bare_frame_bytes: usize,
    pub make: extern "C" fn(n: usize, groups: usize, on_heap: bool, ending: Ending) -> Object,
    pub enqueue: extern "C" fn(crowd: Object),
    pub woken: extern "C" fn(crowd: Object) -> u64,
    pub wake_at_once: extern "C" fn(crowd: Object),
    pub wake_one_by_one: extern "C" fn(crowd: Object),
    pub wake_one: extern "C" fn(crowd: Object),
    pub ended: extern "C" fn(crowd: Object, place: usize) -> bool,
    pub arrange: extern "C" fn(crowd: Object, places: *const u64, count: usize),
    pub leave: extern "C" fn(crowd: Object),
    /// Ends the tasks that are left, and returns how many permits are free then, in all groups.
    pub end: extern "C" fn(crowd: Object) -> u64,
    pub destroy: extern "C" fn(crowd: Object),
}

/// What a thread of `contended` shares with the others.
#[repr(C)]
pub struct Contention {
    pub stop: *const AtomicBool,
    pub acquired: *const AtomicU64,
    pub inside: *mut u64,
}

/// A run of `tasks` tasks on the worker threads of an executor.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct TaskLoad {
    pub tasks: u64,
    pub rounds: u64,
    pub permits: u64,
    pub yields_inside: bool,
    /// Of the tables of work: the r-th round of task t takes the number (t + r) % lengths.
    pub lengths: u64,
    pub inside: *const u32,
    pub outside: *const u32,
    pub work: extern "C" fn(steps: u64),
}
// The tables are constant while the tasks run.
unsafe impl Send for TaskLoad {}
unsafe impl Sync for TaskLoad {}

/// Tasks on the worker threads of the peer's own executor.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Pool {
    pub make: extern "C" fn(workers: usize) -> Object,
    pub destroy: extern "C" fn(pool: Object),
    /// Starts the tasks, which all come to wait: no permit is free yet.
    pub prepare: extern "C" fn(pool: Object, load: TaskLoad) -> Object,
    /// Timed: releases the permits and waits for the last task.
    pub run: extern "C" fn(load: Object),
    /// Whether every task went its rounds and every permit is back; destroys.
    pub finish: extern "C" fn(load: Object) -> bool,
}

/// Tasks that wait, of which one thread makes every second one leave while another one releases.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Race {
    pub make: extern "C" fn(n: usize) -> Object,
    pub leave: extern "C" fn(race: Object),
    pub release: extern "C" fn(race: Object),
    /// Releases the rest, and returns whether each wait ended once and every permit is back; destroys.
    pub finish: extern "C" fn(race: Object) -> bool,
}

/// What jobs tell the loop that begins them.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct JobEvents {
    pub program_loop: Object,
    pub held: extern "C" fn(program_loop: Object, job: usize),
    pub ended: extern "C" fn(program_loop: Object, job: usize),
}

/// Jobs of one thread that take several permits at once, hold them for a time and give them back.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Jobs {
    pub make: extern "C" fn(permits: usize, most: usize) -> Object,
    pub begin: extern "C" fn(jobs: Object, events: *const JobEvents, size: u32),
    pub go_on: extern "C" fn(jobs: Object, job: usize),
    /// Whether each job ended and every permit is back; destroys.
    pub finish: extern "C" fn(jobs: Object) -> bool,
}

/// A queue of pointers, as bench/peers/queue_peer.hpp declares it.
#[repr(C)]
pub struct Queue {
    pub name: *const c_char,
    pub package: *const c_char,
    pub make: extern "C" fn() -> Object,
    pub destroy: extern "C" fn(queue: Object),
    pub push: extern "C" fn(queue: Object, item: Object),
    pub pop: extern "C" fn(queue: Object) -> Object,
    pub push_pop: extern "C" fn(queue: Object, mine: Object, n: u64) -> Object,
}

/// Something beside a semaphore, as bench/peers/primitive_peer.hpp declares it.
#[repr(C)]
pub struct Primitive {
    pub row: *const c_char,
    pub name: *const c_char,
    pub package: *const c_char,
    pub game: Option<&'static Game>,
    pub make: Option<extern "C" fn() -> Object>,
    pub open: Option<extern "C" fn(object: Object)>,
    pub contend: Option<extern "C" fn(object: Object, c: *const Contention)>,
    pub destroy: Option<extern "C" fn(object: Object) -> bool>,
}

impl Primitive {
    /// One that expresses nothing yet. Each text ends with a NUL.
    pub fn nothing(row: &'static str, name: &'static str, package: &'static str) -> Primitive {
        Primitive {
            row: row.as_ptr() as *const c_char,
            name: name.as_ptr() as *const c_char,
            package: package.as_ptr() as *const c_char,
            game: None,
            make: None,
            open: None,
            contend: None,
            destroy: None,
        }
    }
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Peer {
    pub name: *const c_char,
    pub package: *const c_char,
    pub withdrawal: *const c_char,
    pub make: Option<extern "C" fn(permits: usize) -> Object>,
    pub destroy: Option<extern "C" fn(s: Object)>,
    pub free_permits: Option<extern "C" fn(s: Object) -> usize>,
    pub release: Option<extern "C" fn(s: Object, n: usize)>,
    pub acquire: Option<extern "C" fn(s: Object)>,
    pub try_acquire: Option<extern "C" fn(s: Object) -> bool>,
    pub await_loop: Option<extern "C" fn(s: Object, n: u64)>,
    pub blocking_loop: Option<extern "C" fn(s: Object, n: u64)>,
    pub try_loop: Option<extern "C" fn(s: Object, n: u64) -> u64>,
    pub wake_and_wait: Option<extern "C" fn(there: Object, back: Object, n: u64)>,
    pub wait_and_wake: Option<extern "C" fn(there: Object, back: Object, n: u64)>,
    pub contend: Option<extern "C" fn(s: Object, c: *const Contention)>,
    pub one_semaphore: Option<&'static Game>,
    pub two_semaphores: Option<&'static Game>,
    pub crowd: Option<&'static Crowd>,
    pub pool: Option<&'static Pool>,
    pub race: Option<&'static Race>,
    pub jobs: Option<&'static Jobs>,
}

impl Peer {
    /// A peer that expresses nothing yet. Each text ends with a NUL.
    pub const fn nothing(name: &'static str, package: &'static str, withdrawal: &'static str) -> Peer {
        Peer {
            name: name.as_ptr() as *const c_char,
            package: package.as_ptr() as *const c_char,
            withdrawal: withdrawal.as_ptr() as *const c_char,
            make: None,
            destroy: None,
            free_permits: None,
            release: None,
            acquire: None,
            try_acquire: None,
            await_loop: None,
            blocking_loop: None,
            try_loop: None,
            wake_and_wait: None,
            wait_and_wake: None,
            contend: None,
            one_semaphore: None,
            two_semaphores: None,
            crowd: None,
            pool: None,
            race: None,
            jobs: None,
        }
    }
}
