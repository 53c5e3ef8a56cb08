// surewake/verify/engine/checked_platform.hpp: the platform that models are searched on, by whichever engine.
//
// It is one platform, so that a model is compiled once: a process searches with one engine, and each object made in it
// is that engine's. What each name means: core/platform/platform.hpp; how the engines differ from the real machine:
// relacy_platform.hpp, graph/graph_platform.hpp.
#pragma once

#include <surewake/verify/engine/graph/graph_platform.hpp>
#include <surewake/verify/engine/graph/orders.hpp>
#include <surewake/verify/engine/relacy_platform.hpp>

#include <memory>
#include <utility>

namespace surewake::verify {

namespace checked {

using graph::to_graph;
using relacy::order;
using relacy::where;

/// Returns whether this process searches graphs.
[[nodiscard]] inline bool on_graphs() noexcept { return graph::active != nullptr; }

/// An object of one engine or the other.
template <class Relacy, class Graph> class either {
 public:
  template <class... As> explicit either(where at, As const&... as) noexcept {
    if (on_graphs()) {
      std::construct_at(&graph_, as...);
    } else if constexpr (std::is_constructible_v<Relacy, As const&..., where>) {
      std::construct_at(&relacy_, as..., at);
    } else {
      std::construct_at(&relacy_, as...);
    }
  }
  ~either() { on_graphs() ? std::destroy_at(&graph_) : std::destroy_at(&relacy_); }
  either(either const&) = delete;
  either& operator=(either const&) = delete;

  [[nodiscard]] Relacy& relacy() noexcept { return relacy_; }
  [[nodiscard]] Relacy const& relacy() const noexcept { return relacy_; }
  [[nodiscard]] Graph& graph() noexcept { return graph_; }
  [[nodiscard]] Graph const& graph() const noexcept { return graph_; }

 private:
  union {
    Relacy relacy_;
    Graph graph_;
  };
};

template <class T> class atomic {
 public:
  atomic(T v = T{}, where at = where::current()) noexcept : object_(at, v) {}

  [[nodiscard]] T load(order o, where at = where::current()) const noexcept {
    return on_graphs() ? graph().load(to_graph(o), at) : relacy().load(o, at);
  }
  void store(T v, order o, where at = where::current()) noexcept {
    on_graphs() ? graph().store(v, to_graph(o), at) : relacy().store(v, o, at);
  }
  T exchange(T v, order o, where at = where::current()) noexcept {
    return on_graphs() ? graph().exchange(v, to_graph(o), at) : relacy().exchange(v, o, at);
  }
  T fetch_add(T v, order o, where at = where::current()) noexcept requires std::is_integral_v<T> {
    return on_graphs() ? graph().fetch_add(v, to_graph(o), at) : relacy().fetch_add(v, o, at);
  }
  T fetch_sub(T v, order o, where at = where::current()) noexcept requires std::is_integral_v<T> {
    return on_graphs() ? graph().fetch_sub(v, to_graph(o), at) : relacy().fetch_sub(v, o, at);
  }
  T fetch_and(T v, order o, where at = where::current()) noexcept requires std::is_integral_v<T> {
    return on_graphs() ? graph().fetch_and(v, to_graph(o), at) : relacy().fetch_and(v, o, at);
  }
  T fetch_or(T v, order o, where at = where::current()) noexcept requires std::is_integral_v<T> {
    return on_graphs() ? graph().fetch_or(v, to_graph(o), at) : relacy().fetch_or(v, o, at);
  }
  bool compare_exchange_strong(T& expected, T desired, order success, order failure,
                               where at = where::current()) noexcept {
    return on_graphs() ? graph().compare_exchange_strong(expected, desired, to_graph(success), to_graph(failure), at)
                       : relacy().compare_exchange_strong(expected, desired, success, failure, at);
  }
  bool compare_exchange_weak(T& expected, T desired, order success, order failure,
                             where at = where::current()) noexcept {
    return on_graphs() ? graph().compare_exchange_weak(expected, desired, to_graph(success), to_graph(failure), at)
                       : relacy().compare_exchange_weak(expected, desired, success, failure, at);
  }

  [[nodiscard]] relacy::atomic<T> const& relacy() const noexcept { return object_.relacy(); }
  [[nodiscard]] graph::atomic<T> const& graph() const noexcept { return object_.graph(); }

 private:
  [[nodiscard]] relacy::atomic<T>& relacy() noexcept { return object_.relacy(); }
  [[nodiscard]] graph::atomic<T>& graph() noexcept { return object_.graph(); }

  either<relacy::atomic<T>, graph::atomic<T>> object_;
};

template <class T> class plain {
 public:
  plain(where at = where::current()) noexcept : object_(at) {}
  plain(T v, where at = where::current()) noexcept : object_(at, v) {}
  [[nodiscard]] T get(where at = where::current()) const noexcept {
    return on_graphs() ? object_.graph().get(at) : object_.relacy().get(at);
  }
  void set(T v, where at = where::current()) noexcept {
    on_graphs() ? object_.graph().set(std::move(v), at) : object_.relacy().set(std::move(v), at);
  }
  [[nodiscard]] relacy::plain<T> const& relacy() const noexcept { return object_.relacy(); }
  [[nodiscard]] graph::plain<T> const& graph() const noexcept { return object_.graph(); }

 private:
  either<relacy::plain<T>, graph::plain<T>> object_;
};

class mutex {
 public:
  using where = checked::where;  // a guard says where it is (core/platform/lock_hold.hpp)
  mutex(where at = where::current()) noexcept : object_(at) {}
  void lock(where at = where::current()) noexcept {
    on_graphs() ? object_.graph().lock(at) : object_.relacy().lock(at);
  }
  [[nodiscard]] bool try_lock(where at = where::current()) noexcept {
    return on_graphs() ? object_.graph().try_lock(at) : object_.relacy().try_lock(at);
  }
  void unlock(where at = where::current()) noexcept {
    on_graphs() ? object_.graph().unlock(at) : object_.relacy().unlock(at);
  }

 private:
  either<relacy::mutex, graph::mutex> object_;
};

}  // namespace checked

struct checked_platform {
  using order = checked::order;
  using where = checked::where;
  static constexpr order relaxed = order::relaxed;
  static constexpr order acquire = order::acquire;
  static constexpr order release = order::release;
  static constexpr order acq_rel = order::acq_rel;
  static constexpr order seq_cst = order::seq_cst;

  template <class T> using atomic = checked::atomic<T>;
  template <class T> using plain = checked::plain<T>;
  using mutex = checked::mutex;
  using moment = graph::moment;  // under Relacy, whose runs are interleavings, each is past

  static void fence(order o, where at = where::current()) noexcept {
    on_graphs() ? G::fence(checked::to_graph(o), at) : R::fence(o, at);
  }
  static void light_fence(order o = seq_cst, where at = where::current()) noexcept {
    on_graphs() ? G::light_fence(checked::to_graph(o), at) : R::light_fence(o, at);
  }
  static void heavy_fence(order o = seq_cst, where at = where::current()) noexcept {
    on_graphs() ? G::heavy_fence(checked::to_graph(o), at) : R::heavy_fence(o, at);
  }

  using clock = std::chrono::steady_clock;  // its type only
  [[nodiscard]] static clock::time_point now() noexcept { return on_graphs() ? G::now() : R::now(); }

  static void futex_wait(atomic<std::uint32_t> const& word, std::uint32_t expected,
                         where at = where::current()) noexcept {
    on_graphs() ? G::futex_wait(word.graph(), expected, at) : R::futex_wait(word.relacy(), expected, at);
  }
  static bool futex_wait_until(atomic<std::uint32_t> const& word, std::uint32_t expected, clock::time_point deadline,
                               where at = where::current()) noexcept {
    return on_graphs() ? G::futex_wait_until(word.graph(), expected, deadline, at)
                       : R::futex_wait_until(word.relacy(), expected, deadline, at);
  }
  static void futex_wake(atomic<std::uint32_t> const* word, int n, where at = where::current()) noexcept {
    on_graphs() ? G::futex_wake(&word->graph(), n, at) : R::futex_wake(&word->relacy(), n, at);
  }

  template <class T, class Pred>
  static bool spin(atomic<T> const&, Pred, order, std::chrono::nanoseconds) noexcept {
    return false;
  }
  template <class T, class Pred>
  static T await(atomic<T> const& word, Pred pred, order o, where at = where::current()) noexcept {
    return on_graphs() ? G::await(word.graph(), pred, checked::to_graph(o), at)
                       : R::await(word.relacy(), pred, o, at);
  }
  static void yield(where at = where::current()) noexcept { on_graphs() ? G::yield(at) : R::yield(at); }
  template <class T> static void backoff(atomic<T> const&, std::size_t) noexcept {}

  [[nodiscard]] static void* allocate(std::size_t bytes, std::size_t align, where at = where::current()) {
    return on_graphs() ? G::allocate(bytes, align, at) : R::allocate(bytes, align, at);
  }
  static void deallocate(void* p, std::size_t bytes, std::size_t align, where at = where::current()) noexcept {
    on_graphs() ? G::deallocate(p, bytes, align, at) : R::deallocate(p, bytes, align, at);
  }
  template <class T> [[nodiscard]] static T& local() { return on_graphs() ? G::local<T>() : R::local<T>(); }
  template <class T> [[nodiscard]] static T& shared() { return on_graphs() ? G::shared<T>() : R::shared<T>(); }

  static void within(std::uint64_t i, std::uint64_t n, where at = where::current()) noexcept {
    on_graphs() ? G::within(i, n, at) : R::within(i, n, at);
  }
  static constexpr std::size_t scaled(std::size_t, std::size_t few) noexcept { return few; }

  static void begin_operation(char const* name, where at = where::current()) noexcept {
    if (!on_graphs()) R::begin_operation(name, at);
  }
  static void end_operation(char const* name) noexcept {
    if (!on_graphs()) R::end_operation(name);
  }

  template <class Object> static void shown_as(Object const& object, char const* name) noexcept {
    on_graphs() ? G::shown_as(object, name) : R::shown_as(object, name);
  }
  template <class T, class Text> static void shown_as(atomic<T> const& object, char const* name, Text t) noexcept {
    on_graphs() ? G::shown_as(object.graph(), name, t) : R::shown_as(object.relacy(), name, t);
  }
  template <class T, class Text> static void shown_as(plain<T> const& object, char const* name, Text t) noexcept {
    on_graphs() ? G::shown_as(object.graph(), name, t) : R::shown_as(object.relacy(), name, t);
  }

  [[noreturn]] static void broken(char const* law, where at = where::current()) noexcept {
    if (on_graphs()) G::broken(law, at);
    R::broken(law, at);
  }

 private:
  using R = relacy_platform;
  using G = graph_platform;
  [[nodiscard]] static bool on_graphs() noexcept { return checked::on_graphs(); }
};

static_assert(platform<checked_platform>);

}  // namespace surewake::verify
