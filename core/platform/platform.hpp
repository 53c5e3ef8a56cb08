// surewake/core/platform/platform.hpp: what an algorithm may ask of the machine it runs on; everything else is
// forbidden to it.
//
// An algorithm is a template over a platform `P` and names neither std::atomic nor a thread, a futex or the allocator.
// The same source then runs on the real machine (std_platform.hpp) and inside a model checker.
//
//   P::atomic<T>            load, store, exchange, compare_exchange_{weak,strong}, fetch_{add,sub,and,or}; every call
//                           names its order, P::relaxed … P::seq_cst
//   P::fence(order)         a thread fence
//   P::light_fence(seq_cst) orders against a heavy one in another thread as two seq_cst fences do, and against a light
//   P::heavy_fence(seq_cst) or a full one not at all. The light one may cost nothing. The heavy one, which is a full
//                           fence too, may cost a system call
//   P::prepare_fences()     optional: makes the first use of the pair cheaper; called by the code that will use it
//   P::plain<T>             shared data without atomicity: get(), set(v). A checker reports its races; natively it is a
//                           T
//   P::mutex                lock, try_lock, unlock
//   P::futex_wait(w, v)     sleeps while *w == v, returns after a wake, at once when *w != v, or spuriously
//   P::futex_wait_until     the same; false once the deadline has passed
//   P::futex_wake(w, n)     wakes at most n sleepers of w; only the address is used: *w may be gone already
//   P::spin(w, pred, o, d)  reads w for at most d nanoseconds; true once pred(value). A checker does not spin: false
//   P::await(w, pred, o)    blocks until pred(value of w), returns that value; the only loop that waits for a thread
//   P::yield()              lets other threads run
//   P::backoff(w, n)        returns when other threads have left w alone for about a microsecond; looks n times at
//                           most. Under a checker it returns at once
//   P::allocate(n, align)   memory for a node, segment or coroutine frame; std::bad_alloc. P::deallocate(p, n, align)
//   P::default_delete<T>    optional: std::default_delete<T> where allocate() gives memory of `new`
//   P::local<T>()           this thread's own T, value-initialised at its first use, destroyed when the thread ends;
//                           a use after that makes another one
//   P::shared<T>()          the one T of this process (under a checker: of this execution), made at its first use
//   P::scaled(n, few)       a constant of an algorithm: n, under a checker `few`, so that rare paths become common
//   P::within(i, n)         optional: a checker reports an index i that is not below n
//   P::clock, P::now()      the clock by which deadlines are measured
//   P::broken(law)          reports a broken law and does not return: what a model's check calls
//   P::moment               optional, of a checker: a point of an execution, for laws (models/fixture/law.hpp)
//   P::shown_as(o, name, text)  optional, for traces: see shown_as() below
//
// Determinism: a platform offers nothing that differs between two executions of one schedule (no address as a hash, no
// wall clock under a checker), so that a checker can replay what it found.
#pragma once

#include <surewake/core/platform/compiler.hpp>

#include <chrono>
#include <concepts>
#include <cstddef>
#include <cstdint>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

template <class P>
concept platform_orders = requires {
  typename P::order;
  { P::relaxed } -> std::convertible_to<typename P::order>;
  { P::acquire } -> std::convertible_to<typename P::order>;
  { P::release } -> std::convertible_to<typename P::order>;
  { P::acq_rel } -> std::convertible_to<typename P::order>;
  { P::seq_cst } -> std::convertible_to<typename P::order>;
  P::fence(P::seq_cst);
  P::light_fence(P::seq_cst);
  P::heavy_fence(P::seq_cst);
};

template <class P, class T>
concept platform_atomic = requires(typename P::template atomic<T> a, typename P::template atomic<T> const ca, T v) {
  { ca.load(P::relaxed) } -> std::same_as<T>;
  a.store(v, P::relaxed);
  { a.exchange(v, P::relaxed) } -> std::same_as<T>;
  { a.compare_exchange_weak(v, v, P::relaxed, P::relaxed) } -> std::same_as<bool>;
  { a.compare_exchange_strong(v, v, P::relaxed, P::relaxed) } -> std::same_as<bool>;
};

template <class P, class T>
concept platform_counter = platform_atomic<P, T> && requires(typename P::template atomic<T> a, T v) {
  { a.fetch_add(v, P::relaxed) } -> std::same_as<T>;
  { a.fetch_sub(v, P::relaxed) } -> std::same_as<T>;
  { a.fetch_and(v, P::relaxed) } -> std::same_as<T>;
  { a.fetch_or(v, P::relaxed) } -> std::same_as<T>;
};

template <class P>
concept platform_plain = requires(typename P::template plain<int> p, typename P::template plain<int> const cp) {
  { cp.get() } -> std::same_as<int>;
  p.set(1);
};

template <class P>
concept platform_mutex = requires(typename P::mutex m) {
  m.lock();
  { m.try_lock() } -> std::same_as<bool>;
  m.unlock();
};

template <class P>
concept platform_waiting =
    requires(typename P::template atomic<std::uint32_t> const& w, bool (*pred)(std::uint32_t), std::uint32_t v) {
      typename P::clock;
      { P::now() } -> std::same_as<typename P::clock::time_point>;
      P::futex_wait(w, v);
      { P::futex_wait_until(w, v, P::now()) } -> std::same_as<bool>;
      P::futex_wake(&w, 1);
      { P::spin(w, pred, P::acquire, std::chrono::nanoseconds{1}) } -> std::same_as<bool>;
      { P::await(w, pred, P::acquire) } -> std::same_as<std::uint32_t>;
      P::yield();
      P::backoff(w, std::size_t{1});
    };

template <class P>
concept platform_storage = requires(void* p, std::size_t n) {
  { P::allocate(n, n) } -> std::same_as<void*>;
  P::deallocate(p, n, n);
  { P::template local<int>() } -> std::same_as<int&>;
  { P::template shared<int>() } -> std::same_as<int&>;
  { P::scaled(n, n) } -> std::same_as<std::size_t>;
};

template <class P>
concept platform = platform_orders<P> && platform_atomic<P, void*> && platform_counter<P, std::int64_t> &&
                   platform_counter<P, std::uint32_t> && platform_plain<P> && platform_mutex<P> &&
                   platform_waiting<P> && platform_storage<P> && requires { P::broken("law"); };

/// Names `object` in the traces of a checker `name`, and what lies in it `name.…`, until another object is made where
/// it lies. The constructor of `object` calls it, or that of its owner. It does nothing on a platform that shows no
/// traces.
template <class P, class Object> constexpr void shown_as(Object const& object, char const* name) noexcept {
  if constexpr (requires { P::shown_as(object, name); }) P::shown_as(object, name);
}

/// Does the same for an atomic or plain, and has `text` put its values into words. `text` is a function object without
/// state, from the value to a std::string.
template <class P, class Object, class Text>
constexpr void shown_as(Object const& object, char const* name, Text text) noexcept {
  if constexpr (requires { P::shown_as(object, name, text); }) P::shown_as(object, name, text);
}

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
