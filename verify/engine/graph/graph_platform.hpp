// surewake/verify/engine/graph/graph_platform.hpp: the platform on which models run along execution graphs.
//
// What each name means: core/platform/platform.hpp; how it is checked: runtime.hpp. Waiting is reading:
//   await        one read. A value that does not satisfy blocks the thread.
//   mutex        a location, 0 free, otherwise the number of its holder. lock() is a compare-exchange that waits for 0.
//   futex        a lock for each address, and the threads that sleep there (futexes.hpp).
//   light_fence  a seq_cst fence that S orders with heavy fences only, and no acquire or release fence.
//   yield        ends a round of a loop, whose number in a run is bounded (runtime.hpp, I4).
//   compare_exchange_weak  fails without a reason where it could succeed, but rarely (search_limits::rare).
#pragma once

#include <surewake/core/platform/platform.hpp>
#include <surewake/verify/engine/graph/runtime.hpp>

#include <chrono>
#include <cstring>
#include <memory>
#include <type_traits>

namespace surewake::verify::graph {

[[nodiscard]] inline bool is_alone() noexcept { return active == nullptr || active->alone(); }

/// Says what the running thread is about to do with an object (watch.hpp).
inline void tell(verify::action what, void const* object, watch::words text, where at) {
  if (watched != nullptr && !is_alone()) [[unlikely]]
    watched->announce(active->running(), what, object, text, at);
}
inline void note(step_info const& s, where at) {
  if (watched != nullptr) [[unlikely]]
    active->note(s, at);
}
/// Says that an object is made here, so that names of what was here before are no longer its own.
inline void is_made(void const* object) {
  if (watched != nullptr) [[unlikely]]
    watched->steps.make(object);
}
inline void is_named(void const* object, std::size_t bytes, char const* name, value_text text) {
  if (watched != nullptr) [[unlikely]]
    watched->steps.name(object, bytes, name, text);
}

/// Shows that an object is no longer there. The writes are volatile: they must survive in objects about to be freed.
class lifetime {
 public:
  lifetime() noexcept : made_(active != nullptr ? active->here() : runtime::position{}) { mark() = living; }
  ~lifetime() { mark() = 0; }
  lifetime(lifetime const&) = delete;
  lifetime& operator=(lifetime const&) = delete;
  /// Ends the search where the object is gone, or the thread does not know that it was made.
  void check(where at) const {
    if (mark() != living) [[unlikely]]
      active->fail(verdict::use_after_free, "an object is used after its end", at);
    if (!active->knows(made_)) [[unlikely]]
      active->fail(verdict::data_race, "an object is used by a thread that does not know that it was made", at);
  }

 private:
  static constexpr std::uint32_t living = 0x51A11ED5;
  [[nodiscard]] std::uint32_t volatile& mark() const noexcept { return const_cast<std::uint32_t volatile&>(mark_); }
  std::uint32_t mark_;
  runtime::position made_;
};

/// A location. Its own value counts while something runs alone.
class cell {
 public:
  cell(value v, std::uint8_t bytes) noexcept : bytes_(bytes), value_(v) {
    if (active == nullptr) return;
    id_ = active->new_location();
    active->set_initial(id_, v);
  }
  ~cell() {
    if (!is_alone() && !active->knows_all(id_))
      active->fail(verdict::use_after_free, "an object ends while another thread uses it", where::current());
  }
  cell(cell const&) = delete;
  cell& operator=(cell const&) = delete;

  [[nodiscard]] value load(order o, where at) const {
    if (is_alone()) return own();
    enter(at);
    return active->perform(ask(operation::load, o));
  }
  template <class Wanted> [[nodiscard]] value await(order o, Wanted wanted, where at) const {
    if (is_alone()) return own();
    enter(at);
    return active->await(ask(operation::load, o), wanted);
  }
  /// Sleeps while the value is as expected; `address` is that of the futex.
  bool sleep(void const* address, value expected, futexes::time_point const* deadline, where at) const {
    if (is_alone()) return true;
    enter(at);
    return active->sleepers().wait(address, ask(operation::load, order::relaxed), expected, deadline, at);
  }
  /// Returns whether a compare-exchange that could succeed does not.
  [[nodiscard]] bool fails_spuriously(value expected, order failure, where at) const {
    if (is_alone() || !active->has_rare()) return false;
    enter(at);
    if (active->choose(2, true) == 0) return false;
    auto const wanted = [expected](value v) { return v == expected; };
    active->wait_for_turn();
    if (!wanted(active->perform(ask(operation::load, failure), wanted))) active->drop();
    return true;
  }
  void store(value v, order o, where at) {
    if (is_alone()) return set_own(v);
    enter(at);
    request r = ask(operation::store, o);
    r.operand = v;
    active->perform(r);
  }
  value modify(operation what, value operand, order o, where at) {
    request r = ask(what, o);
    r.operand = operand;
    if (is_alone()) return modify_own(r);
    enter(at);
    return active->perform(r);
  }
  value compare_exchange(value expected, value desired, order success, order failure, where at) {
    request const r = ask_exchange(expected, desired, success, failure);
    if (is_alone()) return modify_own(r);
    enter(at);
    return active->perform(r);
  }
  /// Waits until the compare-exchange, whose failures order nothing, succeeds.
  void await_exchange(value expected, value desired, order o, where at) {
    request const r = ask_exchange(expected, desired, o, order::relaxed);
    if (is_alone()) return static_cast<void>(modify_own(r));
    enter(at);
    active->await(r, [expected](value v) { return v == expected; });
  }

 private:
  void enter(where at) const {
    active->wait_for_turn();
    life_.check(at);
  }
  [[nodiscard]] request ask(operation what, order o) const noexcept {
    return {.what = what, .with = o, .bytes = bytes_, .where = id_};
  }
  [[nodiscard]] request ask_exchange(value expected, value desired, order o, order failure) const noexcept {
    request r = ask(operation::compare_exchange, o);
    r.failure = failure;
    r.expected = expected;
    r.operand = desired;
    return r;
  }
  [[nodiscard]] value own() const {
    if (active != nullptr && active->ending() && fetched_ != active->run()) {
      value_ = active->newest(id_, value_);
      fetched_ = active->run();
    }
    return value_;
  }
  void set_own(value v) {
    static_cast<void>(own());
    value_ = v;
    if (active != nullptr && !active->ending()) active->set_initial(id_, v);
  }
  value modify_own(request const& r) {
    value const seen = own();
    if (stores(r, seen)) set_own(stored(r, seen));
    return seen;
  }

  location_id id_ = 0;
  std::uint8_t bytes_;
  mutable unsigned fetched_ = 0;
  mutable value value_;
  lifetime life_{};
};

template <class T> class atomic {
  static_assert(std::is_trivially_copyable_v<T> && sizeof(T) <= sizeof(value), "an atomic's value is kept in 64 bits");

 public:
  atomic(T v = T{}) noexcept : cell_(bits(v), sizeof(T)) { is_made(this); }

  [[nodiscard]] T load(order o, where at = where::current()) const noexcept {
    tell(verify::action::load, this, in_words, at);
    return of(cell_.load(o, at));
  }
  void store(T v, order o, where at = where::current()) noexcept {
    tell(verify::action::store, this, in_words, at);
    cell_.store(bits(v), o, at);
  }
  T exchange(T v, order o, where at = where::current()) noexcept {
    return modify(operation::exchange, verify::action::exchange, v, o, at);
  }
  T fetch_add(T v, order o, where at = where::current()) noexcept requires std::is_integral_v<T> {
    return modify(operation::add, verify::action::fetch_add, v, o, at);
  }
  T fetch_sub(T v, order o, where at = where::current()) noexcept requires std::is_integral_v<T> {
    return modify(operation::sub, verify::action::fetch_sub, v, o, at);
  }
  T fetch_and(T v, order o, where at = where::current()) noexcept requires std::is_integral_v<T> {
    return modify(operation::bit_and, verify::action::fetch_and, v, o, at);
  }
  T fetch_or(T v, order o, where at = where::current()) noexcept requires std::is_integral_v<T> {
    return modify(operation::bit_or, verify::action::fetch_or, v, o, at);
  }
  bool compare_exchange_strong(T& expected, T desired, order success, order failure,
                               where at = where::current()) noexcept {
    value const wanted = bits(expected);
    tell(verify::action::compare_exchange, this, in_words, at);
    value const seen = cell_.compare_exchange(wanted, bits(desired), success, failure, at);
    if (seen != wanted) expected = of(seen);
    return seen == wanted;
  }
  bool compare_exchange_weak(T& expected, T desired, order success, order failure,
                             where at = where::current()) noexcept {
    tell(verify::action::compare_exchange, this, in_words, at);
    if (cell_.fails_spuriously(bits(expected), failure, at)) return false;
    return compare_exchange_strong(expected, desired, success, failure, at);
  }
  template <class Pred> T await(Pred pred, order o, where at) const noexcept {
    tell(verify::action::await, this, in_words, at);
    return of(cell_.await(o, [pred](value v) { return static_cast<bool>(pred(of(v))); }, at));
  }
  bool sleep(T expected, futexes::time_point const* deadline, where at) const noexcept {
    return cell_.sleep(this, bits(expected), deadline, at);
  }

 private:
  [[nodiscard]] static value bits(T const& v) noexcept {
    value result = 0;
    std::memcpy(&result, &v, sizeof(T));
    return result;
  }
  [[nodiscard]] static T of(value v) noexcept {
    T result;
    std::memcpy(&result, &v, sizeof(T));
    return result;
  }
  [[nodiscard]] static shown in_words(value v) { return show(of(v)); }
  T modify(operation what, verify::action shown_as, T v, order o, where at) noexcept {
    tell(shown_as, this, in_words, at);
    return of(cell_.modify(what, bits(v), o, at));
  }

  cell cell_;
};

/// The accesses to one plain object.
class accesses {
 public:
  explicit accesses(bool written) noexcept : written_(written) { last_ = here(); }
  ~accesses() {
    if (is_alone()) return;
    if (!active->knows(last_) || !knows_reads())
      active->fail(verdict::use_after_free, "plain data ends while another thread uses it", where::current());
  }
  accesses(accesses const&) = delete;
  accesses& operator=(accesses const&) = delete;
  void read(where at) const {
    if (is_alone()) return;
    life_.check(at);
    if (!active->knows(last_)) active->fail(verdict::data_race, "a read races with a write", at);
    if (!written_) active->fail(verdict::uninitialised, "plain data is read before it is written", at);
    runtime::position const p = active->here();
    reads_.raise(p.thread, p.events + 1U);
  }
  void write(where at) {
    written_ = true;
    if (is_alone()) return;
    life_.check(at);
    if (!active->knows(last_)) active->fail(verdict::data_race, "a write races with a write", at);
    if (!knows_reads()) active->fail(verdict::data_race, "a write races with a read", at);
    last_ = active->here();
  }

 private:
  [[nodiscard]] static runtime::position here() noexcept {
    return active != nullptr ? active->here() : runtime::position{};
  }
  [[nodiscard]] bool knows_reads() const noexcept { return active->knows(reads_); }

  bool written_;
  runtime::position last_{};
  mutable clock reads_{};
  lifetime life_{};
};

template <class T> class plain {
 public:
  plain() noexcept : accesses_(false), value_{} { is_made(this); }
  plain(T v) noexcept : accesses_(true), value_(std::move(v)) { is_made(this); }
  [[nodiscard]] T get(where at = where::current()) const noexcept {
    note({.what = verify::action::get, .object = this, .before = show(value_)}, at);
    accesses_.read(at);
    return value_;
  }
  void set(T v, where at = where::current()) noexcept {
    note({.what = verify::action::set, .object = this, .after = show(v)}, at);
    accesses_.write(at);
    value_ = std::move(v);
  }

 private:
  accesses accesses_;
  T value_;
};

/// A point of the execution, for laws (models/fixture/law.hpp).
class moment {
 public:
  moment() noexcept : at_(active != nullptr ? active->here() : runtime::position{}) {}
  /// Returns whether this happens before the present.
  [[nodiscard]] bool is_past() const noexcept { return is_alone() || active->knows(at_); }

 private:
  runtime::position at_;
};

class mutex {
 public:
  using where = graph::where;  // a guard says where it is (core/platform/lock_hold.hpp)
  mutex() noexcept { is_made(this); }
  ~mutex() {
    if (active != nullptr && holder_ != nobody)
      active->fail(verdict::mutex_misuse, "a mutex ends while it is held", where::current());
  }
  mutex(mutex const&) = delete;
  mutex& operator=(mutex const&) = delete;
  void lock(where at = where::current()) noexcept {
    tell(verify::action::lock, this, nullptr, at);
    begin(at);
    cell_.await_exchange(0, me() + 1, order::acquire, at);
    holder_ = me();
  }
  [[nodiscard]] bool try_lock(where at = where::current()) noexcept {
    tell(verify::action::try_lock, this, nullptr, at);
    begin(at);
    if (cell_.compare_exchange(0, me() + 1, order::acquire, order::relaxed, at) != 0) return false;
    holder_ = me();
    return true;
  }
  void unlock(where at = where::current()) noexcept {
    tell(verify::action::unlock, this, nullptr, at);
    if (holder_ != me())
      active->fail(verdict::mutex_misuse, "a mutex is unlocked by a thread that does not hold it", at);
    holder_ = nobody;
    cell_.store(0, order::release, at);
  }

 private:
  static constexpr unsigned nobody = fibers::caller + 1;
  [[nodiscard]] static unsigned me() noexcept { return active != nullptr ? active->running() : fibers::caller; }
  void begin(where at) const noexcept {
    if (holder_ == me()) active->fail(verdict::mutex_misuse, "a mutex is locked twice by one thread", at);
  }

  cell cell_{0, 4};
  unsigned holder_ = nobody;  // a run takes and gives back in modification order, so this is what its holder has left
};

}  // namespace surewake::verify::graph

namespace surewake::verify {

struct graph_platform {
  using order = graph::order;
  using where = graph::where;
  static constexpr order relaxed = order::relaxed;
  static constexpr order acquire = order::acquire;
  static constexpr order release = order::release;
  static constexpr order acq_rel = order::acq_rel;
  static constexpr order seq_cst = order::seq_cst;

  template <class T> using atomic = graph::atomic<T>;
  template <class T> using plain = graph::plain<T>;
  using mutex = graph::mutex;
  using moment = graph::moment;

  static void fence(order o, where at = where::current()) noexcept {
    if (graph::is_alone()) return;
    graph::tell(verify::action::fence, nullptr, nullptr, at);
    graph::active->act({.what = graph::operation::fence, .with = o});
  }
  static void light_fence(order o = seq_cst, where at = where::current()) noexcept {
    if (graph::is_alone()) return;
    graph::tell(verify::action::light_fence, nullptr, nullptr, at);
    graph::active->act({.what = graph::operation::fence, .with = o, .with_fences = graph::reach::light});
  }
  static void heavy_fence(order o = seq_cst, where at = where::current()) noexcept {
    if (graph::is_alone()) return;
    graph::tell(verify::action::heavy_fence, nullptr, nullptr, at);
    graph::active->act({.what = graph::operation::fence, .with = o, .with_fences = graph::reach::heavy});
  }

  using clock = std::chrono::steady_clock;  // its type only
  [[nodiscard]] static clock::time_point now() noexcept {
    return graph::is_alone() ? clock::time_point{} : graph::active->sleepers().now();
  }
  static void futex_wait(atomic<std::uint32_t> const& word, std::uint32_t expected,
                         where at = where::current()) noexcept {
    word.sleep(expected, nullptr, at);
  }
  static bool futex_wait_until(atomic<std::uint32_t> const& word, std::uint32_t expected, clock::time_point deadline,
                               where at = where::current()) noexcept {
    return word.sleep(expected, &deadline, at);
  }
  static void futex_wake(atomic<std::uint32_t> const* word, int n, where at = where::current()) noexcept {
    if (!graph::is_alone()) graph::active->sleepers().wake(word, n, at);
  }

  template <class T, class Pred>
  static bool spin(atomic<T> const&, Pred, order, std::chrono::nanoseconds) noexcept {
    return false;
  }
  template <class T, class Pred>
  static T await(atomic<T> const& word, Pred pred, order o, where at = where::current()) noexcept {
    return word.await(pred, o, at);
  }
  static void yield(where at = where::current()) noexcept {
    if (graph::active != nullptr) graph::active->yield(at);
  }
  template <class T> static void backoff(atomic<T> const&, std::size_t) noexcept {}

  [[nodiscard]] static void* allocate(std::size_t bytes, std::size_t align, where at = where::current()) {
    return graph::active->allocate(bytes, align, at);
  }
  static void deallocate(void* p, std::size_t bytes, std::size_t, where at = where::current()) noexcept {
    graph::active->deallocate(p, bytes, at);
  }
  template <class T> [[nodiscard]] static T& local() {
    static constexpr char key = 0;  // its address identifies T
    return *static_cast<T*>(graph::active->local(&key, sizeof(T), alignof(T), make<T>, destroy<T>));
  }
  template <class T> [[nodiscard]] static T& shared() {
    static constexpr char key = 0;  // its address identifies T
    return *static_cast<T*>(graph::active->shared(&key, sizeof(T), alignof(T), make<T>, destroy<T>));
  }
  static constexpr std::size_t scaled(std::size_t, std::size_t few) noexcept { return few; }
  static void within(std::uint64_t i, std::uint64_t n, where at = where::current()) noexcept {
    if (i >= n) [[unlikely]]
      graph::active->fail(verdict::out_of_range, "element " + std::to_string(i) + " of " + std::to_string(n), at);
  }
  template <class Object> static void shown_as(Object const& object, char const* name) noexcept {
    graph::is_named(&object, sizeof object, name, nullptr);
  }
  template <class T, class Text> static void shown_as(atomic<T> const& object, char const* name, Text) noexcept {
    graph::is_named(&object, sizeof object, name, text_of<T, Text>());
  }
  template <class T, class Text> static void shown_as(plain<T> const& object, char const* name, Text) noexcept {
    graph::is_named(&object, sizeof object, name, text_of<T, Text>());
  }
  /// Returns what puts a value into words, as `Text` does.
  template <class T, class Text> [[nodiscard]] static value_text text_of() noexcept {
    static_assert(has_bits<T>, "a trace keeps 64 bits of a value");
    return [](std::int64_t bits) -> std::string { return Text{}(from_bits<T>(bits)); };
  }

  [[noreturn]] static void broken(char const* law, where at = where::current()) noexcept {
    graph::note({.what = verify::action::broken}, at);
    graph::active->fail(verdict::broken_law, law, at);
  }

 private:
  template <class T> static void make(void* p) { std::construct_at(static_cast<T*>(p)); }
  template <class T> static void destroy(void* p) { std::destroy_at(static_cast<T*>(p)); }
};

static_assert(platform<graph_platform>);

}  // namespace surewake::verify
