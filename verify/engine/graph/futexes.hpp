// surewake/verify/engine/graph/futexes.hpp: sleeping and waking by address, as a kernel does it.
//
//   awake   --look: the word is as expected-->  asleep     under the lock of the address, as all of these
//   asleep  --wake-->                           awake      which of several: each of them, in executions of their own
//   asleep  --the deadline passes, or without a reason-->  awake
//
// Terms  An address has a bucket: a lock, which is a location, and the threads that sleep there. Only the address is
//        used, because the word may be gone when its waker comes.
//
//   I1  The lock is taken and given back by RMWs, so the modification order of its location is the order of the
//       sections. A run follows it, so the list of sleepers is data of the run, and yet a function of the graph. An
//       execution exists for each order of a look and a wake. That shows a wake that is missing, or comes before the
//       store.
//   I2  The kernel's lock orders nothing for the threads of a model: they rely on the orders of their own accesses.
//       Hence the RMWs acquire nothing. Only the look at the word sees whatever came before in the order of the
//       sections (request::is_current), so that a store before a wake is not missed by a look after it. (An acquire
//       fence that follows would receive the order as well; the models' code has none there.)
//   I3  A sleeper awaits the number of its sleep in a location of its own, which its waker exchanges. Both are relaxed.
//       A waker that stored the number could be placed before an earlier waker, because nothing orders the two, and the
//       sleeper would never see it.
//   I4  Whether a deadline passes is a choice. If it does not and no wake comes, the execution is dropped: in another
//       one the deadline passes, so this is no deadlock. If it does and a wake came first, the execution is dropped,
//       too, because it is the one in which the deadline does not pass. A wake without a reason is a rare choice.
#pragma once

#include <surewake/verify/engine/graph/event.hpp>

#include <array>
#include <chrono>
#include <source_location>
#include <vector>

namespace surewake::verify::graph {

class runtime;

class futexes {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit futexes(runtime& r) noexcept : runtime_(r) {}
  /// Makes everybody awake, for the next run.
  void clear() noexcept;
  /// Sleeps while `look`, a load of the word at `address`, gives what is expected there. Returns false where the
  /// deadline, if there is one, has passed.
  [[nodiscard]] bool wait(void const* address, request look, value expected, time_point const* deadline,
                          std::source_location at);
  void wake(void const* address, int n, std::source_location at);
  /// Returns the time of the running thread: the latest deadline that it has seen pass.
  [[nodiscard]] time_point now() const noexcept;

 private:
  enum class ended : std::uint8_t { awake, woken, passed };
  struct bucket {
    void const* address;
    std::vector<unsigned> asleep;
  };

  void lock(void const* address);
  void unlock(void const* address);
  [[nodiscard]] std::vector<unsigned>& asleep(void const* address);
  void leave(void const* address);
  [[nodiscard]] location_id woken(unsigned thread);

  runtime& runtime_;
  std::vector<bucket> buckets_{};
  std::array<unsigned, max_threads + 1> sleeps_{};    // of each thread in this run
  std::array<time_point, max_threads + 1> times_{};
};

}  // namespace surewake::verify::graph
