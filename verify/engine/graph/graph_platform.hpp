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
#include <surewake/verify/engine/graph/active.hpp>
#include <surewake/verify/engine/graph/event.hpp>
#include <surewake/verify/engine/graph/wide.hpp>
#include <surewake/verify/engine/model.hpp>
#include <surewake/verify/engine/recording.hpp>

#include <chrono>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

namespace surewake::verify::graph {

// What follows is in graph_platform.cpp, so that models do not depend on how the engine works.

/// Returns whether what runs now is no thread of a model.
[[nodiscard]] bool is_alone() noexcept;
/// Ends the search with a finding of the running thread.
[[noreturn]] void fail(verdict v, std::string message, where at);

namespace detail {

using words = shown (*)(value);
void announce(verify::action what, void const* object, words text, where at);
void note(step_info const& s, where at);
void is_made(void const* object);
void is_named(void const* object, std::size_t bytes, char const* name, value_text text);
void act(request const& r);

}  // namespace detail

/// Says what the running thread is about to do with an object (watch.hpp).
inline void tell(verify::action what, void const* object, detail::words text, where at) {
  if (watched != nullptr) [[unlikely]] detail::announce(what, object, text, at);
}
inline void note(step_info const& s, where at) {
  if (watched != nullptr) [[unlikely]] detail::note(s, at);
}
/// Says that an object is made here, so that names of what was here before are no longer its own.
inline void is_made(void const* object) {
  if (watched != nullptr) [[unlikely]] detail::is_made(object);
}
inline void is_named(void const* object, std::size_t bytes, char const* name, value_text text) {
  if (watched != nullptr) [[unlikely]] detail::is_named(object, bytes, name, text);
}

/// A condition on a value; of whatever type it is while the reference lives.
class condition {
 public:
  template <class Test> explicit condition(Test const& test) noexcept
      : test_(&test), call_([](void const* t, value v) { return (*static_cast<Test const*>(t))(v); }) {}
  bool operator()(value v) const { return call_(test_, v); }

 private:
  void const* test_;
  bool (*call_)(void const*, value);
};

/// Shows that an object is no longer there. The writes are volatile: they must survive in objects about to be freed.
class lifetime {
 public:
  lifetime() noexcept;
  ~lifetime() { mark() = 0; }
  lifetime(lifetime const&) = delete;
  lifetime& operator=(lifetime const&) = delete;
  /// Ends the search where the object is gone, or the thread does not know that it was made.
  void check(where at) const;

 private:
  static constexpr std::uint32_t living = 0x51A11ED5;
  [[nodiscard]] std::uint32_t volatile& mark() const noexcept { return const_cast<std::uint32_t volatile&>(mark_); }
  std::uint32_t mark_;
  position made_;
};

/// A location. Its own value counts while something runs alone.
class cell {
 public:
  cell(value v, std::uint8_t bytes) noexcept;
  ~cell();
  cell(cell const&) = delete;
  cell& operator=(cell const&) = delete;

  [[nodiscard]] value load(order o, where at) const;
  [[nodiscard]] value await(order o, condition const& wanted, where at) const;
  /// Sleeps while the value is as expected; `address` is that of the futex. Returns false where the deadline, if there
  /// is one, has passed.
  bool sleep(void const* address, value expected, std::chrono::steady_clock::time_point const* deadline,
             where at) const;
  /// Returns whether a compare-exchange that could succeed does not.
  [[nodiscard]] bool fails_spuriously(value expected, order failure, where at) const;
  void store(value v, order o, where at);
  value modify(operation what, value operand, order o, where at);
  value compare_exchange(value expected, value desired, order success, order failure, where at);
  /// Waits until the compare-exchange, whose failures order nothing, succeeds.
  void await_exchange(value expected, value desired, order o, where at);

 private:
  void enter(where at) const;
  [[nodiscard]] request ask(operation what, order o) const noexcept;
  [[nodiscard]] request ask_exchange(value expected, value desired, order o, order failure) const noexcept;
  [[nodiscard]] value own() const;
  void set_own(value v);
  value modify_own(request const& r);

  location_id id_ = 0;
  std::uint8_t bytes_;
  mutable unsigned fetched_ = 0;
  mutable value value_;
  lifetime life_{};
};

template <class T> class atomic {
  static_assert(std::is_trivially_copyable_v<T>, "an atomic's value is copied by bytes");
  static_assert(sizeof(T) <= sizeof(wide), "an atomic has at most 16 bytes");

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
    auto const test = [&pred](value v) { return static_cast<bool>(pred(of(v))); };
    return of(cell_.await(o, graph::condition(test), at));
  }
  bool sleep(T expected, std::chrono::steady_clock::time_point const* deadline, where at) const noexcept {
    return cell_.sleep(this, bits(expected), deadline, at);
  }

 private:
  [[nodiscard]] static value bits(T const& v) noexcept { return to_value(v); }
  [[nodiscard]] static T of(value v) noexcept { return from_value<T>(v); }
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
  explicit accesses(bool written) noexcept;
  ~accesses();
  accesses(accesses const&) = delete;
  accesses& operator=(accesses const&) = delete;
  void read(where at) const;
  void write(where at);

 private:
  bool written_;
  position last_{};
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
  moment() noexcept;
  /// Returns whether this happens before the present.
  [[nodiscard]] bool is_past() const noexcept;

 private:
  position at_;
};

class mutex {
 public:
  using where = graph::where;  // a guard says where it is (core/platform/lock_hold.hpp)
  mutex() noexcept;
  ~mutex();
  mutex(mutex const&) = delete;
  mutex& operator=(mutex const&) = delete;
  void lock(where at = where::current()) noexcept;
  [[nodiscard]] bool try_lock(where at = where::current()) noexcept;
  void unlock(where at = where::current()) noexcept;

 private:
  void begin(where at) const noexcept;

  cell cell_{0, 4};
  unsigned holder_;  // a run takes and gives back in modification order, so this is what its holder has left
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
    graph::detail::act({.what = graph::operation::fence, .with = o});
  }
  static void light_fence(order o = seq_cst, where at = where::current()) noexcept {
    if (graph::is_alone()) return;
    graph::tell(verify::action::light_fence, nullptr, nullptr, at);
    graph::detail::act({.what = graph::operation::fence, .with = o, .with_fences = graph::reach::light});
  }
  static void heavy_fence(order o = seq_cst, where at = where::current()) noexcept {
    if (graph::is_alone()) return;
    graph::tell(verify::action::heavy_fence, nullptr, nullptr, at);
    graph::detail::act({.what = graph::operation::fence, .with = o, .with_fences = graph::reach::heavy});
  }

  using clock = std::chrono::steady_clock;  // its type only
  [[nodiscard]] static clock::time_point now() noexcept;
  static void futex_wait(atomic<std::uint32_t> const& word, std::uint32_t expected,
                         where at = where::current()) noexcept {
    word.sleep(expected, nullptr, at);
  }
  static bool futex_wait_until(atomic<std::uint32_t> const& word, std::uint32_t expected, clock::time_point deadline,
                               where at = where::current()) noexcept {
    return word.sleep(expected, &deadline, at);
  }
  static void futex_wake(atomic<std::uint32_t> const* word, int n, where at = where::current()) noexcept;

  template <class T, class Pred>
  static bool spin(atomic<T> const&, Pred, order, std::chrono::nanoseconds) noexcept {
    return false;
  }
  template <class T, class Pred>
  static T await(atomic<T> const& word, Pred pred, order o, where at = where::current()) noexcept {
    return word.await(pred, o, at);
  }
  static void yield(where at = where::current()) noexcept;
  template <class T> static void backoff(atomic<T> const&, std::size_t) noexcept {}

  [[nodiscard]] static void* allocate(std::size_t bytes, std::size_t align, where at = where::current());
  static void deallocate(void* p, std::size_t bytes, std::size_t align, where at = where::current()) noexcept;
  template <class T> [[nodiscard]] static T& local() {
    static constexpr char key = 0;  // its address identifies T
    return *static_cast<T*>(local(&key, sizeof(T), alignof(T), make<T>, destroy<T>));
  }
  template <class T> [[nodiscard]] static T& shared() {
    static constexpr char key = 0;  // its address identifies T
    void (*each_thread)(void*) = nullptr;
    if constexpr (requires(T& object) { object.prepare_thread(ready_slots); })
      each_thread = [](void* object) { static_cast<T*>(object)->prepare_thread(ready_slots); };
    return *static_cast<T*>(shared(&key, sizeof(T), alignof(T), make<T>, destroy<T>, each_thread));
  }
  static constexpr std::size_t scaled(std::size_t, std::size_t few) noexcept { return few; }
  static void within(std::uint64_t i, std::uint64_t n, where at = where::current()) noexcept {
    if (i >= n) [[unlikely]]
      graph::fail(verdict::out_of_range, "element " + std::to_string(i) + " of " + std::to_string(n), at);
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
    graph::fail(verdict::broken_law, law, at);
  }

 private:
  static void* local(void const* key, std::size_t bytes, std::size_t align, void (*make)(void*),
                     void (*destroy)(void*));
  static void* shared(void const* key, std::size_t bytes, std::size_t align, void (*make)(void*),
                      void (*destroy)(void*), void (*each_thread)(void*));
  static constexpr std::size_t ready_slots = 4;
  template <class T> static void make(void* p) { std::construct_at(static_cast<T*>(p)); }
  template <class T> static void destroy(void* p) { std::destroy_at(static_cast<T*>(p)); }
};

static_assert(platform<graph_platform>);

}  // namespace surewake::verify
