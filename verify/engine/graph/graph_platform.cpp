#include <surewake/verify/engine/graph/graph_platform.hpp>
#include <surewake/verify/engine/graph/runtime.hpp>

namespace surewake::verify::graph {

namespace {

constexpr unsigned nobody = fibers::caller + 1;

[[nodiscard]] position here() noexcept { return active != nullptr ? active->here() : position{}; }
/// Returns what the running thread asks for, with the order that a watch has for what was announced.
[[nodiscard]] request as_watched(request const& r) noexcept {
  return watched == nullptr ? r : watched->changed(active->running(), r);
}
[[nodiscard]] unsigned me() noexcept { return active != nullptr ? active->running() : fibers::caller; }

/// Returns whether what runs now is no thread of a model, and counts its steps.
[[nodiscard]] bool steps_alone(where at) {
  if (!is_alone()) return false;
  if (active != nullptr) active->count_alone(at);
  return true;
}
/// Ends the search where what runs alone waits for what nothing else will do.
void sleep_alone(where at) {
  if (active == nullptr) return;
  active->fail(verdict::deadlock, "the model's constructor, after() or destructor would sleep for ever", at);
}

}  // namespace

bool is_alone() noexcept { return active == nullptr || active->alone(); }
void fail(verdict v, std::string message, where at) { active->fail(v, std::move(message), at); }

namespace detail {

void announce(verify::action what, void const* object, words text, where at) {
  if (!is_alone()) watched->announce(active->running(), what, object, text, at);
}
void note(step_info const& s, where at) { active->note(s, at); }
void is_made(void const* object) {
  if (watched->takes_notes) watched->steps.make(object);
}
void is_named(void const* object, std::size_t bytes, char const* name, value_text text) {
  if (watched->takes_notes) watched->steps.name(object, bytes, name, text);
}
void act(request const& r) { active->act(as_watched(r)); }

}  // namespace detail

lifetime::lifetime() noexcept : made_(here()) { mark() = living; }
void lifetime::check(where at) const {
  if (mark() != living) [[unlikely]]
    active->fail(verdict::use_after_free, "an object is used after its end", at);
  if (active->knows(made_)) [[likely]] return;
  if (active->was_freed_unseen(this))
    active->fail(verdict::use_after_free, "an object is used after its end, and another one has its memory by now", at);
  active->fail(verdict::data_race, "an object is used by a thread that does not know that it was made", at);
}

cell::cell(value v, std::uint8_t bytes) noexcept : bytes_(bytes), value_(v) {
  if (active == nullptr) return;
  id_ = active->new_location();
  active->set_initial(id_, v);
}
cell::~cell() {
  if (!is_alone() && !active->knows_all(id_))
    active->fail(verdict::use_after_free, "an object ends while another thread uses it", where::current());
}
void cell::enter(where at) const {
  active->wait_for_turn();
  life_.check(at);
}
request cell::ask(operation what, order o) const noexcept {
  return {.what = what, .with = o, .bytes = bytes_, .where = id_};
}
request cell::ask_exchange(value expected, value desired, order o, order failure) const noexcept {
  request r = ask(operation::compare_exchange, o);
  r.failure = failure;
  r.expected = expected;
  r.operand = desired;
  return r;
}
value cell::load(order o, where at) const {
  if (steps_alone(at)) return own();
  enter(at);
  return active->perform(as_watched(ask(operation::load, o)));
}
value cell::await(order o, condition const& wanted, where at) const {
  if (steps_alone(at)) {
    if (!wanted(own())) sleep_alone(at);
    return own();
  }
  enter(at);
  return active->await(as_watched(ask(operation::load, o)), wanted);
}
bool cell::sleep(void const* address, value expected, std::chrono::steady_clock::time_point const* deadline,
                 where at) const {
  if (steps_alone(at)) {
    if (deadline == nullptr && own() == expected) sleep_alone(at);
    return deadline == nullptr;
  }
  enter(at);
  return active->sleepers().wait(address, ask(operation::load, order::relaxed), expected, deadline, at);
}
bool cell::fails_spuriously(value expected, order failure, where at) const {
  if (is_alone() || !active->has_rare()) return false;
  enter(at);
  if (active->choose(2, true) == 0) return false;
  auto const as_expected = [expected](value v) { return v == expected; };
  active->wait_for_turn();
  if (!as_expected(active->perform(as_watched(ask(operation::load, failure)), as_expected))) active->drop();
  return true;
}
void cell::store(value v, order o, where at) {
  if (steps_alone(at)) return set_own(v);
  enter(at);
  request r = ask(operation::store, o);
  r.operand = v;
  active->perform(as_watched(r));
}
value cell::modify(operation what, value operand, order o, where at) {
  bool const alone = steps_alone(at);
  if (!alone) enter(at);  // before the object is looked at, which may be another one by then
  request r = ask(what, o);
  r.operand = operand;
  return alone ? modify_own(r) : active->perform(as_watched(r));
}
value cell::compare_exchange(value expected, value desired, order success, order failure, where at) {
  bool const alone = steps_alone(at);
  if (!alone) enter(at);
  request const r = ask_exchange(expected, desired, success, failure);
  return alone ? modify_own(r) : active->perform(as_watched(r));
}
void cell::await_exchange(value expected, value desired, order o, where at) {
  bool const alone = steps_alone(at);
  if (!alone) enter(at);
  request const r = ask_exchange(expected, desired, o, order::relaxed);
  if (alone) {
    if (modify_own(r) != expected) sleep_alone(at);
    return;
  }
  active->await(r, [expected](value v) { return v == expected; });
}
value cell::own() const {
  if (active != nullptr && active->ending() && fetched_ != active->run()) {
    value_ = active->newest(id_, value_);
    fetched_ = active->run();
  }
  return value_;
}
void cell::set_own(value v) {
  static_cast<void>(own());
  value_ = v;
  if (active != nullptr && !active->ending()) active->set_initial(id_, v);
}
value cell::modify_own(request const& r) {
  value const seen = own();
  if (stores(r, seen)) set_own(stored(r, seen));
  return seen;
}

accesses::accesses(bool written) noexcept : written_(written), last_(here()) {}
accesses::~accesses() {
  if (is_alone()) return;
  if (!active->knows(last_) || !active->knows(reads_))
    active->fail(verdict::use_after_free, "plain data ends while another thread uses it", where::current());
}
void accesses::read(where at) const {
  if (is_alone()) return;
  life_.check(at);
  if (!active->knows(last_)) active->fail(verdict::data_race, "a read races with a write", at);
  if (!written_) active->fail(verdict::uninitialised, "plain data is read before it is written", at);
  position const p = active->here();
  reads_.raise(p.thread, p.events + 1U);
}
void accesses::write(where at) {
  written_ = true;
  if (is_alone()) return;
  life_.check(at);
  if (!active->knows(last_)) active->fail(verdict::data_race, "a write races with a write", at);
  if (!active->knows(reads_)) active->fail(verdict::data_race, "a write races with a read", at);
  last_ = active->here();
}

moment::moment() noexcept : at_(here()) {}
bool moment::is_past() const noexcept { return is_alone() || active->knows(at_); }

mutex::mutex() noexcept : holder_(nobody) { is_made(this); }
mutex::~mutex() {
  if (active != nullptr && holder_ != nobody)
    active->fail(verdict::mutex_misuse, "a mutex ends while it is held", where::current());
}
void mutex::begin(where at) const noexcept {
  if (holder_ == me()) active->fail(verdict::mutex_misuse, "a mutex is locked twice by one thread", at);
}
void mutex::lock(where at) noexcept {
  tell(verify::action::lock, this, nullptr, at);
  begin(at);
  cell_.await_exchange(0, me() + 1, order::acquire, at);
  holder_ = me();
}
bool mutex::try_lock(where at) noexcept {
  tell(verify::action::try_lock, this, nullptr, at);
  begin(at);
  if (cell_.compare_exchange(0, me() + 1, order::acquire, order::relaxed, at) != 0) return false;
  holder_ = me();
  return true;
}
void mutex::unlock(where at) noexcept {
  tell(verify::action::unlock, this, nullptr, at);
  if (holder_ != me())
    active->fail(verdict::mutex_misuse, "a mutex is unlocked by a thread that does not hold it", at);
  holder_ = nobody;
  cell_.store(0, order::release, at);
}

}  // namespace surewake::verify::graph

namespace surewake::verify {

graph_platform::clock::time_point graph_platform::now() noexcept {
  return graph::is_alone() ? clock::time_point{} : graph::active->sleepers().now();
}
void graph_platform::futex_wake(atomic<std::uint32_t> const* word, int n, where at) noexcept {
  if (!graph::is_alone()) graph::active->sleepers().wake(word, n, at);
}
void graph_platform::yield(where at) noexcept {
  if (graph::active != nullptr) graph::active->yield(at);
}
void* graph_platform::allocate(std::size_t bytes, std::size_t align, where at) {
  return graph::active->allocate(bytes, align, at);
}
void graph_platform::deallocate(void* p, std::size_t bytes, std::size_t, where at) noexcept {
  graph::active->deallocate(p, bytes, at);
}
void* graph_platform::local(void const* key, std::size_t bytes, std::size_t align, void (*make)(void*),
                            void (*destroy)(void*)) {
  return graph::active->local(key, bytes, align, make, destroy);
}
void* graph_platform::shared(void const* key, std::size_t bytes, std::size_t align, void (*make)(void*),
                             void (*destroy)(void*), void (*each_thread)(void*)) {
  return graph::active->shared(key, bytes, align, make, destroy, each_thread);
}

}  // namespace surewake::verify
