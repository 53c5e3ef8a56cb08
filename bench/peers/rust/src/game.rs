//! Two tasks on one thread hand a permit to and fro.
use crate::abi::{Game, Object};
use crate::executor::{Ready, Task};
use crate::semaphore::{conjure, Semaphore};
use std::cell::Cell;
use std::future::Future;
use std::mem::forget;

/// Counts how often the permit changed hands.
pub struct Turns {
    last: Cell<u32>,
    changes: Cell<u64>,
}

impl Turns {
    pub fn new() -> Self {
        Turns { last: Cell::new(2), changes: Cell::new(0) }
    }
    pub fn visit(&self, me: u32) {
        self.changes.set(self.changes.get() + (self.last.replace(me) != me) as u64);
    }
    pub fn changes(&self) -> u64 {
        self.changes.get()
    }
}

/// What both players meet at. It outlives them.
struct Table<S> {
    there: S,
    back: S,
    turns: Turns,
}

impl<S: Semaphore> Table<S> {
    fn set() -> *mut Self {
        Box::into_raw(Box::new(Table { there: S::with(0), back: S::with(0), turns: Turns::new() }))
    }
}

struct Match<S, F> {
    table: *mut Table<S>,
    ready: Box<Ready<F>>,
    players: [*mut Task<F>; 2],
    /// Releases the first permit, or starts the player that does.
    serve: fn(&Self),
    changes: u64,
    permits: usize,
}

async fn player<S, F, A>(table: *const Table<S>, acquire: A, me: u32, rounds: u64)
where
    S: Semaphore,
    F: Future,
    A: Fn(&'static S) -> F,
{
    let table: &'static Table<S> = unsafe { &*table };
    for _ in 0..rounds {
        let permit = acquire(&table.there).await;
        table.turns.visit(me);
        drop(permit);
    }
}

/// The first player releases `there` and waits at `back`, the second one the other way round.
async fn relay<S, F, A>(table: *const Table<S>, acquire: A, me: u32, rounds: u64)
where
    S: Semaphore,
    F: Future,
    A: Fn(&'static S) -> F,
{
    let table: &'static Table<S> = unsafe { &*table };
    for _ in 0..rounds {
        if me == 0 {
            table.there.add(1);
            forget(acquire(&table.back).await);
        } else {
            forget(acquire(&table.there).await);
            table.back.add(1);
        }
        table.turns.visit(me);
    }
}

fn match_of<S: Semaphore, F: Future<Output = ()>>(
    table: *mut Table<S>,
    make: impl Fn(u32) -> F,
    serve: fn(&Match<S, F>),
    (changes, permits): (u64, usize),
) -> Box<Match<S, F>> {
    let ready = Ready::new(4);
    let task = |me| Box::into_raw(Box::new(Task::new(&ready, make(me))));
    let players = [task(0), task(1)];
    Box::new(Match { table, ready, players, serve, changes, permits })
}

extern "C" fn prepare_one<S, F, A>(rounds: u64) -> Object
where
    S: Semaphore,
    F: Future + 'static,
    A: Fn(&'static S) -> F + Copy + 'static,
{
    let table = Table::<S>::set();
    let serve = |m: &Match<S, _>| unsafe { (*m.table).there.add(1) };
    let new = match_of(table, |me| player(table, conjure::<A>(), me, rounds), serve, (2 * rounds, 1));
    for p in new.players {
        unsafe { Task::poll(p) };
    }
    Box::into_raw(new) as Object
}

extern "C" fn prepare_two<S, F, A>(rounds: u64) -> Object
where
    S: Semaphore,
    F: Future + 'static,
    A: Fn(&'static S) -> F + Copy + 'static,
{
    let table = Table::<S>::set();
    let serve = |m: &Match<S, _>| unsafe { Task::poll(m.players[0]) };
    let new = match_of(table, |me| relay(table, conjure::<A>(), me, rounds), serve, (2 * rounds, 0));
    unsafe { Task::poll(new.players[1]) };
    Box::into_raw(new) as Object
}

extern "C" fn run<S: Semaphore, F: Future<Output = ()>>(game: Object) {
    let game = unsafe { &*(game as *const Match<S, F>) };
    (game.serve)(game);
    game.ready.run();
}

extern "C" fn finish<S: Semaphore, F: Future<Output = ()>>(game: Object) -> bool {
    let game = unsafe { Box::from_raw(game as *mut Match<S, F>) };
    let ended = game.players.iter().all(|&p| unsafe { (*p).done() });
    for p in game.players {
        drop(unsafe { Box::from_raw(p) });
    }
    let table = unsafe { Box::from_raw(game.table) };
    ended && table.turns.changes() == game.changes && table.there.free() + table.back.free() == game.permits
}

/// The table of a game whose players are futures of the type that `_player` makes.
fn game<S: Semaphore, F, M>(_player: M, prepare: extern "C" fn(u64) -> Object) -> &'static Game
where
    F: Future<Output = ()>,
    M: Fn(*const Table<S>) -> F,
{
    Box::leak(Box::new(Game { prepare, run: run::<S, F>, finish: finish::<S, F> }))
}

/// One semaphore with one permit, which both want: for a semaphore that hands permits over in order.
pub fn one_semaphore<S, F, A>() -> &'static Game
where
    S: Semaphore,
    F: Future + 'static,
    A: Fn(&'static S) -> F + Copy + 'static,
{
    game(|t: *const Table<S>| player(t, conjure::<A>(), 0, 0), prepare_one::<S, F, A>)
}

/// Two semaphores, by which the players wake each other.
pub fn two_semaphores<S, F, A>() -> &'static Game
where
    S: Semaphore,
    F: Future + 'static,
    A: Fn(&'static S) -> F + Copy + 'static,
{
    game(|t: *const Table<S>| relay(t, conjure::<A>(), 0, 0), prepare_two::<S, F, A>)
}
