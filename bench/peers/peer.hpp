// surewake/bench/peers/peer.hpp: what a semaphore of another project can do, as a table of functions.
//
// A loop runs a whole timed part inside the peer's own code, so that no call of a function pointer, and no step from
// one language to another, is in any operation. A null member: the peer cannot express it, and is absent from the
// scenario that asks for it. rust/src/abi.rs declares the same for Rust, field by field.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace surewake::bench {

/// A game of two tasks on one thread, of 2 * rounds hand-offs.
struct peer_game {
  void* (*prepare)(std::uint64_t rounds);
  void (*run)(void* game);     // timed
  bool (*finish)(void* game);  // whether both came to their ends and every permit is back; destroys
};

/// What a task of a crowd does with its permit when it is woken: it keeps it until the end, forgets it, or gives it
/// back at once, and so wakes the next.
enum class crowd_ending : std::uint32_t { holds, forgets, releases };

/// Tasks of one thread that wait for a permit each: `groups` semaphores with `n` waiters each.
struct peer_crowd {
  std::size_t frame_bytes;       // of a task
  std::size_t bare_frame_bytes;  // of a task that waits for nothing
  /// Makes the tasks, suspended before their acquire. `on_heap`: each in memory of its own; otherwise side by side.
  void* (*make)(std::size_t n, std::size_t groups, bool on_heap, crowd_ending ending);
  void (*enqueue)(void* crowd);
  std::uint64_t (*woken)(void* crowd);
  void (*wake_at_once)(void* crowd);     // n permits a group, by one call where the peer has one
  void (*wake_one_by_one)(void* crowd);  // n permits a group, each followed by the waiter's run
  void (*wake_one)(void* crowd);         // one permit, to the first group
  bool (*ended)(void* crowd, std::size_t place);  // whether that task came to its end; `place`: from 0, as they came
  void (*arrange)(void* crowd, std::uint64_t const* places, std::size_t count);  // the tasks that leave, in order
  void (*leave)(void* crowd);
  /// Ends the tasks that are left. Returns how many permits are free then, in all groups.
  std::uint64_t (*end)(void* crowd);
  void (*destroy)(void* crowd);
};

/// What a thread of `contended` shares with the others. `inside` is null where several may be inside.
struct contention {
  std::atomic<bool> const* stop;
  std::atomic<std::uint64_t>* acquired;
  std::uint64_t* inside;
};
static_assert(sizeof(std::atomic<bool>) == 1 && sizeof(std::atomic<std::uint64_t>) == 8, "as Rust's");

/// A load of tasks, each of which acquires, works, yields where told to, releases and works again, `rounds` times.
struct task_load {
  std::uint64_t tasks;
  std::uint64_t rounds;
  std::uint64_t permits;
  bool yields_inside;
  std::uint64_t lengths;  // of the tables of work: the r-th round of task t takes the number (t + r) % lengths
  std::uint32_t const* inside;
  std::uint32_t const* outside;
  void (*work)(std::uint64_t steps);
};

/// Tasks on the worker threads of the peer's own executor.
struct peer_pool {
  void* (*make)(std::size_t workers);
  void (*destroy)(void* pool);
  void* (*prepare)(void* pool, task_load load);  // starts the tasks, which all come to wait: no permit is free yet
  void (*run)(void* running);                    // timed: releases the permits, waits for the last task
  bool (*finish)(void* running);                 // whether every round was gone and every permit is back; destroys
};

/// Tasks that wait for a permit each, of which two threads end the waits at once: one makes every second task leave,
/// the other releases permits for half of them.
struct peer_race {
  void* (*make)(std::size_t n);  // they wait, and no permit is free
  void (*leave)(void* race);     // timed, one after the other, from the second on
  void (*release)(void* race);   // timed, n / 2 permits, one by one
  /// Releases the rest, lets run what was woken, and destroys. Returns whether each wait ended once, and every permit
  /// is back.
  bool (*finish)(void* race);
};

/// What jobs tell the loop that begins them (measure/open_loop.hpp).
struct job_events {
  void* loop;
  void (*held)(void* loop, std::size_t job);   // it has its permits: the loop calls go_on() when their time is over
  void (*ended)(void* loop, std::size_t job);
};

/// Jobs of one thread that take several permits at once, hold them for a time and give them back.
struct peer_jobs {
  void* (*make)(std::size_t permits, std::size_t most);
  void (*begin)(void* jobs, job_events const* events, std::uint32_t size);  // the next job, counted from 0
  void (*go_on)(void* jobs, std::size_t job);  // gives its permits back, and lets run what that wakes
  bool (*finish)(void* jobs);  // whether each job ended and every permit is back; destroys
};

struct peer {
  char const* name;
  char const* package;     // whose version is recorded
  char const* withdrawal;  // the ways in which a waiter can leave

  void* (*make)(std::size_t permits);
  void (*destroy)(void* semaphore);
  std::size_t (*free_permits)(void* semaphore);
  void (*release)(void* semaphore, std::size_t n);
  void (*acquire)(void* semaphore);  // of a plain thread, which blocks
  bool (*try_acquire)(void* semaphore);

  // n times acquire + release, on one thread: in a task, in a plain loop, by try (which returns how many it got).
  void (*await_loop)(void* semaphore, std::uint64_t n);
  void (*blocking_loop)(void* semaphore, std::uint64_t n);
  std::uint64_t (*try_loop)(void* semaphore, std::uint64_t n);

  // n round trips of two threads, one side each: release there and acquire back, or the other way round.
  void (*wake_and_wait)(void* there, void* back, std::uint64_t n);
  void (*wait_and_wake)(void* there, void* back, std::uint64_t n);
  void (*contend)(void* semaphore, contention const* shared);  // until told to stop

  peer_game const* one_semaphore;   // one permit, which both players want
  peer_game const* two_semaphores;  // each wakes the other by a semaphore
  peer_crowd const* crowd;
  peer_pool const* pool;
  peer_race const* race;
  peer_jobs const* jobs;
};

/// A semaphore of a peer.
class peer_semaphore {
 public:
  peer_semaphore(peer const& p, std::size_t permits) : peer_(p), semaphore_(p.make(permits)) {}
  peer_semaphore(peer_semaphore const&) = delete;
  peer_semaphore& operator=(peer_semaphore const&) = delete;
  ~peer_semaphore() { peer_.destroy(semaphore_); }

  [[nodiscard]] void* get() const noexcept { return semaphore_; }
  [[nodiscard]] std::size_t free_permits() const { return peer_.free_permits(semaphore_); }
  void release(std::size_t n) const { peer_.release(semaphore_, n); }

 private:
  peer const& peer_;
  void* semaphore_;
};

/// A crowd of a peer.
class waiting_crowd {
 public:
  waiting_crowd(peer_crowd const& c, std::size_t n, std::size_t groups, bool on_heap, crowd_ending ending)
      : crowd(c), object(c.make(n, groups, on_heap, ending)) {}
  waiting_crowd(waiting_crowd const&) = delete;
  waiting_crowd& operator=(waiting_crowd const&) = delete;
  ~waiting_crowd() { crowd.destroy(object); }

  peer_crowd const& crowd;
  void* const object;
};

}  // namespace surewake::bench
