//! tokio::sync::Semaphore under tokio's own executor of one thread: what its users pay on one thread.
use crate::abi::{Game, Object, Peer};
use crate::game::Turns;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

/// A future of one thread, for an executor that asks for more than it uses: a current-thread runtime runs its tasks on
/// the thread that drives it.
struct OfOneThread<F>(F);
unsafe impl<F> Send for OfOneThread<F> {}
impl<F: Future> Future for OfOneThread<F> {
    type Output = F::Output;
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        unsafe { self.map_unchecked_mut(|me| &mut me.0) }.poll(context)
    }
}

struct Meeting {
    there: Semaphore,
    back: Semaphore,
    turns: Turns,
}

struct Match {
    runtime: Runtime,
    meeting: Rc<Meeting>,
    players: Vec<JoinHandle<()>>,
    rounds: u64,
    permits: usize,
}

async fn player(meeting: Rc<Meeting>, me: u32, rounds: u64) {
    for _ in 0..rounds {
        let permit = meeting.there.acquire().await.unwrap();
        meeting.turns.visit(me);
        drop(permit);
    }
}

async fn relay(meeting: Rc<Meeting>, me: u32, rounds: u64) {
    for _ in 0..rounds {
        if me == 0 {
            meeting.there.add_permits(1);
        }
        let mine = if me == 0 { &meeting.back } else { &meeting.there };
        mine.acquire().await.unwrap().forget();
        meeting.turns.visit(me);
        if me == 1 {
            meeting.back.add_permits(1);
        }
    }
}

fn set(rounds: u64, permits: usize) -> Match {
    let meeting = Meeting { there: Semaphore::new(0), back: Semaphore::new(0), turns: Turns::new() };
    let runtime = Builder::new_current_thread().build().unwrap();
    Match { runtime, meeting: Rc::new(meeting), players: Vec::new(), rounds, permits }
}

/// Lets tasks run that were started, until they wait.
fn settle(game: &Match) {
    game.runtime.block_on(async {
        for _ in 0..4 {
            tokio::task::yield_now().await;
        }
    });
}

extern "C" fn prepare_one(rounds: u64) -> Object {
    let mut game = set(rounds, 1);
    for me in 0..2 {
        let task = OfOneThread(player(game.meeting.clone(), me, rounds));
        game.players.push(game.runtime.spawn(task));
    }
    settle(&game);
    Box::into_raw(Box::new(game)) as Object
}

extern "C" fn run_one(game: Object) {
    let game = unsafe { &mut *(game as *mut Match) };
    game.meeting.there.add_permits(1);
    join(game);
}

extern "C" fn prepare_two(rounds: u64) -> Object {
    let mut game = set(rounds, 0);
    let task = OfOneThread(relay(game.meeting.clone(), 1, rounds));
    game.players.push(game.runtime.spawn(task));
    settle(&game);
    Box::into_raw(Box::new(game)) as Object
}

extern "C" fn run_two(game: Object) {
    let game = unsafe { &mut *(game as *mut Match) };
    let task = OfOneThread(relay(game.meeting.clone(), 0, game.rounds));
    game.players.push(game.runtime.spawn(task));
    join(game);
}

fn join(game: &mut Match) {
    let players = std::mem::take(&mut game.players);
    game.runtime.block_on(async {
        for player in players {
            player.await.unwrap();
        }
    });
}

extern "C" fn finish(game: Object) -> bool {
    let game = unsafe { Box::from_raw(game as *mut Match) };
    let free = game.meeting.there.available_permits() + game.meeting.back.available_permits();
    game.meeting.turns.changes() == 2 * game.rounds && free == game.permits
}

pub fn peer() -> Peer {
    Peer {
        one_semaphore: Some(&Game { prepare: prepare_one, run: run_one, finish }),
        two_semaphores: Some(&Game { prepare: prepare_two, run: run_two, finish }),
        ..Peer::nothing("tokio current-thread runtime\0", "tokio\0", "drop\0")
    }
}
