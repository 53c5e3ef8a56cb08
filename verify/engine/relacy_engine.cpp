// The only file that includes Relacy: it comes last, and what it defines as macros is undone right after it.
#include <surewake/verify/engine/relacy_engine.hpp>
#include <surewake/verify/engine/seed.hpp>
#include <surewake/verify/engine/stall.hpp>

#include <csetjmp>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <cxxabi.h>
#include <deque>
#include <fmt/format.h>
#include <iostream>
#include <map>
#include <queue>
#include <set>
#include <sstream>
#include <stack>
#include <sys/mman.h>
#include <tuple>
#include <ucontext.h>
#include <unistd.h>

// Relacy gives each thread a stack of 64 KiB from malloc: an overflow would corrupt the heap unseen. Ours are larger
// and end in a page without access.
#define create_fiber relacy_create_fiber
#include <relacy/base.hpp>
#undef create_fiber

namespace {

constexpr std::size_t fiber_stack = 256 * 1024;
constexpr std::size_t guard_page = 4096;
char* guard_pages[64] = {};
unsigned guard_count = 0;

inline void create_fiber(fiber_t& fib, void (*body)(void*), void* argument) {
  void* const stack =
      mmap(nullptr, fiber_stack + guard_page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (stack == MAP_FAILED || mprotect(stack, guard_page, PROT_NONE) != 0) std::abort();
  if (guard_count != std::size(guard_pages)) guard_pages[guard_count++] = static_cast<char*>(stack);
  getcontext(&fib.fib);
  fib.fib.uc_stack.ss_sp = static_cast<char*>(stack) + guard_page;
  fib.fib.uc_stack.ss_size = fiber_stack;
  fib.fib.uc_link = nullptr;
  ucontext_t back;
  fiber_ctx_t start = {body, argument, &fib.jmp, &back};
  makecontext(&fib.fib, reinterpret_cast<void (*)()>(&fiber_start_fnc), 1, &start);
  swapcontext(&back, &fib.fib);
}

}  // namespace

#include <relacy/relacy.hpp>
#undef new
#undef delete
#undef malloc
#undef calloc
#undef realloc
#undef free
#undef assert
#undef errno
#undef $
#undef memory_order_relaxed
#undef memory_order_consume
#undef memory_order_acquire
#undef memory_order_release
#undef memory_order_acq_rel
#undef memory_order_seq_cst

// Relacy replaces the plain forms of operator new and delete and leaves the others to the library, which would mix
// heaps. It defines them inline, which [replacement.functions] forbids: where the compiler inlines one of them
// everywhere, as g++ -O1 does with delete, the library keeps its own, and frees with that what it allocated by ours
// (the text of a std::logic_error). Their addresses are taken, so that each of them is there.
[[gnu::used]] void* (*const replaced_new[])(std::size_t) = {&operator new, &operator new[]};
[[gnu::used]] void (*const replaced_delete[])(void*) = {&operator delete, &operator delete[]};

void operator delete(void* p, std::size_t) noexcept { operator delete(p); }
void operator delete[](void* p, std::size_t) noexcept { operator delete[](p); }

namespace surewake::verify {

namespace {

using relacy::action;
using relacy::order;
using relacy::shown;
using relacy::step_info;
using relacy::where;

constexpr unsigned max_threads = 5;
constexpr std::uint64_t max_steps = 10'000;
constexpr int time_check = 16;  // schedules between two looks at the clock

template <class T> using raw_vector = typename rl::vector<T>::type;  // of malloc's memory, which Relacy does not track

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
  state is;
  where from;
  void* given_back = nullptr;  // Relacy's record of an atomic, stored to when the block was freed
};

/// Keeps how much of each thread's past is known.
using extent = std::array<rl::timestamp_t, max_threads>;
void extend(extent& to, rl::timestamp_t const* by) noexcept {
  auto const threads = static_cast<std::size_t>(rl::ctx().get_thread_count());
  for (std::size_t i = 0; i != threads; ++i) to[i] = std::max(to[i], by[i]);
}

/// Keeps what the seq_cst fences of a schedule have published, and what they have shown to each thread. Relacy's own
/// would make all of it happen before, plain data included, which C++ does not ([atomics.order]/4 speaks of what a load
/// may read), and would order two light ones.
struct fences {
  extent full{}, light{}, heavy{};
  std::array<extent, max_threads> shown{};
};

struct raw_step {
  step_info info;
  int thread;
  where at;
  bool near;
};

/// A name that an object was given, before the step `since`.
struct raw_name {
  char const* at;
  std::size_t bytes;
  char const* name;
  relacy::value_text text;
  std::size_t since;
};

struct raw_site {
  where at;
  action what;
  bool on_failure;
  order with;
};

/// An object that was made before the step `since`.
struct made_object {
  void const* at;
  std::size_t since;
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
  bool started[max_threads] = {};

  fences published{};
  unsigned (*load)(rl::atomic_data*, order) noexcept = nullptr;

  raw_vector<sleeper> sleepers{};
  raw_vector<local_object> locals{};
  raw_vector<block> blocks{};
  raw_vector<raw_step> trace{};
  raw_vector<raw_name> names{};
  raw_vector<made_object> made{};
  char const* stacks[max_threads] = {};  // of the threads, in a trace: where their guard pages are
  raw_vector<raw_site> sites{};
  where last[max_threads + 1] = {};

  bool failed = false;
  verdict result = verdict::pass;
  char message[400] = "";
  where failed_at{};
};

/// Returns what this process has used: a search finds as much on a busy machine as on an idle one.
[[nodiscard]] double processor_seconds() noexcept {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

search* now_running = nullptr;
search& current() noexcept { return *now_running; }

[[nodiscard]] rl::debug_info info(where at) noexcept {
  return rl::debug_info(at.function_name(), at.file_name(), at.line());
}

/// Returns the participant that runs: a thread, or -1 for what runs alone before and after them.
[[nodiscard]] int participant() noexcept {
  return current().in_threads ? static_cast<int>(rl::ctx().current_thread()) : -1;
}

/// Returns core/platform/spin_lock.hpp instead of the path that the compiler was given.
[[nodiscard]] char const* short_path(char const* path) noexcept {
  char const* found = path;
  if (char const* const cases = std::strstr(path, "/verify/cases/")) found = cases + 1;
  for (char const* next = path; (next = std::strstr(next, "/surewake/")) != nullptr;) {
    next += std::strlen("/surewake/");
    // A checkout may itself be called surewake: the last one counts that a folder of ours follows.
    for (char const* const folder : {"core/", "queues/", "models/", "verify/"}) {
      if (std::strncmp(next, folder, std::strlen(folder)) == 0) found = next;
    }
  }
  return found;
}

[[nodiscard]] std::string place(where at) {
  return at.line() == 0 ? "an unknown place" : fmt::format("{}:{}", short_path(at.file_name()), at.line());
}

[[nodiscard]] char const* thread_name(search const& s, int i) noexcept {
  return i < 0 ? "the model's constructor" : s.tested->type.names[static_cast<std::size_t>(i)].c_str();
}

[[noreturn]] void fail(verdict v, char const* message, where at) noexcept {
  search& s = current();
  s.failed = true;
  s.result = v;
  s.failed_at = at;
  std::snprintf(s.message, sizeof s.message, "%s", message);
  rl::ctx().fail_test("", rl::test_result_user_assert_failed, info(at));
  std::abort();  // fail_test does not return
}

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

/// A lock guard of the standard library calls from its own header: then the thread's last own place says more.
[[nodiscard]] where own_place(where at) noexcept {
  bool const foreign = std::strncmp(at.file_name(), "/usr/", 5) == 0;
  int const me = participant();
  return foreign && me >= 0 && current().last[me].line() != 0 ? current().last[me] : at;
}

void before_step(where at) noexcept;
void stand_still_if_told(where at) noexcept;

/// Lets another thread run here.
void scheduling_point(where at) noexcept {
  search& s = current();
  ++s.steps;
  if (s.in_threads) {
    s.last[rl::ctx().current_thread()] = at;
    if (s.progress != nullptr) before_step(at);
    own_exceptions const kept;
    rl::ctx().sched();
    if (s.progress != nullptr) stand_still_if_told(at);
  }
}

[[nodiscard]] bool same_site(site const& a, where at) noexcept {
  return a.line == at.line() && a.column == at.column() && std::string_view(at.file_name()).ends_with(a.file);
}

/// Returns the order an operation is executed with: its own, unless this run weakens it or runs sequentially
/// consistent.
[[nodiscard]] order effective(action what, bool on_failure, order o, where at) noexcept {
  search& s = current();
  if (s.options->sites) [[unlikely]] {
    raw_site const here{at, what, on_failure, o};
    bool const known = std::ranges::any_of(s.sites, [&](raw_site const& x) {
      return x.at.line() == at.line() && x.at.column() == at.column() && x.what == what && x.on_failure == on_failure &&
             std::strcmp(x.at.file_name(), at.file_name()) == 0;
    });
    if (!known) s.sites.push_back(here);
  }
  if (s.options->limits.model == memory::sequential) return order::seq_cst;
  if (s.options->weaken && s.options->weaken->what == what && s.options->weaken->on_failure == on_failure &&
      same_site(*s.options->weaken, at)) {
    return s.options->weaken_to;
  }
  return o;
}

[[nodiscard]] rl::thread_info_base& self() noexcept { return *rl::ctx().threadx_; }
[[nodiscard]] rl::atomic_data* atomic_of(void* p) noexcept { return static_cast<rl::atomic_data*>(p); }
[[nodiscard]] rl::var_data* var_of(void* p) noexcept { return static_cast<rl::var_data*>(p); }
[[nodiscard]] rl::generic_mutex_data* mutex_of(void* p) noexcept { return static_cast<rl::generic_mutex_data*>(p); }

void forget_sleeper(int thread) noexcept {
  auto& all = current().sleepers;
  std::erase_if(all, [thread](sleeper const& x) { return x.thread == thread; });
}

// -- stalls: verify/engine/stall.hpp ----------------------------------------------------------------------------------

[[nodiscard]] bool sleeps(std::size_t thread) noexcept {
  auto const& all = current().sleepers;
  return std::ranges::find(all, static_cast<int>(thread), &sleeper::thread) != all.end();
}

/// Returns whether a thread can go on: it has not ended, does not sleep and does not stall.
[[nodiscard]] bool anybody_runs() noexcept {
  stall const& p = *current().progress;
  for (std::size_t i = 0; i != stall::max_threads; ++i) {
    if (!p.ended(i) && !p.stands(i) && !sleeps(i)) return true;
  }
  return false;
}

void everybody_goes_on(where at) noexcept {
  current().progress->go_on([&](std::size_t i) { rl::ctx().unpark_thread(static_cast<unsigned>(i), false, info(at)); });
}

/// Returns whether a thread stalls inside an operation: the holder, if it is known for which thread `x` sleeps.
[[nodiscard]] bool caused_by_operation(sleeper const* x) noexcept {
  stall const& p = *current().progress;
  for (std::size_t i = 0; i != stall::max_threads; ++i) {
    bool const may_be = x == nullptr || x->holder < 0 || x->holder == static_cast<int>(i);
    if (may_be && p.stands(i) && p.depth(i) != 0) return true;
  }
  return false;
}

/// Judges that `thread` cannot end its operations because of those that stall: the schedule ends here, unless that is
/// claimed. `x` is how it sleeps; without one it loops.
void judge(std::size_t thread, sleeper const* x, where at) noexcept {
  search& s = current();
  stall& p = *s.progress;
  bool const in_mutex = x != nullptr && x->holder >= 0;
  char const* const place = in_mutex ? "mutex" : short_path(at.file_name());
  for (std::size_t level = p.depth(thread); level-- != 0;) {
    claim const& c = p.of(p.operation(thread, level));
    p.blocks(p.operation(thread, level));
    if (is_under(c, place) && caused_by_operation(x)) continue;
    // Others that move may keep it from ending: it promises an end only where it runs alone.
    if (c.what == promise::obstruction_free && x == nullptr && !p.one_runs_alone()) continue;
    std::size_t who = in_mutex ? static_cast<std::size_t>(x->holder) : 0;
    while (!in_mutex && !p.stands(who)) ++who;
    where const stopped = s.last[who];
    char text[sizeof s.message];
    std::snprintf(text, sizeof text, "%s does not end %s (%s): it %s while %s stands still in %s at %s:%u",
                  thread_name(s, static_cast<int>(thread)), c.operation.c_str(), to_string(c).c_str(),
                  x == nullptr ? "loops" : in_mutex ? "waits for a mutex" : "waits",
                  thread_name(s, static_cast<int>(who)), p.name_of_operation(who), short_path(stopped.file_name()),
                  stopped.line());
    fail(verdict::blocked, text, at);
  }
  if (p.depth(thread) == 0) fail(verdict::blocked, "a thread waits outside of every operation", at);
}

/// Judges that no thread can go on, or that the thread `looping` does not end.
void somebody_is_kept(int looping, where at) noexcept {
  search& s = current();
  for (std::size_t i = 0; i != stall::max_threads; ++i) {
    if (s.progress->ended(i) || s.progress->stands(i)) continue;
    auto const x = std::ranges::find(s.sleepers, static_cast<int>(i), &sleeper::thread);
    if (x != s.sleepers.end()) {
      judge(i, &*x, x->at);
    } else if (looping == static_cast<int>(i)) {
      judge(i, nullptr, at);
    }
  }
  everybody_goes_on(at);
}

void stand_still_if_told(where at) noexcept {
  search& s = current();
  std::size_t const me = static_cast<std::size_t>(participant());
  while (s.progress->stands(me)) {
    s.progress->parked(me, true);
    own_exceptions const kept;
    static_cast<void>(rl::ctx().park_current_thread(false, false, false, info(at)));
  }
}

/// Chooses whether the thread stalls before this step, and whether one of the others runs alone then.
void before_step(where at) noexcept {
  search& s = current();
  stall& p = *s.progress;
  std::size_t const me = static_cast<std::size_t>(participant());
  if (claim const* const broken = p.step(me)) {
    char text[sizeof s.message];
    std::snprintf(text, sizeof text, "%s needs more steps for %s than it claims (%s)",
                  thread_name(s, participant()), broken->operation.c_str(), to_string(*broken).c_str());
    fail(verdict::too_many_steps, text, at);
  }
  if (p.loops(me)) somebody_is_kept(participant(), at);
  if (!p.may_stop()) return;

  std::array<std::size_t, stall::max_threads> others{};
  unsigned count = 0;
  for (std::size_t i = 0; i != stall::max_threads; ++i) {
    if (i != me && !p.ended(i)) others[count++] = i;
  }
  if (count == 0) return;
  rl::context& c = rl::ctx();
  bool const now = c.is_random_sched() ? s.stops == me && s.stops_at == p.steps(me)
                                       : c.rand(2, rl::sched_type_user) == 1;
  if (!now) return;
  unsigned const pick = count == 1 ? 0 : c.rand(count + 1, rl::sched_type_user);
  p.stop(me, pick == 0 ? std::nullopt : std::optional(others[pick - 1]));
  if (relacy::observed()) relacy::record({.what = action::stand_still}, at);
  if (anybody_runs()) {
    stand_still_if_told(at);
  } else {
    somebody_is_kept(-1, at);  // all wait for this one, or for what the one that runs alone waits for
  }
}

/// The thread has ended: those that stall go on if it was the last that had to.
void thread_ends(std::size_t i) noexcept {
  search& s = current();
  if (s.progress == nullptr) return;
  s.progress->ends(i);
  if (!s.progress->on()) return;
  if (s.progress->all_ended()) {
    everybody_goes_on(s.last[i]);
  } else if (!anybody_runs()) {
    somebody_is_kept(-1, s.last[i]);
  }
}

/// Suspends the running thread until wake(); the search may end it earlier by a time-out or spuriously.
[[nodiscard]] rl::unpark_reason suspend(void const* address, char const* how, bool futex, bool timed, bool spurious,
                                        where at, int holder = -1) noexcept {
  search& s = current();
  if (!s.in_threads) fail(verdict::deadlock, "the model's constructor, after() or destructor would sleep for ever", at);
  int const me = participant();
  s.sleepers.push_back({me, address, how, at, futex, holder});
  if (relacy::observed()) relacy::record({.what = action::sleep, .object = address}, at);
  if (s.progress != nullptr && s.progress->on() && !anybody_runs()) somebody_is_kept(-1, at);
  own_exceptions const kept;
  rl::unpark_reason const why = rl::ctx().park_current_thread(timed, spurious, false, info(at));
  forget_sleeper(me);
  if (s.progress != nullptr) stand_still_if_told(at);
  return why;
}

void wake(std::size_t i, where at) noexcept {
  search& s = current();
  int const thread = s.sleepers[i].thread;
  s.sleepers.erase(s.sleepers.begin() + static_cast<std::ptrdiff_t>(i));
  rl::ctx().unpark_thread(thread, false, info(at));
}

/// Reports two accesses that nothing orders; the engine remembers the last ones of each kind.
[[noreturn]] void race(char const* does, where at, int other, char const* did, where before) noexcept {
  search const& s = current();
  char text[sizeof s.message];
  std::snprintf(text, sizeof text, "%s %s what %s %s at %s:%u, and nothing orders the two",
                thread_name(s, participant()), does, thread_name(s, other), did, short_path(before.file_name()),
                before.line());
  fail(verdict::data_race, text, at);
}

[[nodiscard]] local_object const* find_object(void const* key, unsigned owner) noexcept {
  for (local_object const& x : current().locals) {
    if (x.key == key && x.owner == owner) return &x;
  }
  return nullptr;
}

[[nodiscard]] void* make_object(std::size_t bytes, std::size_t align, void (*construct)(void*)) {
  std::size_t const alignment = std::max(align, alignof(std::max_align_t));
  void* const object = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  if (object == nullptr) std::abort();
  construct(object);
  return object;
}

}  // namespace

namespace relacy {

void record(step_info const& i, where at) noexcept {
  search& s = current();
  int const me = participant();
  if (me >= 0 && s.stacks[me] == nullptr) {
    auto const* const frame = static_cast<char const*>(__builtin_frame_address(0));
    for (char const* const guard : std::span(guard_pages, guard_count)) {
      if (frame > guard && frame < guard + guard_page + fiber_stack) s.stacks[me] = guard;
    }
  }
  where const place = own_place(at);
  s.trace.push_back({i, me, place, place.line() != at.line() || place.file_name() != at.file_name()});
}

namespace {
void note_made(void const* object) noexcept {
  search& s = current();
  if (observed()) s.made.push_back({object, s.trace.size()});
}
}  // namespace

void name_object(void const* object, std::size_t bytes, char const* name, value_text text) noexcept {
  search& s = current();
  s.names.push_back({static_cast<char const*>(object), bytes, name, text, s.trace.size()});
}

void broken_law(char const* law, where at) noexcept {
  if (frozen()) {
    std::fprintf(stderr, "broken(\"%s\") was called outside of a schedule\n", law);
    std::abort();
  }
  if (observed()) record({.what = action::broken}, at);
  fail(verdict::broken_law, law, at);
}

void out_of_range(std::uint64_t i, std::uint64_t n, where at) noexcept {
  char text[sizeof current().message];
  // An index before the first one has wrapped around.
  std::snprintf(text, sizeof text, "element %lld of %llu is accessed", static_cast<long long>(i),
                static_cast<unsigned long long>(n));
  int const me = participant();
  fail(verdict::out_of_range, text, me >= 0 && current().last[me].line() != 0 ? current().last[me] : at);
}

void begin_operation(char const* name, where at) noexcept {
  search& s = current();
  if (frozen() || s.progress == nullptr || participant() < 0) return;
  if (!s.progress->enter(static_cast<std::size_t>(participant()), name)) {
    char text[sizeof s.message];
    std::snprintf(text, sizeof text, "the operation %s is nested too deeply", name);
    fail(verdict::crash, text, at);
  }
}

void end_operation(char const* name) noexcept {
  search& s = current();
  if (frozen() || s.progress == nullptr || participant() < 0) return;
  s.progress->leave(static_cast<std::size_t>(participant()), name);
}

void alive::dead(where at) noexcept {
  if (frozen()) std::abort();
  fail(verdict::use_after_free, "an object is used after the end of its lifetime", at);
}

history::history(where at) noexcept {
  if (frozen()) return;
  note_made(this);
  data_ = rl::ctx().atomic_ctor(this);
  // No other thread knows the object yet, so its first value needs no scheduling point.
  bool const sequential = current().options->limits.model == memory::sequential;
  newest_ = sequential ? self().atomic_store_seq_cst(atomic_of(data_)) : self().atomic_store_relaxed(atomic_of(data_));
  if (observed()) record({.what = action::create, .object = this}, at);
}

history::~history() {
  if (frozen() || data_ == nullptr) return;
  alive_.check(where::current());
  for (sleeper const& x : current().sleepers) {
    if (x.address == this && !x.futex)
      fail(verdict::use_after_free, "an atomic is destroyed while a thread awaits it", x.at);
  }
  rl::ctx().atomic_dtor(atomic_of(data_));
}

void history::enter(where at) const noexcept {
  alive_.check(at);
  scheduling_point(at);
  alive_.check(at);
}

unsigned history::read(action what, order o, where at) const noexcept {
  order const with = effective(what, what == action::compare_exchange, o, at);
  if (with == order::release || with == order::acq_rel) fail(verdict::crash, "a load has no release order", at);
  unsigned const slot = current().load(atomic_of(data_), with);
  if (slot == ~0U) fail(verdict::uninitialised, "a load may come before the atomic was initialised", at);
  return slot;
}

unsigned history::read_newest(action what, order o, where at) const noexcept {
  switch (effective(what, what == action::compare_exchange, o, at)) {
    case order::relaxed: return self().atomic_load_relaxed_rmw(atomic_of(data_));
    case order::acquire: return self().atomic_load_acquire_rmw(atomic_of(data_));
    case order::seq_cst: return self().atomic_load_seq_cst_rmw(atomic_of(data_));
    default: fail(verdict::crash, "a load has no release order", at);
  }
}

unsigned history::write(action what, order o, where at) noexcept {
  switch (effective(what, false, o, at)) {
    case order::relaxed: newest_ = self().atomic_store_relaxed(atomic_of(data_)); break;
    case order::release: newest_ = self().atomic_store_release(atomic_of(data_)); break;
    case order::seq_cst: newest_ = self().atomic_store_seq_cst(atomic_of(data_)); break;
    default: fail(verdict::crash, "a store has no acquire order", at);
  }
  return newest_;
}

unsigned history::modify(action what, order o, where at) noexcept {
  bool aba = false;
  switch (effective(what, false, o, at)) {
    case order::relaxed: newest_ = self().atomic_rmw_relaxed(atomic_of(data_), aba); break;
    case order::acquire: newest_ = self().atomic_rmw_acquire(atomic_of(data_), aba); break;
    case order::release: newest_ = self().atomic_rmw_release(atomic_of(data_), aba); break;
    case order::acq_rel: newest_ = self().atomic_rmw_acq_rel(atomic_of(data_), aba); break;
    case order::seq_cst: newest_ = self().atomic_rmw_seq_cst(atomic_of(data_), aba); break;
  }
  return newest_;
}

bool history::fail_spuriously() noexcept {
  if (!current().in_threads) return false;
  rl::context& c = rl::ctx();
  if (c.is_random_sched()) return c.rand(4, rl::sched_type_cas_fail) == 0;
  // Once for each atomic, because otherwise the search tree would have no end; in one for progress others make it fail.
  if (failed_once_ || current().progress != nullptr) return false;
  failed_once_ = c.rand(2, rl::sched_type_cas_fail) == 0;
  return failed_once_;
}

bool history::looks_back() noexcept {
  search const& s = current();
  bounds const& limits = s.options->limits;
  if (!limits.stale_failures || !s.in_threads || limits.model == memory::sequential) return false;
  rl::context& c = rl::ctx();
  if (c.is_random_sched()) return c.rand(4, rl::sched_type_cas_fail) == 0;
  // Once for each atomic, as above.
  if (looked_back_ || s.progress != nullptr) return false;
  looked_back_ = c.rand(2, rl::sched_type_cas_fail) == 0;
  return looked_back_;
}

void history::changed() const noexcept {
  auto const& all = current().sleepers;
  for (std::size_t i = all.size(); i-- != 0;) {
    if (all[i].address == this && !all[i].futex) wake(i, all[i].at);
  }
}

accesses::accesses(bool initialised) noexcept : initialised_(initialised) {
  if (frozen()) return;
  note_made(this);
  written_by_ = participant();
  data_ = rl::ctx().var_ctor();
  if (initialised_) var_of(data_)->init(self());
}

accesses::~accesses() {
  if (frozen() || data_ == nullptr) return;
  alive_.check(where::current());
  rl::ctx().var_dtor(var_of(data_));
}

void accesses::read(where at) const noexcept {
  ++current().steps;
  alive_.check(at);
  if (!initialised_) fail(verdict::uninitialised, "plain data is read before it was written", at);
  if (!var_of(data_)->load(self())) {
    if (observed()) record({.what = action::get, .object = this}, at);
    race("reads", at, written_by_, "wrote", written_at_);
  }
  read_by_ = participant();
  read_at_ = at;
}

void accesses::write(where at) noexcept {
  ++current().steps;
  alive_.check(at);
  if (!initialised_) {
    initialised_ = true;
    var_of(data_)->init(self());
  } else if (!var_of(data_)->store(self())) {
    if (observed()) record({.what = action::set, .object = this}, at);
    if (var_of(data_)->load(self())) race("writes", at, read_by_, "read", read_at_);
    race("writes", at, written_by_, "wrote", written_at_);
  }
  written_by_ = participant();
  written_at_ = at;
}

mutex_state::mutex_state() noexcept {
  if (frozen()) return;
  note_made(this);
  data_ = rl::ctx().mutex_ctor(false, false, false, false);
}

mutex_state::~mutex_state() {
  if (frozen() || data_ == nullptr) return;
  alive_.check(where::current());
  if (owner_ != -1) fail(verdict::mutex_misuse, "a mutex is destroyed while it is held", where::current());
  rl::ctx().mutex_dtor(mutex_of(data_));
}

void mutex_state::lock(where at) noexcept {
  where const called = at;
  at = own_place(at);
  alive_.check(at);
  search& s = current();
  int const me = participant();
  scheduling_point(at);
  alive_.check(at);
  if (owner_ != -1 && owner_ == me + 1) fail(verdict::mutex_misuse, "a thread locks a mutex that it holds", at);
  if (!s.in_threads && owner_ != -1) fail(verdict::deadlock, "a mutex was left locked", at);
  // A thread that waits for a mutex is seen to sleep, as in every other wait, where it matters which threads can go on.
  while (s.progress != nullptr && s.in_threads && owner_ != -1) {
    static_cast<void>(suspend(this, "lock", false, false, false, at, owner_ - 1));
    alive_.check(at);
  }
  rl::context& c = rl::ctx();
  if (s.in_threads) s.sleepers.push_back({me, this, "lock", at, false});
  if (owner_ != -1 && observed()) record({.what = action::sleep, .object = this}, called);
  {
    own_exceptions const kept;
    c.disable_preemption();  // the scheduling point is over
    mutex_of(data_)->lock_exclusive(false, info(at));
    c.enable_preemption();
  }
  if (s.in_threads) forget_sleeper(me);
  owner_ = me + 1;
  if (observed()) record({.what = action::lock, .object = this}, called);
}

bool mutex_state::try_lock(where at) noexcept {
  where const called = at;
  at = own_place(at);
  alive_.check(at);
  scheduling_point(at);
  alive_.check(at);
  bool const taken = owner_ == -1;
  if (taken) {
    rl::ctx().disable_preemption();
    static_cast<void>(mutex_of(data_)->try_lock_exclusive(info(at)));
    rl::ctx().enable_preemption();
    owner_ = participant() + 1;
  }
  if (observed()) record({.what = action::try_lock, .object = this, .failed = !taken}, called);
  return taken;
}

void mutex_state::unlock(where at) noexcept {
  where const called = at;
  at = own_place(at);
  alive_.check(at);
  scheduling_point(at);
  alive_.check(at);
  if (owner_ != participant() + 1)
    fail(verdict::mutex_misuse, "a mutex is unlocked by a thread that does not hold it", at);
  owner_ = -1;
  if (observed()) record({.what = action::unlock, .object = this}, called);
  rl::ctx().disable_preemption();
  mutex_of(data_)->unlock_exclusive(info(at));
  rl::ctx().enable_preemption();
  if (current().progress == nullptr) return;
  auto const& all = current().sleepers;
  for (std::size_t i = all.size(); i-- != 0;) {
    if (all[i].address == this && !all[i].futex) wake(i, all[i].at);
  }
}

void sleep_on(history const& h, where at) noexcept {
  static_cast<void>(suspend(&h, "await", false, false, false, at));
}

bool futex_sleep(void const* address, time_point const* deadline, where at) noexcept {
  search& s = current();
  bool const spurious = s.in_threads && s.spurious_left != 0;
  rl::unpark_reason const why = suspend(address, "futex", true, deadline != nullptr, spurious, at);
  if (why == rl::unpark_reason_spurious && s.spurious_left != 0) --s.spurious_left;
  bool const in_time = why != rl::unpark_reason_timeout;
  if (!in_time) s.clock = std::max(s.clock, *deadline);
  if (observed()) record({.what = action::wake, .object = address, .failed = !in_time}, at);
  return in_time;
}

void futex_wake(void const* address, int n, where at) noexcept {
  scheduling_point(at);
  auto const& all = current().sleepers;
  if (observed()) record({.what = action::futex_wake, .object = address, .after = {shown::kind::number, n}}, at);
  for (; n > 0; --n) {
    auto const waits = [address](sleeper const& x) { return x.futex && x.address == address; };
    auto const count = std::ranges::count_if(all, waits);
    if (count == 0) return;
    // Which of them wakes first is the kernel's choice.
    auto skip = count == 1 ? 0U : rl::ctx().rand(static_cast<unsigned>(count), rl::sched_type_user);
    for (std::size_t i = 0; i != all.size(); ++i) {
      if (waits(all[i]) && skip-- == 0) {
        wake(i, at);
        break;
      }
    }
  }
}

time_point now() noexcept { return frozen() ? time_point{} : current().clock; }

namespace {

void fence_as(action what, order o, where at) noexcept {
  scheduling_point(at);
  order const with = effective(what, false, o, at);
  rl::context& c = rl::ctx();
  c.disable_preemption();
  switch (with) {
    case order::relaxed: break;  // a weakened fence
    case order::acquire: c.atomic_thread_fence_acquire(); break;
    case order::release: c.atomic_thread_fence_release(); break;
    case order::acq_rel: c.atomic_thread_fence_acq_rel(); break;
    case order::seq_cst: {
      if (what != action::light_fence) c.atomic_thread_fence_acq_rel();
      fences& f = current().published;
      extent& shown = f.shown[static_cast<std::size_t>(self().index_)];
      rl::timestamp_t const* const past = self().acq_rel_order_;
      if (what != action::light_fence) extend(shown, f.full.data());
      if (what == action::heavy_fence) extend(shown, f.light.data());
      extend(shown, f.heavy.data());
      extend(what == action::light_fence ? f.light : f.full, past);
      if (what == action::heavy_fence) extend(f.heavy, past);
      break;
    }
  }
  c.enable_preemption();
  if (observed()) record({.what = what, .with = o}, at);
}

}  // namespace

void fence(order o, where at) noexcept { fence_as(action::fence, o, at); }
void light_fence(order o, where at) noexcept { fence_as(action::light_fence, o, at); }
void heavy_fence(order o, where at) noexcept { fence_as(action::heavy_fence, o, at); }

void yield(where at) noexcept {
  search& s = current();
  ++s.steps;
  if (observed()) record({.what = action::yield}, at);
  if (!s.in_threads) return;
  if (s.progress != nullptr) before_step(at);
  own_exceptions const kept;
  rl::ctx().yield(1, info(at));
  if (s.progress != nullptr) stand_still_if_told(at);
}

namespace {

void forget_giver(block& b) noexcept {
  if (b.given_back != nullptr) rl::ctx().atomic_dtor(atomic_of(b.given_back));
  b.given_back = nullptr;
}

}  // namespace

void* allocate(std::size_t bytes, std::size_t align, where at) {
  if (frozen()) return ::operator new(bytes, std::align_val_t(align));  // state() counts waiters: nobody frees it
  search& s = current();
  block* freed = nullptr;
  block* chosen = nullptr;
  for (block& b : s.blocks) {
    if (b.is == block::state::live || b.bytes != bytes || reinterpret_cast<std::uintptr_t>(b.at) % align != 0) continue;
    (b.is == block::state::freed ? freed : chosen) = &b;
  }
  // The same address again, or another one: both happen, and each shows mistakes that the other hides.
  if (freed != nullptr && (!s.in_threads || rl::ctx().rand(2, rl::sched_type_mem_realloc) == 0)) chosen = freed;
  if (chosen == nullptr) {
    std::size_t const alignment = std::max(align, alignof(std::max_align_t));
    void* const p = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
    if (p == nullptr) throw std::bad_alloc();
    s.blocks.push_back({static_cast<std::byte*>(p), bytes, block::state::spare, at, nullptr});
    chosen = &s.blocks.back();
  }
  // C++ orders the release of memory before its next allocation ([new.delete.dataraces]).
  if (chosen->given_back != nullptr) static_cast<void>(self().atomic_load_acquire_rmw(atomic_of(chosen->given_back)));
  forget_giver(*chosen);
  chosen->is = block::state::live;
  chosen->from = at;
  if (observed()) {
    record({.what = action::allocate,
            .object = chosen->at,
            .after = {shown::kind::number, static_cast<std::int64_t>(bytes)}},
           at);
  }
  return chosen->at;
}

void deallocate(void* p, std::size_t bytes, std::size_t, where at) noexcept {
  if (frozen() || p == nullptr) return;
  if (observed()) record({.what = action::deallocate, .object = p}, at);
  auto& all = current().blocks;
  auto const found = std::ranges::find(all, static_cast<std::byte*>(p), &block::at);
  if (found == all.end()) fail(verdict::double_free, "memory is freed that was never allocated", at);
  if (found->is != block::state::live) fail(verdict::double_free, "memory is freed twice", at);
  if (found->bytes != bytes)
    fail(verdict::double_free, "memory is freed with another size than it was allocated with", at);
  found->is = block::state::freed;
  if (current().in_threads) {
    found->given_back = rl::ctx().atomic_ctor(p);
    static_cast<void>(self().atomic_store_release(atomic_of(found->given_back)));
  }
  std::memset(p, 0xDD, bytes);  // what is read from freed memory shall not look right
}

void* local(void const* key, std::size_t bytes, std::size_t align, void (*construct)(void*), void (*destroy)(void*)) {
  unsigned const owner = frozen() ? outside : static_cast<unsigned>(participant() + 1);
  if (local_object const* const x = find_object(key, owner)) return x->object;
  void* const object = make_object(bytes, align, construct);
  current().locals.push_back({key, owner, object, destroy, nullptr});
  return object;
}

void* shared(void const* key, std::size_t bytes, std::size_t align, void (*construct)(void*), void (*destroy)(void*)) {
  unsigned const owner = frozen() ? outside : everybody;
  if (local_object const* const x = find_object(key, owner)) {
    // As with a function's static object: a thread that finds it made has seen the making.
    if (!frozen()) static_cast<void>(self().atomic_load_acquire_rmw(atomic_of(x->made)));
    return x->object;
  }
  void* const object = make_object(bytes, align, construct);
  void* made = nullptr;
  if (!frozen()) {
    made = rl::ctx().atomic_ctor(object);
    static_cast<void>(self().atomic_store_release(atomic_of(made)));
  }
  current().locals.push_back({key, owner, object, destroy, made});
  return object;
}

}  // namespace relacy

namespace {

/// Destroys what `owner` has, the last made first; their destructors may make more. The memory stays until the end of
/// the schedule, so that no thread's objects are where another's were.
void destroy_objects(unsigned owner) noexcept {
  auto& all = current().locals;
  for (std::size_t i = all.size(); i-- != 0;) {
    if (all[i].owner != owner || all[i].destroy == nullptr) continue;
    local_object const x = all[i];
    all[i].key = nullptr;
    all[i].destroy = nullptr;
    x.destroy(x.object);
    if (x.made != nullptr) rl::ctx().atomic_dtor(atomic_of(x.made));
    i = all.size();
  }
}

void free_objects() noexcept {
  for (local_object const& x : current().locals) std::free(x.object);
  current().locals.clear();
}

void check_leaks() noexcept {
  auto const& all = current().blocks;
  auto const leaked = std::ranges::count(all, block::state::live, &block::is);
  if (leaked == 0) return;
  char text[100];
  std::snprintf(text, sizeof text, "%td blocks of memory are still allocated; the first one", leaked);
  fail(verdict::leak, text, std::ranges::find(all, block::state::live, &block::is)->from);
}

/// One schedule, as Relacy wants it: constructed, run and destroyed once for each.
template <unsigned Threads> struct schedule : rl::test_suite<schedule<Threads>, static_cast<rl::thread_id_t>(Threads)> {
  schedule() {
    search& s = current();
    bounds const& limits = s.options->limits;
    bool const late = s.schedules % time_check == 0 && s.schedules != 0 && processor_seconds() >= s.end;
    if (late || s.schedules >= limits.schedules) {
      s.cut_off = true;
      rl::ctx().rl_until("", rl::debug_info());
    }
    ++s.schedules;
    if (s.options->progress != nullptr) s.options->progress->store(s.schedules, std::memory_order::relaxed);
    s.longest = std::max(s.longest, s.steps);
    s.steps = 0;
    s.clock = relacy::time_point{std::chrono::hours{1}};
    s.spurious_left = limits.search == scheduler::random ? 4 : 1;
    std::ranges::fill(s.started, false);
    s.published = fences{};
    s.trace.clear();
    s.names.clear();
    s.made.clear();
    std::ranges::fill(s.stacks, nullptr);
    for (block& b : s.blocks) b.is = block::state::spare;
    own_exceptions::none();
    if (s.progress != nullptr) {
      s.progress->begin_schedule(s.tested->type.threads);
      s.spurious_left = 0;  // which threads can go on is known
      if (limits.search == scheduler::random) {
        s.stops = rl::ctx().rand(s.tested->type.threads, rl::sched_type_user);
        // Every step within the first 64, the early ones more often.
        s.stops_at = 1 + rl::ctx().rand(4U << rl::ctx().rand(5, rl::sched_type_user), rl::sched_type_user);
      }
    }
    s.model = s.tested->type.construct(s.storage);
  }

  ~schedule() {
    search& s = current();
    s.model->~running_model();
    s.model = nullptr;
    for (unsigned owner = 0; owner <= outside; ++owner) destroy_objects(owner);
    destroy_objects(0);  // what the destructors of shared objects made
    free_objects();
    for (block& b : s.blocks) relacy::forget_giver(b);
    check_leaks();
    s.longest = std::max(s.longest, s.steps);
  }

  void thread(unsigned i) {
    search& s = current();
    s.in_threads = true;
    own_exceptions::none();
    if (i >= s.tested->type.threads) return;
    try {
      s.model->thread(i);
      destroy_objects(i + 1);
      thread_ends(i);
    } catch (std::exception const& e) {
      fail(verdict::exception, e.what(), s.last[i]);
    } catch (...) {
      fail(verdict::exception, "something that is no std::exception", s.last[i]);
    }
  }

  void after() {
    search& s = current();
    s.in_threads = false;
    own_exceptions::none();
    s.model->after();
  }
};

[[nodiscard]] verdict verdict_of(rl::test_result_e r) noexcept {
  switch (r) {
    case rl::test_result_success:
    case rl::test_result_until_condition_hit: return verdict::pass;
    case rl::test_result_data_race: return verdict::data_race;
    case rl::test_result_access_to_freed_memory: return verdict::use_after_free;
    case rl::test_result_double_free: return verdict::double_free;
    case rl::test_result_memory_leak:
    case rl::test_result_resource_leak: return verdict::leak;
    case rl::test_result_unitialized_access: return verdict::uninitialised;
    case rl::test_result_deadlock: return verdict::deadlock;
    case rl::test_result_livelock: return verdict::livelock;
    case rl::test_result_recursion_on_nonrecursive_mutex:
    case rl::test_result_unlocking_mutex_wo_ownership:
    case rl::test_result_destroying_owned_mutex: return verdict::mutex_misuse;
    default: return verdict::broken_law;
  }
}

/// Relacy's searches of the tree, less one trait: there, a thread that goes to sleep yields as well, and can then
/// neither be woken nor time out before every other thread has run. Threads that sleep do not run, so schedules were
/// missing; and what could not be chosen was still offered, at every step, so that trees of three threads had no end.
template <class Derived, class Info, rl::thread_id_t Threads>
class tree_search : public rl::tree_search_scheduler<Derived, Info, Threads> {
  using base = rl::tree_search_scheduler<Derived, Info, Threads>;

 public:
  using base::base;
  rl::thread_id_t schedule_impl(rl::unpark_reason& reason, unsigned yield) {
    return base::schedule_impl(reason, this->thread_->state_ == rl::thread_state_running ? yield : 0);
  }
  [[nodiscard]] double iteration_count_approx() const { return 1.0; }
};

template <rl::thread_id_t Threads>
class full_search
    : public tree_search<full_search<Threads>, rl::tree_search_scheduler_thread_info<Threads>, Threads> {
 public:
  using tree_search<full_search, rl::tree_search_scheduler_thread_info<Threads>, Threads>::tree_search;
  using typename rl::tree_search_scheduler<full_search, rl::tree_search_scheduler_thread_info<Threads>,
                                           Threads>::thread_info_t;
  [[nodiscard]] bool can_switch(thread_info_t&) const { return true; }
  void on_switch(thread_info_t&) const {}
};

template <rl::thread_id_t Threads>
class bound_search
    : public tree_search<bound_search<Threads>, rl::tree_search_scheduler_thread_info<Threads>, Threads> {
  using base = rl::tree_search_scheduler<bound_search, rl::tree_search_scheduler_thread_info<Threads>, Threads>;

 public:
  using tree_search<bound_search, rl::tree_search_scheduler_thread_info<Threads>, Threads>::tree_search;
  using typename base::thread_info_t;
  rl::thread_id_t iteration_begin_impl() {
    preemptions_left_ = this->params_.context_bound;
    return base::iteration_begin_impl();
  }
  [[nodiscard]] bool can_switch(thread_info_t&) const { return preemptions_left_ != 0; }
  void on_switch(thread_info_t& from) {
    if (from.state_ == rl::thread_state_running) --preemptions_left_;
  }

 private:
  unsigned preemptions_left_ = 0;
};

/// Loads a value that is not older than what happened before the load, nor than what fences have shown to its thread.
template <unsigned Threads> unsigned load(rl::atomic_data* data, order o) noexcept {
  rl::thread_info_base& me = self();
  auto const own = static_cast<std::size_t>(me.index_);
  extent const& shown = current().published.shown[own];
  rl::timestamp_t* const known = me.acq_rel_order_;
  std::array<rl::timestamp_t, Threads> happened;
  for (std::size_t i = 0; i != Threads; ++i) {
    happened[i] = known[i];
    known[i] = std::max(known[i], shown[i]);
  }
  unsigned const slot = o == order::relaxed   ? me.atomic_load_relaxed(data)
                        : o == order::acquire ? me.atomic_load_acquire(data)
                                              : me.atomic_load_seq_cst(data);
  auto const* const read = static_cast<rl::atomic_data_impl<Threads>*>(data)->history_;
  for (std::size_t i = 0; i != Threads; ++i) {
    if (i == own) continue;  // it has counted the load
    known[i] = happened[i];
    if (o != order::relaxed && slot != ~0U) known[i] = std::max(known[i], read[slot].acq_rel_order_[i]);
  }
  return slot;
}

template <unsigned Threads> rl::test_result_e search_with(rl::test_params& params, rl::ostringstream& state) {
  current().load = &load<Threads>;
  switch (params.search_type) {
    case rl::sched_random: return rl::run_test<schedule<Threads>, rl::random_scheduler<Threads>>(params, state, false);
    case rl::sched_bound:
      return rl::run_test<schedule<Threads>, bound_search<Threads>>(params, state, false);
    default: return rl::run_test<schedule<Threads>, full_search<Threads>>(params, state, false);
  }
}

rl::test_result_e search_all(unsigned threads, rl::test_params& params, rl::ostringstream& state) {
  switch (threads) {
    case 1:  // beside a thread that has nothing to do: Relacy's arrays of one element warn
    case 2: return search_with<2>(params, state);
    case 3: return search_with<3>(params, state);
    case 4: return search_with<4>(params, state);
    default: return search_with<5>(params, state);
  }
}

/// Puts the finding in words.
[[nodiscard]] std::string describe(search const& s, rl::test_result_e r) {
  if (s.failed && s.result != verdict::deadlock) return fmt::format("{} ({})", s.message, place(s.failed_at));
  if (r == rl::test_result_deadlock || s.failed) {
    std::string text = s.message;
    for (sleeper const& x : s.sleepers) {
      if (!text.empty()) text += "; ";
      text += fmt::format("{} sleeps for ever ({} at {})", thread_name(s, x.thread), x.how, place(x.at));
    }
    if (text.empty()) text = "threads sleep and nobody will wake them";
    if (s.model != nullptr) {
      try {
        if (std::string const state = s.model->state(); !state.empty()) text += ": " + state;
      } catch (std::exception const& e) {
        text += fmt::format(" (state() threw: {})", e.what());
      }
    }
    return text;
  }
  switch (r) {
    case rl::test_result_memory_leak: return "memory is still allocated at the end";
    case rl::test_result_resource_leak: return "atomics, plain data or mutexes are left at the end";
    case rl::test_result_double_free: return "memory is freed that is not allocated";
    case rl::test_result_livelock: return fmt::format("no end after {} steps", max_steps);
    default: return rl::test_result_str(r);
  }
}

/// Keeps numbers, names and owners of the objects in a trace.
class object_table {
 public:
  explicit object_table(search const& s) : search_(s) {}

  /// Returns the number of what lies at `p` at that step. An object that is made where another one was is another one.
  unsigned number(void const* p, std::size_t step) {
    std::pair const key(p, made(p, step));
    return numbers_.try_emplace(key, static_cast<unsigned>(numbers_.size()) + 1).first->second;
  }

  /// Returns a value of what lies at `p`.
  [[nodiscard]] std::string text(shown v, void const* p, std::size_t step) {
    if (v.what == shown::kind::nothing) return {};
    raw_name const* const n = p == nullptr ? nullptr : name(p, made(p, step), 0);
    if (n != nullptr && n->at == p && n->text != nullptr) return n->text(v.bits);
    if (v.text != nullptr) return v.text(v.bits);
    if (v.what == shown::kind::number) return std::to_string(v.bits);
    if (v.what == shown::kind::boolean) return v.bits != 0 ? "true" : "false";
    if (v.bits == 0) return "null";
    return fmt::format("#{}", number(reinterpret_cast<void const*>(static_cast<std::uintptr_t>(v.bits)), step));
  }

  /// Returns all of them, in the order of their numbers.
  [[nodiscard]] std::vector<traced_object> objects() {
    std::vector<std::pair<void const*, std::size_t>> keys(numbers_.size());
    for (auto const& [key, number] : numbers_) keys[number - 1] = key;
    std::map<std::string, std::vector<char const*>> places;
    std::vector<traced_object> all;
    for (auto const& [p, since] : keys) all.push_back(about(p, since, static_cast<unsigned>(all.size()) + 1, places));
    return all;
  }

 private:
  /// Returns when what lies at `p` was made: the step after that, from 1 on; 0 if the making was not seen.
  [[nodiscard]] std::size_t made(void const* p, std::size_t step) const {
    std::size_t last = 0;
    for (made_object const& m : search_.made) {
      if (m.at == p && m.since <= step) last = m.since + 1;
    }
    return last;
  }

  /// Returns the name that was given last to the least object of more than `bytes` around `p`, itself included, while
  /// that lay there which was made when `since` says.
  [[nodiscard]] raw_name const* name(void const* p, std::size_t since, std::size_t bytes) const {
    auto const* const at = static_cast<char const*>(p);
    std::size_t until = ~std::size_t{0};
    for (made_object const& m : search_.made) {
      if (m.at == p && m.since + 1 > since) until = std::min(until, m.since + 1);
    }
    raw_name const* best = nullptr;
    for (raw_name const& n : search_.names) {
      bool const then = n.since + 1 >= since && n.since + 1 < until;
      if (!then || at < n.at || at >= n.at + n.bytes || n.bytes <= bytes) continue;
      if (best == nullptr || n.bytes <= best->bytes) best = &n;
    }
    return best;
  }

  [[nodiscard]] traced_object about(void const* p, std::size_t since, unsigned number,
                                    std::map<std::string, std::vector<char const*>>& places) const {
    traced_object o{.number = number};
    auto const* const at = static_cast<char const*>(p);
    for (std::size_t i = 0; i != max_threads; ++i) {
      char const* const stack = search_.stacks[i];
      if (stack != nullptr && at > stack && at < stack + guard_page + fiber_stack) o.owner = static_cast<int>(i);
    }
    raw_name const* const own = name(p, since, 0);
    if (own == nullptr) return o;
    // "waiter" and "state" in it are "waiter.state".
    raw_name const* const outer = name(p, since, own->bytes);
    raw_name const* const whole = outer != nullptr ? outer : own;
    o.inside = own->at != at;
    o.name = outer != nullptr ? fmt::format("{}.{}", outer->name, own->name) : own->name;
    auto& same = places[o.name];
    auto const known = std::ranges::find(same, whole->at);
    o.among = static_cast<unsigned>(known - same.begin()) + 1;
    if (known == same.end()) same.push_back(whole->at);
    return o;
  }

  search const& search_;
  std::map<std::pair<void const*, std::size_t>, unsigned> numbers_{};
};

void copy_trace(search const& s, search_result& o) {
  object_table objects(s);
  for (std::size_t i = 0; i != s.trace.size(); ++i) {
    raw_step const& x = s.trace[i];
    step t{.thread = x.thread, .what = x.info.what, .with = x.info.with, .stale = x.info.stale, .failed = x.info.failed,
           .file = short_path(x.at.file_name()), .line = x.at.line(), .column = x.at.column(), .near = x.near};
    if (x.info.object != nullptr) t.object = objects.number(x.info.object, i);
    t.before = objects.text(x.info.before, x.info.object, i);
    t.after = objects.text(x.info.after, x.info.object, i);
    o.trace.push_back(std::move(t));
  }
  o.objects = objects.objects();
}

/// A fault inside a schedule is a finding about the program under test; anywhere else it is ours.
void on_fault(int signal, siginfo_t* about, void*) {
  if (!relacy::frozen() && rl::ctx().threadx_ != nullptr) {
    search& s = current();
    auto const* const address = static_cast<char const*>(about->si_addr);
    bool const overflow = std::ranges::any_of(std::span(guard_pages, guard_count), [address](char const* guard) {
      return address >= guard && address < guard + guard_page;
    });
    fail(verdict::crash, overflow ? "a thread needs more than 256 KiB of stack" : "an invalid address is accessed",
         s.last[std::max(participant(), 0)]);
  }
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void on_terminate() {
  if (!relacy::frozen() && rl::ctx().threadx_ != nullptr) {
    fail(verdict::crash, "std::terminate was called: an exception left a noexcept function",
         current().last[std::max(participant(), 0)]);
  }
  std::abort();
}

void install_fault_handlers() {
  static char stack[64 * 1024];  // the fault may be that there is no stack left
  stack_t const alternate{.ss_sp = stack, .ss_flags = 0, .ss_size = sizeof stack};
  sigaltstack(&alternate, nullptr);
  struct sigaction action {};
  action.sa_sigaction = &on_fault;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  for (int const signal : {SIGSEGV, SIGBUS, SIGFPE, SIGILL}) sigaction(signal, &action, nullptr);
  std::set_terminate(&on_terminate);
}

}  // namespace

std::string_view to_string(relacy::action a) noexcept {
  switch (a) {
    case action::load: return "load";
    case action::store: return "store";
    case action::exchange: return "exchange";
    case action::compare_exchange: return "compare_exchange";
    case action::fetch_add: return "fetch_add";
    case action::fetch_sub: return "fetch_sub";
    case action::fetch_and: return "fetch_and";
    case action::fetch_or: return "fetch_or";
    case action::fence: return "fence";
    case action::light_fence: return "light_fence";
    case action::heavy_fence: return "heavy_fence";
    case action::await: return "await";
    case action::futex_wait: return "futex_wait";
    case action::futex_wait_until: return "futex_wait_until";
    case action::futex_wake: return "futex_wake";
    case action::sleep: return "sleeps";
    case action::wake: return "wakes";
    case action::lock: return "lock";
    case action::try_lock: return "try_lock";
    case action::unlock: return "unlock";
    case action::yield: return "yield";
    case action::get: return "get";
    case action::set: return "set";
    case action::allocate: return "allocate";
    case action::deallocate: return "deallocate";
    case action::create: return "create";
    case action::destroy: return "destroy";
    case action::broken: return "broken law";
    case action::stand_still: return "stands still";
  }
  return "?";
}

std::string_view to_string(relacy::order o) noexcept {
  switch (o) {
    case order::relaxed: return "relaxed";
    case order::acquire: return "acquire";
    case order::release: return "release";
    case order::acq_rel: return "acq_rel";
    case order::seq_cst: return "seq_cst";
  }
  return "?";
}

char const* engine_version() noexcept { return SUREWAKE_RELACY_VERSION; }

search_result run_relacy(test_case const& c, engine_options const& options) {
  double const start = processor_seconds();
  search s{};
  engine_options effective_options = options;
  schedule_name first{.state = ""};
  if (!options.seed.empty()) {
    first = parse_seed(options.seed);
    effective_options.limits.search = first.search;
    effective_options.limits.model = first.model;
    if (first.search == scheduler::bound) effective_options.limits.context_bound = first.context_bound;
  }
  if (options.replay) effective_options.limits.schedules = 1;
  bounds const& limits = effective_options.limits;
  s.tested = &c;
  s.options = &effective_options;
  stall progress(c.claims);
  if (progress.watches()) s.progress = &progress;
  s.end = start + limits.seconds;
  s.storage = std::malloc(c.type.bytes);
  if (s.storage == nullptr) throw std::bad_alloc();
  now_running = &s;
  install_fault_handlers();

  std::ostream nowhere(nullptr);
  rl::test_params params;
  params.output_stream = &nowhere;
  params.progress_stream = &nowhere;
  params.iteration_count = ~rl::iteration_t{0};
  params.search_type = limits.search == scheduler::random  ? rl::sched_random
                       : limits.search == scheduler::bound ? rl::sched_bound
                                                           : rl::sched_full;
  params.execution_depth_limit = static_cast<unsigned>(max_steps);
  params.initial_state = first.state.c_str();

  rl::ostringstream state;
  relacy::detail::is_observed = options.trace;
  relacy::detail::is_frozen = false;
  // One preemption more at a time: what the time is enough for is then complete, and a schedule that fails has few.
  unsigned const most = limits.search == scheduler::bound ? limits.context_bound : 0;
  unsigned complete = 0;  // rounds
  params.context_bound = first.state.empty() ? std::min(1U, most) : most;
  rl::test_result_e r = search_all(c.type.threads, params, state);
  for (; !s.cut_off && verdict_of(r) == verdict::pass && params.context_bound != most; ++complete) {
    ++params.context_bound;
    r = search_all(c.type.threads, params, state);
  }
  relacy::detail::is_frozen = true;
  relacy::detail::is_observed = false;

  search_result o;
  o.result = s.failed ? s.result : verdict_of(r);
  o.schedules = s.schedules;
  o.steps = o.result == verdict::pass ? s.longest : s.steps;
  o.context_bound = static_cast<unsigned>(params.context_bound);
  if (o.result == verdict::pass) {
    bool const ended = !s.cut_off || complete != 0;
    o.covered = limits.search == scheduler::random || !ended ? coverage::sampled
                : limits.search == scheduler::bound          ? coverage::bounded
                                                             : coverage::exhaustive;
    if (s.cut_off && complete != 0) --o.context_bound;
    if (s.progress != nullptr && !options.replay) {
      o.message = progress.too_weak();
      if (!o.message.empty()) o.result = verdict::weak_claim;
      if (o.message.empty()) o.message = progress.summary();
    }
  } else {
    o.covered = coverage::found;
    o.seed = to_seed({limits.search, o.context_bound, limits.model, state.str().c_str()});
    o.message = describe(s, r);
  }
  copy_trace(s, o);
  for (raw_site const& x : s.sites) {
    o.sites.push_back({short_path(x.at.file_name()), x.at.line(), x.at.column(), x.what, x.on_failure, x.with});
  }
  o.seconds = processor_seconds() - start;
  return o;
}

}  // namespace surewake::verify
