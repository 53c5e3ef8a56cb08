// surewake/verify/engine/relacy_platform.hpp: the platform whose every step Relacy schedules, reorders and watches.
//
// What differs from the real machine, so that a search can end and a lost signal shows:
//   - await does not spin: it sleeps until the atomic changes, so a signal that never comes is a deadlock;
//   - spin answers false without looking;
//   - a deadline passes when the search says so, and only while a thread sleeps on it;
//   - a load, and where the case asks for it a failed compare-exchange, may see one of the last three stores (random
//     search) or the last two (bound and full; the compare-exchange once for each atomic), never more.
#pragma once

#include <surewake/core/platform/platform.hpp>
#include <surewake/verify/engine/relacy_runtime.hpp>

#include <cstring>
#include <memory>
#include <mutex>
#include <type_traits>
#include <utility>

namespace surewake::verify {

namespace relacy {

using verify::show;

template <class T> class atomic {
  static_assert(std::is_trivially_copyable_v<T>, "an atomic's value is copied by bytes");

 public:
  atomic(T v = T{}, where at = where::current()) noexcept : history_(at) {
    for (T& s : value_) s = v;
  }

  [[nodiscard]] T load(order o, where at = where::current()) const noexcept {
    if (frozen()) return newest();
    history_.enter(at);
    unsigned const slot = history_.read(action::load, o, at);
    T const v = value_[slot];
    if (observed())
      record({.what = action::load, .with = o, .object = this, .before = show(v), .stale = slot != history_.newest()},
             at);
    return v;
  }

  void store(T v, order o, where at = where::current()) noexcept {
    if (frozen()) return freeze(v);
    history_.enter(at);
    value_[history_.write(action::store, o, at)] = v;
    if (observed()) record({.what = action::store, .with = o, .object = this, .after = show(v)}, at);
    history_.changed();
  }

  T exchange(T v, order o, where at = where::current()) noexcept {
    return modify(action::exchange, o, at, [v](T) { return v; });
  }
  T fetch_add(T v, order o, where at = where::current()) noexcept requires std::is_integral_v<T> {
    return modify(action::fetch_add, o, at, [v](T old) { return wrap(old, v, std::plus<>{}); });
  }
  T fetch_sub(T v, order o, where at = where::current()) noexcept requires std::is_integral_v<T> {
    return modify(action::fetch_sub, o, at, [v](T old) { return wrap(old, v, std::minus<>{}); });
  }
  T fetch_and(T v, order o, where at = where::current()) noexcept requires std::is_integral_v<T> {
    return modify(action::fetch_and, o, at, [v](T old) { return static_cast<T>(old & v); });
  }
  T fetch_or(T v, order o, where at = where::current()) noexcept requires std::is_integral_v<T> {
    return modify(action::fetch_or, o, at, [v](T old) { return static_cast<T>(old | v); });
  }

  bool compare_exchange_strong(T& expected, T desired, order success, order failure,
                               where at = where::current()) noexcept {
    return compare_exchange(expected, desired, success, failure, false, at);
  }
  bool compare_exchange_weak(T& expected, T desired, order success, order failure,
                             where at = where::current()) noexcept {
    return compare_exchange(expected, desired, success, failure, true, at);
  }

 private:
  friend struct access;

  [[nodiscard]] T newest() const noexcept { return value_[history_.newest()]; }
  void freeze(T v) noexcept { value_[history_.newest()] = v; }

  /// Wraps on signed overflow, as an atomic does.
  template <class Op> static T wrap(T a, T b, Op op) noexcept {
    using wide = std::conditional_t<(sizeof(T) > sizeof(std::uint32_t)), std::uint64_t, std::uint32_t>;
    return static_cast<T>(op(static_cast<wide>(a), static_cast<wide>(b)));
  }

  template <class F> T modify(action what, order o, where at, F f) noexcept {
    if (frozen()) {
      T const old = newest();
      freeze(f(old));
      return old;
    }
    history_.enter(at);
    T const old = newest();
    T const v = f(old);
    value_[history_.modify(what, o, at)] = v;
    if (observed()) record({.what = what, .with = o, .object = this, .before = show(old), .after = show(v)}, at);
    history_.changed();
    return old;
  }

  bool compare_exchange(T& expected, T desired, order success, order failure, bool weak, where at) noexcept {
    if (frozen()) {
      bool const same = newest() == expected;
      same ? freeze(desired) : void(expected = newest());
      return same;
    }
    history_.enter(at);
    if (may_look_back(expected) && history_.looks_back()) {
      unsigned const slot = history_.read(action::compare_exchange, failure, at);
      if (value_[slot] != expected) return fail(expected, desired, failure, slot, at);
      // If it reads the expected value, and is no weak one, it succeeds; so it has read the newest.
    }
    T const old = newest();
    if (old == expected && !(weak && history_.fail_spuriously())) {
      value_[history_.modify(action::compare_exchange, success, at)] = desired;
      if (observed()) {
        record({.what = action::compare_exchange,
                .with = success,
                .object = this,
                .before = show(old),
                .after = show(desired)},
               at);
      }
      history_.changed();
      return true;
    }
    return fail(expected, desired, failure, history_.read_newest(action::compare_exchange, failure, at), at);
  }

  /// Ends a failed compare-exchange, which is a load with the failure order.
  bool fail(T& expected, T desired, order failure, unsigned slot, where at) noexcept {
    T const seen = value_[slot];
    if (observed()) {
      record({.what = action::compare_exchange,
              .with = failure,
              .object = this,
              .before = show(seen),
              .after = show(desired),
              .stale = slot != history_.newest(),
              .failed = true},
             at);
    }
    expected = seen;
    return false;
  }
  /// Returns whether an older value would make a difference: one that is neither the expected one nor the newest.
  [[nodiscard]] bool may_look_back(T const& expected) const noexcept {
    for (T const& v : value_) {
      if (v != expected && v != newest()) return true;
    }
    return false;
  }

  history history_;
  std::array<T, history::slots> value_;
};

/// What the platform's free functions need of an atomic.
struct access {
  template <class T> static history const& past(atomic<T> const& a) noexcept { return a.history_; }
  template <class T> static T newest(atomic<T> const& a) noexcept { return a.newest(); }
};

template <class T> class plain {
 public:
  plain() noexcept : accesses_(false), value_{} {}
  plain(T v) noexcept : accesses_(true), value_(std::move(v)) {}

  [[nodiscard]] T get(where at = where::current()) const noexcept {
    if (frozen()) return value_;
    accesses_.read(at);
    if (observed()) record({.what = action::get, .object = this, .before = show(value_)}, at);
    return value_;
  }
  void set(T v, where at = where::current()) noexcept {
    if (!frozen()) {
      accesses_.write(at);
      if (observed()) record({.what = action::set, .object = this, .after = show(v)}, at);
    }
    value_ = std::move(v);
  }

 private:
  accesses accesses_;
  T value_;
};

class mutex {
 public:
  using where = relacy::where;  // a guard says where it is (core/platform/lock_hold.hpp)
  mutex() = default;
  void lock(where at = where::current()) noexcept {
    if (!frozen()) state_.lock(at);
  }
  [[nodiscard]] bool try_lock(where at = where::current()) noexcept { return frozen() || state_.try_lock(at); }
  void unlock(where at = where::current()) noexcept {
    if (!frozen()) state_.unlock(at);
  }

 private:
  mutex_state state_;
};

}  // namespace relacy

struct relacy_platform {
  using order = relacy::order;
  using where = relacy::where;
  static constexpr order relaxed = order::relaxed;
  static constexpr order acquire = order::acquire;
  static constexpr order release = order::release;
  static constexpr order acq_rel = order::acq_rel;
  static constexpr order seq_cst = order::seq_cst;
  static void fence(order o, where at = where::current()) noexcept {
    if (!relacy::frozen()) relacy::fence(o, at);
  }
  static void light_fence(order o = seq_cst, where at = where::current()) noexcept {
    if (!relacy::frozen()) relacy::light_fence(o, at);
  }
  static void heavy_fence(order o = seq_cst, where at = where::current()) noexcept {
    if (!relacy::frozen()) relacy::heavy_fence(o, at);
  }

  template <class T> using atomic = relacy::atomic<T>;
  template <class T> using plain = relacy::plain<T>;
  using mutex = relacy::mutex;

  using clock = std::chrono::steady_clock;  // its type only: now() does not look at it
  [[nodiscard]] static clock::time_point now() noexcept { return relacy::now(); }

  static void futex_wait(atomic<std::uint32_t> const& word, std::uint32_t expected,
                         where at = where::current()) noexcept {
    if (holds(word, expected, relacy::action::futex_wait, at)) relacy::futex_sleep(&word, nullptr, at);
  }
  static bool futex_wait_until(atomic<std::uint32_t> const& word, std::uint32_t expected, clock::time_point deadline,
                               where at = where::current()) noexcept {
    if (!holds(word, expected, relacy::action::futex_wait_until, at)) return true;
    return deadline > relacy::now() && relacy::futex_sleep(&word, &deadline, at);
  }
  static void futex_wake(atomic<std::uint32_t> const* word, int n, where at = where::current()) noexcept {
    if (!relacy::frozen()) relacy::futex_wake(word, n, at);
  }

  template <class T, class Pred>
  static bool spin(atomic<T> const&, Pred, order, std::chrono::nanoseconds) noexcept {
    return false;
  }

  template <class T, class Pred>
  static T await(atomic<T> const& word, Pred pred, order o, where at = where::current()) noexcept {
    if (relacy::frozen()) return relacy::access::newest(word);
    relacy::history const& past = relacy::access::past(word);
    past.enter(at);
    while (!pred(relacy::access::newest(word))) {
      relacy::sleep_on(past, at);
      past.check(at);
    }
    // Of the loads of a real loop only the last one counts; it saw the value that ended the wait.
    static_cast<void>(past.read_newest(relacy::action::await, o, at));
    T const v = relacy::access::newest(word);
    if (relacy::observed())
      relacy::record({.what = relacy::action::await, .with = o, .object = &word, .before = relacy::show(v)}, at);
    return v;
  }

  static void yield(where at = where::current()) noexcept {
    if (!relacy::frozen()) relacy::yield(at);
  }

  template <class T> static void backoff(atomic<T> const&, std::size_t) noexcept {}

  [[nodiscard]] static void* allocate(std::size_t bytes, std::size_t align, where at = where::current()) {
    return relacy::allocate(bytes, align, at);
  }
  static void deallocate(void* p, std::size_t bytes, std::size_t align, where at = where::current()) noexcept {
    relacy::deallocate(p, bytes, align, at);
  }

  template <class T> [[nodiscard]] static T& local() {
    static constexpr char key = 0;  // its address identifies T
    return *static_cast<T*>(relacy::local(
        &key, sizeof(T), alignof(T), [](void* p) { std::construct_at(static_cast<T*>(p)); },
        [](void* p) { std::destroy_at(static_cast<T*>(p)); }));
  }

  template <class T> [[nodiscard]] static T& shared() {
    static constexpr char key = 0;  // its address identifies T
    return *static_cast<T*>(relacy::shared(
        &key, sizeof(T), alignof(T), [](void* p) { std::construct_at(static_cast<T*>(p)); },
        [](void* p) { std::destroy_at(static_cast<T*>(p)); }));
  }

  /// Checks that an array of n has an element i; to be called before that is read or written.
  static void within(std::uint64_t i, std::uint64_t n, where at = where::current()) noexcept {
    if (i >= n && !relacy::frozen()) [[unlikely]]
      relacy::out_of_range(i, n, at);
  }

  static constexpr std::size_t scaled(std::size_t, std::size_t few) noexcept { return few; }

  static void begin_operation(char const* name, where at = where::current()) noexcept {
    relacy::begin_operation(name, at);
  }
  static void end_operation(char const* name) noexcept { relacy::end_operation(name); }

  template <class Object> static void shown_as(Object const& object, char const* name) noexcept {
    if (relacy::observed()) relacy::name_object(&object, sizeof object, name, nullptr);
  }
  template <class T, class Text> static void shown_as(atomic<T> const& object, char const* name, Text) noexcept {
    name_value<T, Text>(&object, sizeof object, name);
  }
  template <class T, class Text> static void shown_as(plain<T> const& object, char const* name, Text) noexcept {
    name_value<T, Text>(&object, sizeof object, name);
  }

  [[noreturn]] static void broken(char const* law, where at = where::current()) noexcept {
    relacy::broken_law(law, at);
  }

 private:
  template <class T, class Text>
  static void name_value(void const* object, std::size_t bytes, char const* name) noexcept {
    static_assert(has_bits<T>, "a trace keeps 64 bits of a value");
    if (!relacy::observed()) return;
    relacy::name_object(object, bytes, name,
                        [](std::int64_t bits) -> std::string { return Text{}(from_bits<T>(bits)); });
  }

  /// Looks at the word of a futex wait; nothing comes between this look and the sleep.
  static bool holds(atomic<std::uint32_t> const& word, std::uint32_t expected, relacy::action what, where at) noexcept {
    if (relacy::frozen()) return false;
    relacy::history const& past = relacy::access::past(word);
    past.enter(at);
    static_cast<void>(past.read_newest(what, relaxed, at));
    std::uint32_t const v = relacy::access::newest(word);
    if (relacy::observed())
      relacy::record({.what = what, .object = &word, .before = relacy::show(v), .failed = v != expected}, at);
    return v == expected;
  }
};

static_assert(platform<relacy_platform>);

}  // namespace surewake::verify
