// surewake/bench/report/descriptions.hpp: what each workload asks and how to read its figure, for `list` and the
// report.
#pragma once

#include <array>
#include <string_view>

namespace surewake::bench {

struct description {
  std::string_view workload;
  std::string_view title;
  std::string_view question;  // what one operation is
  std::string_view reading;   // how to read the figure; what limits it
};

inline constexpr std::array descriptions{
    description{"uncontended", "Uncontended acquire + release",
                "One thread takes a permit that is free and gives it back: one operation. In `await` inside a "
                "coroutine that never suspends, in `blocking` and `try` in a plain loop. A peer that has tasks runs in "
                "one under `await`; the others, which are for threads, run in a plain loop.",
                "The floor is the same two locked instructions and two branches written by hand. A coroutine keeps "
                "its variables in its frame, and a locked instruction waits until the stores before it have left the "
                "core: compare `RMW pair, stores between` with `locked RMW pair`, and `hand-written, coroutine` with "
                "`hand-written`. `last permit` has a single permit, and std::counting_semaphore of libstdc++ 12 then "
                "makes a system call at every release."},
    description{"ping_pong_inline", "Hand-off on one thread, by symmetric transfer",
                "Two coroutines share one permit. Each hand-off is a release that finds the other waiting, and an "
                "acquire that has to suspend; the waiter runs as soon as the releaser suspends.",
                "Below are a bare symmetric transfer, and the least code that hands over by a count and a spin-locked "
                "list (4 locked instructions = 2 units, before any store has drained)."},
    description{"ping_pong_executor", "Hand-off on one thread, through an executor",
                "The same two coroutines, resumed by a single-threaded executor's queue. Barging has no place here: "
                "by the time the executor runs the waiter, the releaser has taken the permit again; nor has a peer "
                "that lets the releaser overtake. `two semaphores`: each player adds a permit to the other's "
                "semaphore, and forgets the one that it gets at its own, so that all can be compared.",
                "The distance to the previous figure is the price of the executor's queue."},
    description{"ping_pong_threads", "Round trip between two threads",
                "Two threads wake each other in turn with two semaphores and blocking acquires; one operation is a "
                "round trip of two wake-ups. Each thread is bound to a core of its own where there are two.",
                "`sleeps at once` costs what the kernel's futex costs. `spins` shows the hand-over itself. `as it "
                "comes` (surewake spins 2 µs, then sleeps) has two stable states: once one side sleeps, waking it "
                "takes longer than the other side spins, and both sleep from then on."},
    description{"storm", "Wake-up storm",
                "n coroutines wait. Timed is the release of n permits, and with it the resumption of every waiter, "
                "per waiter. `at once`: one permit of n is released; `one by one`: n releases of one; `add and "
                "forget`: n times one permit is added, and forgotten by its waiter.",
                "Flat is good: the cost of a waiter does not grow with n. The last points leave the caches. `resume "
                "only` resumes n coroutines with no semaphore."},
    description{"enqueue", "Registration",
                "n coroutines run into acquire one after the other and suspend; per waiter.",
                "One locked instruction on the semaphore's word, one registration in the queue, one suspension."},
    description{"withdraw", "Withdrawal",
                "n coroutines wait and give up in the order in which they came (fifo), in reverse (lifo), or at "
                "random: each is destroyed where it is suspended. Frames come from an arena, so no allocator is "
                "timed.",
                "A queue that looks for the waiter pays for those before it: it is measured up to n = 10,000 only."},
    description{"withdraw_freed", "Withdrawal, frame freed",
                "The same with frames from the heap: what is timed gives them back too.",
                "The distance to the previous figure is the allocator's."},
    description{"withdraw_stop", "Withdrawal by stop token",
                "The same, by request_stop() of a std::stop_source of each waiter, which resumes it with an empty "
                "result.",
                "Most of it is std::stop_source: the floor is request_stop() with a callback that only counts."},
    description{"hazard_pointer", "Hazard pointers, one thread",
                "`protect`: one of two objects is protected, read and let go. `retire`: an object is made and retired, "
                "with its share of the scans that destroy.",
                "A full fence in each protection costs about a unit; with membarrier the scan pays it instead."},
    description{"contended", "More threads than permits",
                "Threads take and release permits in blocking acquires as fast as they can, for 40 ms; the window "
                "opens with all of them waiting. Recorded are acquisitions per second of all threads together and "
                "Jain's fairness index.",
                "Right is more throughput, and 1.0 is perfectly fair. hand_off gives every thread its turn and pays a "
                "sleep and a wake-up for nearly each; barging lets who runs go on. With more threads than cores the "
                "scheduler is measured too."},
    description{"primitives", "Beside a semaphore",
                "`mutex` and `read`: one lock and unlock on one thread, of a mutex, or of a reader's side of one that "
                "readers share; with `2 threads` and `8 threads` in windows of 40 ms, as in `contended`. `notify_all` "
                "and `event`: one of 1,000 coroutines that wait, from the call that ends all waits, with the mutex "
                "held, to the last of them. `channel`: one value from a coroutine to another, with room for 16.",
                "In contention, look at Jain's index beside the time: a lock that lets the thread that runs go on is "
                "fast, and keeps the others out. Peers with tasks run them on the least executor there can be."},
    description{"scale", "One thread, two, … all processors",
                "The same on 1 to all processors: with `1 permit`, which only one thread has at a time, and with "
                "`permits to spare`, meeting only at the semaphore's word. `surewake-bench scale` measures it.",
                "The table of the text fits the universal scalability law: contention σ is the share that only one "
                "thread at a time can do, coherence κ what each pays for each other one."},
    description{"oversubscription", "Many more tasks than threads",
                "What does a permit cost when M tasks share a pool of a few threads? One operation is one acquire that "
                "waits, and one release; there are as many permits as threads. `yields`: the holder goes to the end of "
                "the pool's queue before it releases.",
                "The floor is a hop through the pool's queue instead of each wait. Flat in M is good. With several "
                "threads the pool's queue is shared: a pool whose threads wait for each other shows here, whatever "
                "the semaphore does."},
    description{"pipeline", "A limit beside work",
                "What does a limit cost beside the work that it limits? One operation is a task's round on a pool of "
                "two threads: acquire, work inside, release, work outside, in steps of about a nanosecond, of "
                "geometric lengths.",
                "The floor does the same work with no limit, and a hop instead of each wait. With one permit the work "
                "inside is done by one thread at a time, so that the floor is out of reach; the distance between "
                "strategies is what counts."},
    description{"paced", "One waiter, releases at their own pace",
                "How long after a release does its waiter run? One thread releases at random distances, another one "
                "waits; the time is from just before the release to the waiter's next step. `coroutine`: it resumes on "
                "a pool of one thread.",
                "Up to 4 µs apart the waiter is often found spinning; up to 100 µs apart it sleeps, and what the "
                "kernel needs to wake it is nearly all there is. The floor is a futex and a count."},
    description{"burst", "Bursts of jobs of mixed sizes, in an open loop",
                "How long do jobs take from when they are due, as the load comes near what there is? Jobs of 1, 2, 4 "
                "or 8 permits of 64 come in bursts at the times of a Poisson process, hold them for 80 µs on average "
                "and go. The time of an operation is what the thread worked for a job.",
                "Response counts from when a job was due, service from its acquire: where something stalls, only the "
                "response shows the jobs that waited for it. A large request that waits at the head of the line keeps "
                "small ones waiting under hand_off. Under barging they pass it, but each release wakes everybody who "
                "waits: a backlog, once it is there, makes every job cost a step for each waiter."},
    description{"fairness", "Unequal parties",
                "Which thread gets the one permit when some ask sooner again than others? Threads think for different "
                "times between their operations, the first not at all, for 5 ms. Recorded are shares, Jain's index, "
                "and which request overtook which.",
                "hand_off: each request waits for those made before it, and hardly any is overtaken. barging: the "
                "thread that does not think takes the permit again and again; its throughput is what the others "
                "miss."},
    description{"withdraw_race", "Giving up while releases arrive",
                "What does giving up cost while releases arrive? n coroutines wait; one thread asks every second of "
                "them to stop, and another one releases n/2 permits one by one. One operation is one stop or one "
                "release. `deadlines`: one in ten has a deadline of the first millisecond instead of a stop.",
                "Most of a stop is std::stop_source. What is to be seen is that a stop that meets a grant costs no "
                "more than either, and that no permit is lost."},
    description{"wake_chain", "A chain of wakes",
                "How much stack does a chain of wakes take? n coroutines wait for one permit, and each gives it back "
                "when it has run. One operation is one wake.",
                "Bounded is good: where a release resumes the next waiter inside itself, a chain of 1,000,000 needs "
                "some hundred megabytes of stack and ends the program."},
    description{"stalled_reader", "Unreclaimed memory while a reader stands still",
                "How much memory waits to be reclaimed while one reader stands still? One operation replaces an object "
                "and retires the old one; meanwhile another thread protects the first of them to the end.",
                "Hazard pointers keep the one object that is protected, and what the next scan finds: a bound that "
                "does not grow with n. A scheme of epochs keeps all n, as the floor does, which reclaims nothing."},
    description{"swimlane", "One small run",
                "Who holds, who waits, and who overtakes? Four threads share two permits, ten acquires each; the last "
                "one gives up its first wait after 300 µs, where its semaphore has a wait with a limit.",
                "Under hand_off a permit goes to the thread that has waited longest, and is idle until that one runs. "
                "Under barging a thread that comes by may take it first."},
    description{"memory", "Memory of a waiter",
                "1,000,000 coroutines wait. Bytes of the coroutine frame, the part of it that acquire takes (awaiter "
                "with its node), and heap beyond the frame, per waiter.",
                "The remainder of the frame is what the same coroutine needs that waits for nothing."},
    description{"queue_alone", "A strategy's queue alone",
                "Push and pop: a waiter is registered and one is granted, with no semaphore around the queue. `empty`: "
                "nobody else waits; `64 waiting`: that many are.",
                "What the queue itself adds to a wait. `std::mutex + std::deque` is what everybody has at hand: where "
                "it is below a lock-free queue, the lock-free queue buys progress, not speed."},
    description{"list_decision", "Why a short lock, and not a lock-free list",
                "One operation is a push and a pop of a node, or one withdrawal. The contestants are lists of nodes "
                "only: under a spin lock, under std::mutex, and with a lock-free push in two ways (pop and withdrawal "
                "need a lock in any).",
                "A lock-free push saves its lock but costs the consumer: one more locked instruction to take over "
                "what came."},
    description{"ring", "What the event loop costs",
                "One request to the kernel and its completion, alone or as one of 64 that are submitted together; or a "
                "post to another thread's sleeping loop and the answer.",
                "A system call is shared by what is submitted together. A read of what is in the page cache costs more "
                "by the ring than by pread: the ring pays where requests come together or would block."},
    description{"tree", "Digests of a directory tree, N files in flight",
                "One file is opened, checked, read, digested (SHA-256) and closed, all through one ring; the semaphore "
                "holds N permits, and as many workers again wait for one. The tree is $SUREWAKE_BENCH_TREE, by default "
                "/usr/include/linux, in the page cache.",
                "What a strategy costs beside real work. `system calls` is the same by open, fstat, read and close on "
                "one thread: with everything in the page cache there is no waiting for the ring to overlap."},
    description{"uring", "Waiting in a ring: the kernel's futex operations",
                "`own ring`: one grant to a coroutine of the same loop. `across rings`: a permit goes to another "
                "thread's loop, and one comes back. `withdraw`: n coroutines of a loop are destroyed, the oldest "
                "first; one operation is one that leaves, up to the kernel's answer.",
                "The floor is a bare ring's futex wait and the wake that ends it. Per ring, a grant on the own ring "
                "and a withdrawal never reach the kernel. Per waiter each wait is the kernel's, and it looks for one "
                "that is cancelled from the newest on: the oldest first is the worst case, linear in n."}};

[[nodiscard]] constexpr description describe(std::string_view workload) {
  for (description const& d : descriptions) {
    if (d.workload == workload) return d;
  }
  return {workload, workload, "", ""};
}

}  // namespace surewake::bench
