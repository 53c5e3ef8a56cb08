// What atomics, plain data, mutexes, futexes and fences do in a schedule, by Relacy (relacy_runtime.hpp).
#include <surewake/verify/engine/relacy.hpp>
#include <surewake/verify/engine/source_text.hpp>

namespace surewake::verify {

int participant() noexcept {
  return current().in_threads ? static_cast<int>(rl::ctx().current_thread()) : -1;
}

void fail(verdict v, char const* message, where at) noexcept {
  search& s = current();
  s.failed = true;
  s.result = v;
  s.failed_at = at;
  std::snprintf(s.message, sizeof s.message, "%s", message);
  rl::ctx().fail_test("", rl::test_result_user_assert_failed, info(at));
  std::abort();  // fail_test does not return
}

unsigned choose(unsigned n) noexcept { return rl::ctx().rand(n, rl::sched_type_user); }
bool choose_same_address() noexcept { return rl::ctx().rand(2, rl::sched_type_mem_realloc) == 0; }
bool is_drawn() noexcept { return rl::ctx().is_random_sched(); }

void park(where at) noexcept {
  own_exceptions const kept;
  static_cast<void>(rl::ctx().park_current_thread(false, false, false, info(at)));
}
void unpark(std::size_t thread, where at) noexcept {
  rl::ctx().unpark_thread(static_cast<rl::thread_id_t>(thread), false, info(at));
}

void* publish(void const* object) noexcept {
  void* const made = rl::ctx().atomic_ctor(const_cast<void*>(object));
  static_cast<void>(self().atomic_store_release(atomic_of(made)));
  return made;
}
void seen(void* published) noexcept { static_cast<void>(self().atomic_load_acquire_rmw(atomic_of(published))); }
void forget(void*& published) noexcept {
  if (published != nullptr) rl::ctx().atomic_dtor(atomic_of(published));
  published = nullptr;
}

namespace {

/// A lock guard of the standard library calls from its own header: then the thread's last own place says more.
[[nodiscard]] where own_place(where at) noexcept {
  bool const foreign = std::strncmp(at.file_name(), "/usr/", 5) == 0;
  int const me = participant();
  return foreign && me >= 0 && current().last[me].line() != 0 ? current().last[me] : at;
}

/// Lets another thread run here.
void scheduling_point(where at) noexcept {
  search& s = current();
  ++s.steps;
  if (s.in_threads) {
    s.last[rl::ctx().current_thread()] = at;
    if (s.progress != nullptr) before_step(at);
    own_exceptions const kept;
    rl::ctx().sched();
    if (s.progress != nullptr) stall_if_told(at);
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
  for (lowered const& l : s.options->weaken) {
    if (l.at.what == what && l.at.on_failure == on_failure && same_site(l.at, at)) return l.to;
  }
  return o;
}

void forget_sleeper(int thread) noexcept {
  auto& all = current().sleepers;
  std::erase_if(all, [thread](sleeper const& x) { return x.thread == thread; });
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
  if (s.progress != nullptr) stall_if_told(at);
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
                thread_name(s, participant()), does, thread_name(s, other), did, name_of_source(before.file_name()),
                before.line());
  fail(verdict::data_race, text, at);
}

}  // namespace

namespace relacy {

void record(step_info const& i, where at) noexcept {
  search& s = current();
  int const me = participant();
  auto const thread = static_cast<std::size_t>(me);
  if (me >= 0 && s.recorded.stacks[thread].empty()) {
    auto const* const frame = static_cast<char const*>(__builtin_frame_address(0));
    for (char const* const guard : guard_pages()) {
      if (frame > guard && frame < guard + guard_page + fiber_stack)
        s.recorded.stacks[thread] = {guard, guard_page + fiber_stack};
    }
  }
  where const place = own_place(at);
  s.recorded.trace.push_back({i, me, place, place.line() != at.line() || place.file_name() != at.file_name()});
}

namespace {
void note_made(void const* object) noexcept {
  search& s = current();
  if (observed()) s.recorded.make(object);
}
}  // namespace

void name_object(void const* object, std::size_t bytes, char const* name, value_text text) noexcept {
  current().recorded.name(object, bytes, name, text);
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

void extend(extent& to, rl::timestamp_t const* by) noexcept {
  auto const threads = static_cast<std::size_t>(rl::ctx().get_thread_count());
  for (std::size_t i = 0; i != threads; ++i) to[i] = std::max(to[i], by[i]);
}

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
  if (s.progress != nullptr) stall_if_told(at);
}

}  // namespace relacy

}  // namespace surewake::verify
