// surewake/verify/engine/graph/runtime.hpp: runs a model on fibers along the graphs of an exploration.
//
// Each run constructs the model, lets its threads go on at their turns (explorer.hpp), and where all of them finish
// calls after() and destroys the model. The platform (graph_platform.hpp) turns each operation of a thread into a
// request. These things are no events:
//
//   Constructor, after(), destructor   run alone, on a fiber of their own. A location begins with what the constructor
//                                      left in it, and after() sees its co-last value.
//   Plain data                         is memory of the run (I1).
//   Beginning and end of a lifetime    are checked as accesses to plain data are.
//
// Terms  A position (t, n) is the place in thread t after its first n events and before the next one. What is done at
//        (t, n) happens before what another thread does that knows event n of t, because an order between threads
//        always begins at an event.
//
//   I1  Each access to plain data is compared with the last write and the last reads of its object: they must happen
//       before it. A run follows po and rf, so the graph's clocks decide this, whatever the order of the run.
//   I2  A location is (its owner, the how-many-th of it), because that is the same in every run of the same steps. Its
//       owner is the thread that constructs it, or the shared object that it is in.
//   I3  A thread that blocks is not resumed in its run. Where no thread can go on and not all have finished, each
//       blocked one is asked whether the co-last value of what it waits for would do. If none would, the run is a
//       deadlock: the value that it waits for is not coming. Otherwise another execution shows what comes of it.
//   I4  A thread that yields has found nothing to do. After search_limits::yields times in a run it is *cut*: it
//       blocks. If its last round read what is co-last, but for its own writes, nothing will ever end its loop: a
//       livelock, where no other thread could go on either. Otherwise the run is counted as cut, and the search is not
//       complete.
//   I5  A dropped thread blocks where another execution shows the same: it counts neither as a deadlock nor as cut.
#pragma once

#include <surewake/verify/engine/graph/active.hpp>
#include <surewake/verify/engine/graph/arena.hpp>
#include <surewake/verify/engine/graph/explorer.hpp>
#include <surewake/verify/engine/graph/fiber.hpp>
#include <surewake/verify/engine/graph/freed_blocks.hpp>
#include <surewake/verify/engine/graph/futexes.hpp>
#include <surewake/verify/engine/graph/search_loop.hpp>
#include <surewake/verify/engine/graph/watch.hpp>
#include <surewake/verify/engine/model.hpp>

#include <exception>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace surewake::verify::graph {

/// A run was told to decide what it cannot.
class undecided : public std::runtime_error {
 public:
  using runtime_error::runtime_error;
};

class runtime final : public runnable {
 public:
  runtime(model_type const& model, search_limits const& limits);
  ~runtime() override;
  /// Searches until something is found, or a limit is reached.
  ///
  /// Errors  not_deterministic
  [[nodiscard]] search_outcome search(search_control const& control = {});
  /// Does the same, watched by one that takes no notes, with its orders.
  [[nodiscard]] search_outcome search(watch& by, search_control const& control = {});
  /// Runs `n` times at random, watched in the same way.
  void run_at_random(watch& by, std::uint64_t n);
  [[nodiscard]] explorer& graphs() noexcept override { return explorer_; }
  [[nodiscard]] search_outcome& outcome() noexcept override { return outcome_; }
  [[nodiscard]] std::string token_of_last_run() override;
  void run_once() override;
  void run_at_random(std::uint64_t n, std::function<bool()> const& goes_on) override;
  /// Runs once along `g`, and on from its end by default, or as the watch decides. The search cannot go on after that.
  ///
  /// Errors  not_deterministic; undecided where a decision cannot be taken
  [[nodiscard]] search_outcome follow(execution g, watch& by);
  /// Returns what the last run has performed, where `result` is what became of it.
  [[nodiscard]] execution performed() const;
  [[nodiscard]] model_type const& model() const noexcept { return model_; }
  [[nodiscard]] search_limits const& limits() const noexcept { return limits_; }
  /// Returns the thread that the last run ended in, if it ended in one.
  [[nodiscard]] unsigned ended_in() const noexcept { return ended_in_; }
  [[nodiscard]] bool is_blocked(unsigned thread) const noexcept { return explorer_.is_blocked(thread); }

  /// Returns whether what runs now is no thread of the model: constructor, after(), or outside of a run.
  [[nodiscard]] bool alone() const noexcept { return phase_ != phase::threads || making_shared_; }
  [[nodiscard]] bool ending() const noexcept { return phase_ >= phase::ending && !making_shared_; }

  /// Waits for the turn of the running thread.
  void wait_for_turn();
  /// Does the same for one that needs a wanted value.
  template <class Wanted> void wait_for_turn(request const& r, Wanted wanted) {
    wait_for_turn();
    while (explorer_.lets_pass(fibers_.running(), r, wanted)) wait_for_turn();
  }
  /// Performs an operation. Its thread has waited for its turn.
  template <class Wanted> value perform(request const& r, Wanted wanted);
  value perform(request const& r) {
    return perform(r, [](value) { return true; });
  }
  /// Blocks the thread, which has read a value that is not wanted.
  template <class Wanted> [[noreturn]] void block(location_id l, Wanted wanted);
  /// Waits for the turn of the running thread, and performs an operation.
  value act(request const& r) {
    wait_for_turn();
    return perform(r);
  }
  /// Does the same, and blocks the thread where it reads a value that is not wanted.
  template <class Wanted> value await(request const& r, Wanted wanted) {
    wait_for_turn(r, wanted);
    value const seen = perform(r, wanted);
    if (!wanted(seen)) block(r.where, wanted);
    return seen;
  }
  /// Returns one of 0 … n - 1. All of them are explored; if `rare`, those but 0 only as far as the limits allow.
  [[nodiscard]] unsigned choose(unsigned n, bool rare = false) {
    return static_cast<unsigned>(act({.what = operation::choice, .is_rare = rare, .operand = n}));
  }
  [[nodiscard]] bool has_rare() const noexcept { return limits_.rare != 0; }
  /// Blocks the thread: another execution shows what comes of it (I5).
  [[noreturn]] void drop() {
    block(0, [](value) { return true; });
  }
  /// Counts a step of what runs alone, and ends the search where it goes on for ever.
  void count_alone(where at);
  /// Says that the running thread has found nothing to do (I4).
  void yield(where at = where::current());
  [[noreturn]] void fail(verdict v, std::string message, where at);
  /// Reports likewise what no place in the source is known of.
  [[noreturn]] void fail(verdict v, std::string message);
  /// Reports a fault of the running thread, in those words; returns where none runs.
  void crash(char const* message);
  [[nodiscard]] fibers const& stacks() const noexcept { return fibers_; }

  /// Returns the next location of what constructs now.
  [[nodiscard]] location_id new_location();
  /// Returns a location of the search's own: the one for `key`, which is the same in every run.
  [[nodiscard]] location_id location_of(void const* key);
  [[nodiscard]] futexes& sleepers() noexcept { return sleepers_; }
  [[nodiscard]] unsigned running() const noexcept { return fibers_.running(); }
  void set_initial(location_id l, value v) { explorer_.set_initial(l, v); }
  [[nodiscard]] value newest(location_id l, value initial) const;
  [[nodiscard]] unsigned run() const noexcept { return run_; }

  /// Returns where the running thread is.
  [[nodiscard]] position here() const noexcept {
    if (alone()) return {};
    unsigned const t = fibers_.running();
    return {static_cast<std::uint8_t>(t), static_cast<std::uint16_t>(events_[t])};
  }
  /// Returns whether what was done at `p` happens before what is done now.
  [[nodiscard]] bool knows(position p) const noexcept {
    unsigned const t = fibers_.running();
    return p.thread == t || p.thread == initial_thread || now_[t]->has(p.thread, p.events);
  }
  /// Returns whether each of these events happens before what is done now.
  [[nodiscard]] bool knows(clock const& events) const noexcept {
    unsigned const t = fibers_.running();
    clock known = *now_[t];
    known.raise(t, most_events);
    return known.contains(events);
  }
  /// Returns whether every event at the location happens before what is done now.
  [[nodiscard]] bool knows_all(location_id l) const noexcept;

  [[nodiscard]] void* allocate(std::size_t bytes, std::size_t align, where at);
  void deallocate(void* p, std::size_t bytes, where at);
  /// Returns whether an object there that the thread does not know lies in memory that it does not know to be free.
  [[nodiscard]] bool was_freed_unseen(void const* p) const noexcept;
  /// Notes a step that is no event.
  void note(step_info const& s, where at);
  [[nodiscard]] void* local(void const* key, std::size_t bytes, std::size_t align, void (*make)(void*),
                            void (*destroy)(void*));
  /// Returns the object for `key`, which is made at its first use. `each_thread`, if any, prepares each thread.
  [[nodiscard]] void* shared(void const* key, std::size_t bytes, std::size_t align, void (*make)(void*),
                             void (*destroy)(void*), void (*each_thread)(void*));

 private:
  static constexpr unsigned alone_fiber = fibers::count - 1;
  static constexpr unsigned first_shared = fibers::count;  // owners after the threads
  static constexpr unsigned most_steps = 20'000;
  static constexpr unsigned most_random_yields = 50;
  enum class phase : std::uint8_t { idle, constructing, threads, ending, asking };
  struct object {
    void const* key;
    void* memory;
    std::size_t bytes;
    void (*destroy)(void*);
  };

  void prepare();
  void run_alone(phase p);
  void judge_blocked();
  void construct();
  void end();
  void thread(unsigned t);
  void go_on() { fibers_.switch_to(next_fiber()); }
  [[nodiscard]] unsigned next_fiber() {
    unsigned const t = watched == nullptr ? explorer_.turn() : turn_watched();
    return t == explorer::none ? fibers::caller : t;
  }
  void advance(unsigned t) noexcept;
  [[nodiscard]] value perform_watched(request const& r);
  [[nodiscard]] unsigned turn_watched();
  [[nodiscard]] watch::place place() const noexcept;
  void ask_state();
  [[nodiscard]] bool repeats(unsigned t) const noexcept;
  /// Ends the run; its threads are left where they are.
  [[noreturn]] void end_run();
  /// Ends the search with an exception, which its caller gets.
  [[noreturn]] void give_up(std::exception_ptr why);
  /// Ends the running thread's part of the run.
  void leave(void (explorer::*how)(unsigned));
  void destroy_locals(unsigned t);
  [[nodiscard]] void* fresh(std::size_t bytes, std::size_t align);
  [[nodiscard]] void* given_again(std::size_t bytes, std::size_t align);
  void check_owner(void const* p, where at);
  [[nodiscard]] unsigned owner() const noexcept { return making_shared_ ? shared_owner_ : fibers_.running(); }

  model_type const& model_;
  search_limits limits_;
  explorer explorer_;
  explorer at_random_;  // for runs at random: the other one stays as it is meanwhile
  fibers fibers_{};
  arena arena_{};
  freed_blocks freed_{};
  search_outcome outcome_{};
  phase phase_ = phase::idle;
  running_model* instance_ = nullptr;
  std::vector<std::byte> storage_;
  futexes sleepers_{*this};
  unsigned run_ = 0;  // its number
  unsigned steps_ = 0;
  bool answer_ = false;
  std::size_t decided_ = 0;            // decisions of the watch
  std::string state_{};
  unsigned ended_in_ = no_thread;
  bool cut_ = false;  // a thread was cut in this run
  std::array<std::vector<unsigned>, fibers::count> yields_{};  // of each thread: where in program order
  std::vector<std::pair<void const*, location_id>> own_locations_{};
  std::exception_ptr thrown_{};
  bool making_shared_ = false;
  unsigned shared_owner_ = 0;
  unsigned prepared_ = no_thread;  // for that thread something runs alone
  std::array<unsigned, fibers::count> events_{};  // of each thread, performed in this run
  std::array<clock const*, fibers::count> now_{};  // what each thread knows after them
  std::array<unsigned, arena::owners> made_{};    // locations of each owner in this run
  std::array<std::vector<location_id>, arena::owners> locations_{};
  location_id next_location_ = 0;
  std::array<std::vector<object>, fibers::count> locals_{};
  std::vector<object> shared_{};
  std::vector<void const*> shared_keys_{};
};

template <class Wanted> value runtime::perform(request const& r, Wanted wanted) {
  unsigned const t = fibers_.running();
  value v{};
  try {
    if (watched == nullptr) [[likely]] {
      v = explorer_.perform(t, r, wanted);
    } else if (!watched->takes_notes) {
      v = explorer_.perform(t, r, wanted);
      watched->performed(explorer_.performed(), v);
    } else {
      v = perform_watched(r);
    }
  } catch (not_deterministic const&) {
    give_up(std::current_exception());
  }
  advance(t);
  if (explorer_.is_rebuilt()) end_run();
  return v;
}

inline void runtime::advance(unsigned t) noexcept {
  event const& e = explorer_.performed();
  events_[t] = e.index + (e.half && e.what == kind::read ? 2U : 1U);
  now_[t] = &e.before();
}

template <class Wanted> void runtime::block(location_id l, Wanted wanted) {
  leave(&explorer::block);
  if (watched != nullptr) watched->blocked(fibers_.running());
  for (go_on();; fibers_.switch_to(fibers::caller)) answer_ = wanted(newest(l, 0));
}

}  // namespace surewake::verify::graph
