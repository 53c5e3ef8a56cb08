#include <surewake/verify/engine/graph/altered.hpp>
#include <surewake/verify/engine/graph/runtime.hpp>
#include <surewake/verify/engine/graph/token.hpp>

#include <algorithm>
#include <exception>

namespace surewake::verify::graph {

namespace {

class while_watched {
 public:
  explicit while_watched(watch& w) noexcept { watched = &w; }
  ~while_watched() { watched = nullptr; }
  while_watched(while_watched const&) = delete;
  while_watched& operator=(while_watched const&) = delete;
};

std::string text_of(where at) {
  std::string file = at.file_name();
  if (auto const slash = file.rfind('/'); slash != std::string::npos) file.erase(0, slash + 1);
  return file + ":" + std::to_string(at.line());
}

}  // namespace

runtime::runtime(model_type const& model, search_limits const& limits)
    : model_(model), limits_(limits), explorer_(limits.memory, model.threads),
      at_random_(limits.memory, model.threads), storage_(model.bytes) {
  explorer_.allow_rare(limits.rare);
  at_random_.allow_rare(limits.rare);
  active = this;
}

runtime::~runtime() { active = nullptr; }

search_outcome runtime::search(search_control const& control) {
  std::vector<frontier> all{{.whole = true}};
  return search_parts(*this, all, limits_, control);
}

search_outcome runtime::search(watch& by, search_control const& control) {
  while_watched const scope(by);
  return search(control);
}

void runtime::run_at_random(watch& by, std::uint64_t n) {
  while_watched const scope(by);
  run_at_random(n, [] { return true; });
}

void runtime::run_at_random(std::uint64_t n, std::function<bool()> const& goes_on) {
  search_outcome const before = outcome_;
  std::swap(explorer_, at_random_);
  for (; n != 0 && outcome_.result == verdict::pass && goes_on(); --n) {
    explorer_.next_random_run();
    ++outcome_.random;
    run_once();
  }
  if (outcome_.result != verdict::pass) {  // its execution is the one to be shown
    limits_.yields = most_random_yields;
    return;
  }
  std::swap(explorer_, at_random_);
  std::uint64_t const random = outcome_.random;
  outcome_ = before;
  outcome_.random = random;
}

/// Makes everything as it is before the first run.
void runtime::prepare() {
  ++run_;
  thrown_ = nullptr;
  arena_.clear();
  if (limits_.reuse) freed_.clear();
  made_.fill(0);
  events_.fill(0);
  now_.fill(&execution::nothing);
  for (std::vector<object>& l : locals_) l.clear();
  shared_.clear();
  for (std::vector<unsigned>& y : yields_) y.clear();
  sleepers_.clear();
  steps_ = 0;
  cut_ = false;
  ended_in_ = no_thread;
  making_shared_ = false;
  prepared_ = no_thread;
}

void runtime::run_once() {
  prepare();
  run_alone(phase::constructing);
  if (outcome_.result != verdict::pass) return;
  phase_ = phase::threads;
  steps_ = 0;
  for (unsigned t = 0; t != model_.threads; ++t) {
    fibers_.start(t, [](void* self) {
      auto* const r = static_cast<runtime*>(self);
      r->thread(r->fibers_.running());
    }, this);
  }
  go_on();
  phase_ = phase::idle;
  if (thrown_) std::rethrow_exception(thrown_);
  if (outcome_.result != verdict::pass || explorer_.is_rebuilding()) return;
  if (explorer_.complete()) {
    ++(explorer_.rare() == 0 ? outcome_.complete : outcome_.spurious);
    run_alone(phase::ending);
  } else {
    ++outcome_.blocked;
    judge_blocked();
    if (cut_) ++outcome_.cut;
  }
}

search_outcome runtime::follow(execution g, watch& by) {
  explorer_.follow(std::move(g));
  outcome_ = {.runs = 1};
  thrown_ = nullptr;
  decided_ = 0;
  by.steps.clear();
  by.places.clear();
  for (unsigned t = 0; t != model_.threads; ++t) by.steps.stacks[t] = fibers_.stack(t);
  while_watched const scope(by);
  run_once();
  return outcome_;
}

execution runtime::performed() const {
  lengths done{};
  for (unsigned t = 0; t != max_threads; ++t) done[t] = events_[t];
  execution const& g = explorer_.graph();
  return alter(g, g.model(), done, [](event const& e) { return e.asked; }).graph;
}

std::string runtime::token_of_last_run() {
  execution const g = performed();
  return to_text({.memory = limits_.memory, .rare = limits_.rare, .yields = limits_.yields, .threads = model_.threads,
                  .decisions = decisions_of(g), .reuse = limits_.reuse, .print = print_of(g)});
}

value runtime::perform_watched(request const& r) {
  unsigned const t = fibers_.running();
  if (decided_ != watched->decisions.size() && explorer_.at_end()) {
    decision const d = watched->decisions[decided_++];
    if (!explorer_.decide(t, r, d.which))
      give_up(std::make_exception_ptr(undecided("what should be read, or its place, does not exist here")));
  }
  value const v = explorer_.perform(t, r);
  watched->performed(explorer_.performed(), v);
  return v;
}

unsigned runtime::turn_watched() {
  unsigned const t = explorer_.turn();
  if (!explorer_.at_end() || decided_ == watched->decisions.size()) return t;
  unsigned const next = watched->decisions[decided_].thread;
  if (next >= model_.threads || !explorer_.is_running(next))
    give_up(std::make_exception_ptr(undecided("a thread should go on that has ended or waits")));
  return next;
}

watch::place runtime::place() const noexcept {
  if (alone()) return {};
  unsigned const t = fibers_.running();
  return {t, events_[t], false};
}

void runtime::note(step_info const& s, where at) { watched->note(place(), s, at); }

/// Asks a model whose threads are blocked for its state.
void runtime::ask_state() {
  search_outcome const kept = outcome_;
  watch* const by = std::exchange(watched, nullptr);
  phase_ = phase::asking;
  fibers_.start(alone_fiber, [](void* self) {
    auto* const r = static_cast<runtime*>(self);
    try {
      r->state_ = r->instance_->state();
    } catch (std::exception const& e) {
      r->state_ = std::string("state() threw: ") + e.what();
    }
    r->fibers_.switch_to(fibers::caller);
  }, this);
  fibers_.switch_to(alone_fiber);
  phase_ = phase::idle;
  watched = by;
  outcome_ = kept;
  by->state = std::exchange(state_, {});
}

void runtime::run_alone(phase p) {
  phase_ = p;
  steps_ = 0;
  fibers_.start(alone_fiber, [](void* self) {
    auto* const r = static_cast<runtime*>(self);
    r->phase_ == phase::constructing ? r->construct() : r->end();
    r->fibers_.switch_to(fibers::caller);
  }, this);
  fibers_.switch_to(alone_fiber);
  phase_ = phase::idle;
}

void runtime::construct() { instance_ = model_.construct(storage_.data()); }

void runtime::end() {
  instance_->after();
  std::destroy_at(instance_);
  destroy_locals(alone_fiber);
  // What a shared object prepared for a thread that had ended.
  for (prepared_ = 0; prepared_ != model_.threads; ++prepared_) destroy_locals(prepared_);
  prepared_ = no_thread;
  while (!shared_.empty()) {
    object const o = shared_.back();
    shared_.pop_back();
    o.destroy(o.memory);
    arena_.deallocate(o.memory, o.bytes);
  }
  if (arena_.in_use() != 0)
    fail(verdict::leak, std::to_string(arena_.in_use()) + " blocks of memory are left");
}

void runtime::thread(unsigned t) {
  try {
    instance_->thread(t);
  } catch (std::exception const& e) {
    fail(verdict::exception, e.what());
  } catch (...) {
    fail(verdict::exception, "something that is no std::exception");
  }
  destroy_locals(t);
  leave(&explorer::finish);
  go_on();
}

/// Decides whether a run in which threads are blocked is a deadlock (I3).
void runtime::judge_blocked() {
  if (explorer_.in_vain()) return;
  std::string who;
  for (unsigned t = 0; t != model_.threads; ++t) {
    if (!explorer_.is_blocked(t)) continue;
    fibers_.switch_to(t);
    if (answer_) return;
    who += (who.empty() ? "" : ", ") + model_.names[t];
  }
  if (watched != nullptr && watched->takes_notes) ask_state();
  outcome_.result = cut_ ? verdict::livelock : verdict::deadlock;
  outcome_.message = (cut_ ? "a loop without end, or blocked for good: " : "blocked for good: ") + who;
}

void runtime::count_alone(where at) {
  if (++steps_ > most_steps) fail(verdict::livelock, "a loop without end while nothing else runs", at);
}

void runtime::yield(where at) {
  if (phase_ != phase::threads) return count_alone(at);
  unsigned const t = fibers_.running();
  yields_[t].push_back(events_[t]);
  if (watched != nullptr) note({.what = verify::action::yield}, at);
  if (yields_[t].size() <= (explorer_.is_at_random() ? most_random_yields : limits_.yields)) return;
  cut_ = true;
  leave(&explorer::cut);
  for (go_on();; fibers_.switch_to(fibers::caller)) answer_ = !repeats(t);
}

/// Returns whether the last round of a thread that was cut would go on as it was: no other thread has written anything
/// newer than what it read.
bool runtime::repeats(unsigned t) const noexcept {
  execution const& g = explorer_.graph();
  std::vector<event_id> const& events = g.of_thread(t);
  for (std::size_t i = yields_[t].size() < 2 ? 0 : yields_[t][yields_[t].size() - 2]; i != events.size(); ++i) {
    event const& e = g[events[i]];
    if (e.what != kind::read) continue;
    std::vector<event_id> const& co = g.writes(e.asked.where);
    for (std::size_t p = static_cast<std::size_t>(g[e.reads].place) + 1; p != co.size(); ++p) {
      if (g[co[p]].thread != t) return false;
    }
  }
  return true;
}

void runtime::wait_for_turn() {
  unsigned const next = next_fiber();
  if (next != fibers_.running()) fibers_.switch_to(next);
  if (++steps_ > most_steps) fail(verdict::livelock, "the run did not end", where::current());
}

void runtime::fail(verdict v, std::string message, where at) {
  if (watched != nullptr) at = watched->stopped(place(), at);
  fail(v, std::move(message) + " (" + text_of(at) + ")");
}

void runtime::leave(void (explorer::*how)(unsigned)) {
  unsigned const t = fibers_.running();
  try {
    (explorer_.*how)(t);
  } catch (not_deterministic const&) {
    give_up(std::current_exception());
  }
}

void runtime::end_run() {
  fibers_.switch_to(fibers::caller);
  std::abort();  // nobody comes back
}

void runtime::give_up(std::exception_ptr why) {
  thrown_ = std::move(why);
  end_run();
}

location_id runtime::new_location() {
  unsigned const by = owner();
  std::vector<location_id>& known = locations_[by];
  if (made_[by] == known.size()) known.push_back(next_location_++);
  return known[made_[by]++];
}

location_id runtime::location_of(void const* key) {
  for (auto const& [known, l] : own_locations_) {
    if (known == key) return l;
  }
  own_locations_.emplace_back(key, next_location_++);
  return own_locations_.back().second;
}

value runtime::newest(location_id l, value initial) const {
  execution const& g = explorer_.graph();
  if (l >= g.locations() || g.writes(l).empty()) return initial;
  return g[g.writes(l).back()].seen;
}

bool runtime::knows_all(location_id l) const noexcept {
  execution const& g = explorer_.graph();
  if (l >= g.locations()) return true;
  auto const known = [&](event const& e) { return knows({e.thread, e.index}); };
  for (event_id const w : g.writes(l)) {
    if (!known(g[w])) return false;
    for (event_id r = g[w].readers; r != no_event; r = g[r].readers) {
      if (!known(g[r])) return false;
    }
  }
  return true;
}

void runtime::fail(verdict v, std::string message) {
  if (!alone()) ended_in_ = fibers_.running();
  outcome_.result = v;
  outcome_.message = std::move(message);
  end_run();
}

void runtime::crash(char const* message) {
  if (phase_ != phase::idle && fibers_.running() != fibers::caller) fail(verdict::crash, message);
}

void* runtime::fresh(std::size_t bytes, std::size_t align) {
  void* const p = arena_.allocate(owner(), bytes, align);
  if (p == nullptr) throw std::bad_alloc();
  return p;
}

/// Lets the exploration choose whether an allocation gets memory that was freed. Returns it, or null.
void* runtime::given_again(std::size_t bytes, std::size_t align) {
  wait_for_turn();
  position const at = here();
  offer const others{freed_.offer(bytes, align, [this](position p) { return knows(p); })};
  value const chosen = perform({.what = operation::allocate, .operand = bytes, .expected = align}, others);
  if (chosen == 0) return nullptr;
  freed_block const* const b = freed_.take(chosen, bytes, at);
  if (b == nullptr) {
    give_up(explorer_.is_rebuilding() ? std::make_exception_ptr(does_not_fit())
                                      : std::make_exception_ptr(undecided("memory is given again that is not free")));
  }
  void* const p = reinterpret_cast<void*>(static_cast<std::uintptr_t>(b->at));
  arena_.allocate_again(p);
  return p;
}

void* runtime::allocate(std::size_t bytes, std::size_t align, where at) {
  void* p = limits_.reuse && !alone() ? given_again(bytes, align) : nullptr;
  if (p == nullptr) p = fresh(bytes, align);
  if (watched != nullptr) {
    note({.what = verify::action::allocate, .object = p, .after = show(bytes)}, at);
    if (watched->takes_notes) watched->steps.make(p);
  }
  return p;
}

void runtime::deallocate(void* p, std::size_t bytes, where at) {
  if (watched != nullptr) note({.what = verify::action::deallocate, .object = p}, at);
  if (limits_.reuse) check_owner(p, at);
  switch (arena_.deallocate(p, bytes)) {
    case arena::freed::yes: break;
    case arena::freed::twice: fail(verdict::double_free, "memory is freed twice", at);
    case arena::freed::unknown: fail(verdict::double_free, "memory is freed that was never allocated", at);
    case arena::freed::other_size:
      fail(verdict::double_free, "memory is freed as " + std::to_string(bytes) + " bytes, and has another size", at);
  }
  // What a shared object frees while it is made belongs to no place in a thread.
  bool const has_place = phase_ == phase::constructing || phase_ == phase::threads;
  if (limits_.reuse && has_place && !making_shared_)
    freed_.add(static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(p)), bytes, here());
}

/// Ends the search where memory is freed that was given again, and the thread does not know to which allocation.
void runtime::check_owner(void const* p, where at) {
  freed_block const* const b = freed_.last_at(static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(p)));
  if (b != nullptr && !alone() && !knows(b->made))
    fail(verdict::double_free, "memory is freed twice: it was freed before, and another thread has it again", at);
}

bool runtime::was_freed_unseen(void const* p) const noexcept {
  freed_block const* const b = freed_.last_at(static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(p)));
  return b != nullptr && !knows(b->freed);
}

void* runtime::local(void const* key, std::size_t bytes, std::size_t align, void (*make)(void*),
                     void (*destroy)(void*)) {
  std::vector<object>& mine = locals_[prepared_ != no_thread ? prepared_ : fibers_.running()];
  for (object const& o : mine) {
    if (o.key == key) return o.memory;
  }
  void* const p = fresh(bytes, align);
  make(p);
  mine.push_back({key, p, bytes, destroy});
  return p;
}

void runtime::destroy_locals(unsigned t) {
  std::vector<object>& mine = locals_[t];
  while (!mine.empty()) {
    object const o = mine.back();
    mine.pop_back();
    o.destroy(o.memory);
    arena_.deallocate(o.memory, o.bytes);
  }
}

void* runtime::shared(void const* key, std::size_t bytes, std::size_t align, void (*make)(void*),
                      void (*destroy)(void*), void (*each_thread)(void*)) {
  for (object const& o : shared_) {
    if (o.key == key) return o.memory;
  }
  auto at = std::find(shared_keys_.begin(), shared_keys_.end(), key);
  if (at == shared_keys_.end()) at = shared_keys_.insert(at, key);
  bool const was_making = std::exchange(making_shared_, true);
  auto const number = static_cast<unsigned>(at - shared_keys_.begin());
  unsigned const was_owner = std::exchange(shared_owner_, first_shared + number);
  void* const p = fresh(bytes, align);
  make(p);
  shared_.push_back({key, p, bytes, destroy});
  if (each_thread != nullptr) {
    for (prepared_ = 0; prepared_ != model_.threads; ++prepared_) each_thread(p);
    prepared_ = no_thread;
  }
  making_shared_ = was_making;
  shared_owner_ = was_owner;
  return p;
}

}  // namespace surewake::verify::graph
