// surewake/verify/engine/search.hpp: the search under way, as the parts of the engine share it. Private to them.
//
// A part is a file: schedules and their search (relacy_engine.cpp), what atomics, plain data, mutexes, futexes and
// fences do (relacy_runtime.cpp), memory (memory.cpp), stalls (stall.cpp), what is told of a finding (found.cpp). Only
// the first two need Relacy, which they include by relacy.hpp: it costs the compiler more than all else here.
#pragma once

#include <surewake/verify/engine/recording.hpp>
#include <surewake/verify/engine/relacy_engine.hpp>
#include <surewake/verify/engine/stall.hpp>

#include <array>
#include <cstring>
#include <cxxabi.h>
#include <span>
#include <string>
#include <vector>

namespace rl {
struct atomic_data;
}

namespace surewake::verify {

using relacy::where;

constexpr unsigned max_threads = 5;
constexpr std::uint64_t max_steps = 10'000;
constexpr std::size_t fiber_stack = 256 * 1024;  // of a thread; before it lies a page without access
constexpr std::size_t guard_page = 4096;

struct sleeper {
  int thread;
  void const* address;
  char const* how;
  where at;
  bool futex;
  int holder = -1;  // of the mutex that it sleeps for
};

struct local_object {
  void const* key;
  unsigned owner;  // a participant + 1, or one of the two below
  void* object;
  void (*destroy)(void*);
  void* made;  // of a shared object: Relacy's record of an atomic, stored to when the object was made
};
constexpr unsigned everybody = max_threads + 1;
constexpr unsigned outside = max_threads + 2;  // of any schedule

/// Memory of the platform. A freed block keeps its address and may be given out again: as a choice of the search within
/// the schedule that freed it, and later without one, as if it were fresh (schedules must not know what came before
/// them).
struct block {
  enum class state : std::uint8_t { live, freed, spare };
  std::byte* at;
  std::size_t bytes;
  std::size_t align;
  state is;
  where from;
  void* given_back = nullptr;  // Relacy's record of an atomic, stored to when the block was freed
};


/// Keeps how much of each thread's past is known.
using extent = std::array<std::size_t, max_threads>;

/// Keeps what the seq_cst fences of a schedule have published, and what they have shown to each thread. Relacy's own
/// would make all of it happen before, plain data included, which C++ does not ([atomics.order]/4 speaks of what a load
/// may read), and would order two light ones.
struct fences {
  extent full{}, light{}, heavy{};
  std::array<extent, max_threads> shown{};
};

struct raw_site {
  where at;
  action what;
  bool on_failure;
  order with;
};

/// The search under way. Nothing in it comes from Relacy's heap.
struct search {
  test_case const* tested = nullptr;
  engine_options const* options = nullptr;
  double end = 0;  // of processor time
  void* storage = nullptr;
  running_model* model = nullptr;

  std::uint64_t schedules = 0;
  std::uint64_t steps = 0;
  std::uint64_t longest = 0;
  bool cut_off = false;
  bool in_threads = false;  // the threads run, as opposed to constructor, after() and destructor
  relacy::time_point clock{};
  unsigned spurious_left = 0;
  stall* progress = nullptr;  // of a case that claims something of its operations
  unsigned stops = 0;              // random search: the thread that stalls in this schedule,
  unsigned stops_at = 0;           // and before which of its steps

  fences published{};
  unsigned (*load)(rl::atomic_data*, order) noexcept = nullptr;

  raw_vector<sleeper> sleepers{};
  raw_vector<local_object> locals{};
  raw_vector<block> blocks{};
  recording recorded{};  // of a trace
  raw_vector<raw_site> sites{};
  where last[max_threads + 1] = {};

  bool failed = false;
  verdict result = verdict::pass;
  char message[400] = "";
  where failed_at{};
};
inline search* now_running = nullptr;
[[nodiscard]] inline search& current() noexcept { return *now_running; }

/// Keeps the exceptions being handled: C++ keeps them per system thread, and the threads of a model share one. Each
/// switch keeps its own.
class own_exceptions {
 public:
  own_exceptions() noexcept { std::memcpy(saved_, abi::__cxa_get_globals(), sizeof saved_); }
  ~own_exceptions() { std::memcpy(abi::__cxa_get_globals(), saved_, sizeof saved_); }
  own_exceptions(own_exceptions const&) = delete;
  own_exceptions& operator=(own_exceptions const&) = delete;
  static void none() noexcept { std::memset(abi::__cxa_get_globals(), 0, sizeof(saved_)); }

 private:
  unsigned char saved_[sizeof(void*) + sizeof(unsigned)];
};


// relacy_runtime.cpp

/// Returns the participant that runs: a thread, or -1 for what runs alone before and after them.
[[nodiscard]] int participant() noexcept;
/// Returns where the stacks of the threads begin: their pages without access.
[[nodiscard]] std::span<char const* const> guard_pages() noexcept;
/// Ends the search with a finding about this schedule.
[[noreturn]] void fail(verdict v, char const* message, where at) noexcept;
/// Chooses one of n, as a branch of the search.
[[nodiscard]] unsigned choose(unsigned n) noexcept;
/// Chooses whether an allocation gets an address that was freed before.
[[nodiscard]] bool choose_same_address() noexcept;
/// Returns whether the search draws its choices, as opposed to going through all of them.
[[nodiscard]] bool is_drawn() noexcept;
/// Keeps the running thread from running until unpark().
void park(where at) noexcept;
void unpark(std::size_t thread, where at) noexcept;
/// Stores to an atomic that stands for `object` in Relacy's books, and returns it. seen() loads from it, so that what
/// was before the one happens before what is after the other; forget() drops it, if there is one.
[[nodiscard]] void* publish(void const* object) noexcept;
void seen(void* published) noexcept;
void forget(void*& published) noexcept;

// stall.cpp

/// Returns whether a thread can go on: it has not ended, does not sleep and does not stall.
[[nodiscard]] bool anybody_runs() noexcept;
/// Judges that no thread can go on, or that the thread `looping` does not end.
void somebody_is_kept(int looping, where at) noexcept;
void stall_if_told(where at) noexcept;
/// Chooses whether the thread stalls before this step, and whether one of the others runs alone then.
void before_step(where at) noexcept;
/// The thread has ended: those that stall go on if it was the last that had to.
void thread_ends(std::size_t i) noexcept;

// memory.cpp

/// Destroys what `owner` has, the last made first; their destructors may make more. The memory stays until the end of
/// the schedule, so that no thread's objects are where another's were.
void destroy_objects(unsigned owner) noexcept;
/// Ends a schedule's memory: frees the objects of its threads, and fails if a block is live.
void end_memory() noexcept;

// found.cpp

[[nodiscard]] char const* thread_name(search const& s, int i) noexcept;
/// Puts the finding in words; Relacy's own, where it found it.
[[nodiscard]] std::string describe(search const& s, bool deadlock, char const* relacys);

}  // namespace surewake::verify
