// Schedules and their search, by Relacy.
#include <surewake/verify/engine/relacy.hpp>
#include <surewake/verify/engine/crash.hpp>
#include <surewake/verify/engine/seed.hpp>
#include <surewake/verify/engine/source_text.hpp>

#include <ctime>
#include <sys/mman.h>
#include <unistd.h>

// heaps. It defines them inline, which [replacement.functions] forbids: where the compiler inlines one of them
// everywhere, as g++ -O1 does with delete, the library keeps its own, and frees with that what it allocated by ours
// (the text of a std::logic_error). Their addresses are taken, so that each of them is there.
[[gnu::used]] void* (*const replaced_new[])(std::size_t) = {&operator new, &operator new[]};
[[gnu::used]] void (*const replaced_delete[])(void*) = {&operator delete, &operator delete[]};

void operator delete(void* p, std::size_t) noexcept { operator delete(p); }
void operator delete[](void* p, std::size_t) noexcept { operator delete[](p); }


namespace surewake::verify {

namespace {

constexpr int time_check = 16;  // schedules between two looks at the clock
char* guards[64] = {};
unsigned guard_count = 0;

}  // namespace

std::span<char const* const> guard_pages() noexcept { return {guards, guard_count}; }

void create_fiber(fiber_t& fib, void (*body)(void*), void* argument) {
  void* const stack =
      mmap(nullptr, fiber_stack + guard_page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (stack == MAP_FAILED || mprotect(stack, guard_page, PROT_NONE) != 0) std::abort();
  if (guard_count != std::size(guards)) guards[guard_count++] = static_cast<char*>(stack);
  getcontext(&fib.fib);
  fib.fib.uc_stack.ss_sp = static_cast<char*>(stack) + guard_page;
  fib.fib.uc_stack.ss_size = fiber_stack;
  fib.fib.uc_link = nullptr;
  ucontext_t back;
  fiber_ctx_t start = {body, argument, &fib.jmp, &back};
  makecontext(&fib.fib, reinterpret_cast<void (*)()>(&fiber_start_fnc), 1, &start);
  swapcontext(&back, &fib.fib);
}

namespace {

/// Returns what this process has used: a search finds as much on a busy machine as on an idle one.
[[nodiscard]] double processor_seconds() noexcept {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
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
    s.published = fences{};
    s.recorded.clear();
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
    end_memory();
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

[[nodiscard]] char const* words_of(rl::test_result_e r) noexcept {
  switch (r) {
    case rl::test_result_memory_leak: return "memory is still allocated at the end";
    case rl::test_result_resource_leak: return "atomics, plain data or mutexes are left at the end";
    case rl::test_result_double_free: return "memory is freed that is not allocated";
    case rl::test_result_livelock: return "no end after 10000 steps";
    default: return rl::test_result_str(r);
  }
}
static_assert(max_steps == 10'000);

/// Ends the search without a verdict: a tree is searched by going its ways again, up to the choice that is made anew.
[[noreturn]] void differs() noexcept {
  search const& s = current();
  where const at = s.last[std::max(participant(), 0)];
  char const* const seed = s.options->seed.empty() ? "" : "; or the seed is another model's";
  std::fprintf(stderr,
               "the model does not do the same in the same schedule: schedule %llu left the way of an earlier one near "
               "%s:%u. Let the model keep nothing from one schedule to the next, as static data does, and let it "
               "depend on no clock but the platform's, no random number and no order of addresses%s\n",
               static_cast<unsigned long long>(s.schedules), name_of_source(at.file_name()), at.line(), seed);
  std::abort();
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
  unsigned rand_impl(unsigned limit, rl::sched_type what) {
    if (this->stree_depth_ != this->stree_.size()) {
      auto const& chosen = this->stree_[this->stree_depth_];
      if (chosen.count_ != limit || chosen.type_ != what) differs();
    }
    return base::rand_impl(limit, what);
  }
  bool iteration_end_impl() {
    if (this->stree_depth_ != this->stree_.size()) differs();
    return base::iteration_end_impl();
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

bool ends_stack(void const* p) {
  auto const* const address = static_cast<char const*>(p);
  return std::ranges::any_of(
      guard_pages(), [address](char const* guard) { return address >= guard && address < guard + guard_page; });
}

void report_crash(char const* message) {
  if (!relacy::frozen() && rl::ctx().threadx_ != nullptr)
    fail(verdict::crash, message, current().last[std::max(participant(), 0)]);
}

[[nodiscard]] rl::test_params params_of(bounds const& limits, std::ostream& nowhere, std::string const& state) {
  rl::test_params params;
  params.output_stream = &nowhere;
  params.progress_stream = &nowhere;
  params.iteration_count = ~rl::iteration_t{0};
  params.search_type = limits.search == scheduler::random  ? rl::sched_random
                       : limits.search == scheduler::bound ? rl::sched_bound
                                                           : rl::sched_full;
  params.execution_depth_limit = static_cast<unsigned>(max_steps);
  params.initial_state = state.c_str();
  return params;
}

/// How Relacy's search ended.
struct ending {
  rl::test_result_e result = rl::test_result_success;
  unsigned context_bound = 0;
  unsigned complete = 0;  // rounds before that one, with a preemption less each
  std::string state{};    // of the schedule that failed
};

/// How many schedules the rounds of a search had, and how long the last one took.
struct rounds {
  double before = 0;  // schedules of the round before the last one
  double last = 0;
  double seconds = 0;

  /// Returns about how long the round with `preemptions` takes. A schedule of the last round has as many places for one
  /// preemption more as it had for its own, so that the rounds grow as binomial coefficients do.
  [[nodiscard]] double next(unsigned preemptions) const noexcept {
    return seconds * (last / before) * (preemptions - 1) / preemptions;
  }
};

/// Searches with one preemption more at a time: what the time is enough for is then complete, and a schedule that fails
/// has few. Where no bug is expected, a round that would take more than twice the time that is left is not begun: what
/// it visited before the time ends would be a corner of its tree.
[[nodiscard]] ending search_in_rounds(search& s, std::string const& state) {
  bounds const& limits = s.options->limits;
  std::ostream nowhere(nullptr);
  rl::test_params params = params_of(limits, nowhere, state);
  rl::ostringstream reached;
  unsigned const most = limits.search == scheduler::bound ? limits.context_bound : 0;
  params.context_bound = state.empty() ? 0 : most;
  ending e;
  rounds so_far;
  for (std::uint64_t before = 0;; before = s.schedules) {
    double const start = processor_seconds();
    e.result = search_all(s.tested->type.threads, params, reached);
    if (s.cut_off || verdict_of(e.result) != verdict::pass || params.context_bound == most) break;
    so_far = {.before = so_far.last, .last = static_cast<double>(s.schedules - before),
              .seconds = processor_seconds() - start};
    if (params.context_bound++ == 0) {
      s.schedules = 0;  // too few to be called a search, and all of them come again
      continue;
    }
    ++e.complete;
    double const left = s.end - processor_seconds();
    s.cut_off = s.tested->what.bug.empty() && so_far.next(static_cast<unsigned>(params.context_bound)) > 2 * left;
    if (s.cut_off) break;
  }
  e.context_bound = static_cast<unsigned>(params.context_bound);
  e.state = reached.str().c_str();
  return e;
}

/// Says what a search without a finding is worth.
void passed(search const& s, ending const& e, search_result& o) {
  bool const ended = !s.cut_off || e.complete != 0;
  scheduler const how = s.options->limits.search;
  o.covered = how == scheduler::random || !ended ? coverage::sampled
              : how == scheduler::bound          ? coverage::bounded
                                                 : coverage::exhaustive;
  if (s.cut_off && e.complete != 0) --o.context_bound;
  if (s.progress == nullptr || s.options->replay) return;
  o.message = s.progress->too_weak();
  if (!o.message.empty()) o.result = verdict::weak_claim;
  if (o.message.empty()) o.message = s.progress->summary();
}

[[nodiscard]] search_result result_of(search const& s, ending const& e) {
  search_result o;
  o.result = s.failed ? s.result : verdict_of(e.result);
  o.schedules = s.schedules;
  o.steps = o.result == verdict::pass ? s.longest : s.steps;
  o.context_bound = e.context_bound;
  if (o.result == verdict::pass) {
    passed(s, e, o);
  } else {
    bounds const& limits = s.options->limits;
    o.covered = coverage::found;
    o.seed = to_seed({limits.search, o.context_bound, limits.model, e.state});
    o.message = describe(s, e.result == rl::test_result_deadlock, words_of(e.result));
  }
  copy_trace(s.recorded, o);
  for (raw_site const& x : s.sites) {
    char const* const file = name_of_source(x.at.file_name());
    o.sites.push_back({file, x.at.line(), x.at.column(), x.what, x.on_failure, x.with});
  }
  return o;
}

}  // namespace

char const* engine_version() noexcept { return SUREWAKE_RELACY_VERSION; }

search_result run_relacy(test_case const& c, engine_options const& wanted) {
  double const start = processor_seconds();
  search s{};
  engine_options options = wanted;
  schedule_name first{.state = ""};
  if (!options.seed.empty()) {
    first = parse_seed(options.seed);
    options.limits.search = first.search;
    options.limits.model = first.model;
    if (first.search == scheduler::bound) options.limits.context_bound = first.context_bound;
  }
  if (options.replay) options.limits.schedules = 1;
  s.tested = &c;
  s.options = &options;
  stall progress(c.claims);
  if (progress.watches()) s.progress = &progress;
  s.end = start + options.limits.seconds;
  s.storage = std::malloc(c.type.bytes);
  if (s.storage == nullptr) throw std::bad_alloc();
  now_running = &s;
  catch_crashes({.ends_stack = &ends_stack, .report = &report_crash});
  relacy::detail::is_observed = options.trace;
  relacy::detail::is_frozen = false;
  ending const e = search_in_rounds(s, first.state);
  relacy::detail::is_frozen = true;
  relacy::detail::is_observed = false;
  search_result o = result_of(s, e);
  o.seconds = processor_seconds() - start;
  return o;
}

}  // namespace surewake::verify
