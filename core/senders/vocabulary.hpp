// surewake/core/senders/vocabulary.hpp: the least of C++26's senders and receivers that an acquire needs, in
// `surewake::senders`, since no standard library that is supported has them.
//
//   sender --connect(receiver)--> operation state --start--> set_value, set_error or set_stopped of the receiver, once
//
// Names, members and meaning are P2300's: completion functions, `connect`, `start` and `schedule` are members of what
// users write, and the objects here call them. There are no algorithms.
// Source    P2300R10; P3552 for what a scheduler in a receiver's environment is for.
// Checked   queues/conformance/senders.test.cpp.
#pragma once

#include <surewake/core/senders/environment.hpp>

#include <concepts>
#include <type_traits>
#include <utility>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace senders {

/// What a class says that it is: `using sender_concept = sender_t`, and so on.
struct sender_t {};
struct receiver_t {};
struct operation_state_t {};
struct scheduler_t {};

struct set_value_t {
  template <class R, class... Values> void operator()(R&& r, Values&&... values) const noexcept {
    static_assert(noexcept(std::forward<R>(r).set_value(std::forward<Values>(values)...)));
    std::forward<R>(r).set_value(std::forward<Values>(values)...);
  }
};
struct set_error_t {
  template <class R, class E> void operator()(R&& r, E&& error) const noexcept {
    static_assert(noexcept(std::forward<R>(r).set_error(std::forward<E>(error))));
    std::forward<R>(r).set_error(std::forward<E>(error));
  }
};
struct set_stopped_t {
  template <class R> void operator()(R&& r) const noexcept {
    static_assert(noexcept(std::forward<R>(r).set_stopped()));
    std::forward<R>(r).set_stopped();
  }
};
inline constexpr set_value_t set_value{};
inline constexpr set_error_t set_error{};
inline constexpr set_stopped_t set_stopped{};

/// How a sender may complete: `completion_signatures<set_value_t(int), set_stopped_t()>`.
template <class... Signatures> struct completion_signatures {};

struct connect_t {
  template <class S, class R> auto operator()(S&& sender, R&& receiver) const {
    return std::forward<S>(sender).connect(std::forward<R>(receiver));
  }
};
struct start_t {
  template <class O> void operator()(O& operation) const noexcept {
    static_assert(noexcept(operation.start()));
    operation.start();
  }
};
struct schedule_t {
  template <class S> auto operator()(S&& scheduler) const { return std::forward<S>(scheduler).schedule(); }
};
inline constexpr connect_t connect{};
inline constexpr start_t start{};
inline constexpr schedule_t schedule{};

template <class R>
concept receiver = std::derived_from<typename std::remove_cvref_t<R>::receiver_concept, receiver_t> &&
                   std::move_constructible<std::remove_cvref_t<R>>;
template <class S>
concept sender = std::derived_from<typename std::remove_cvref_t<S>::sender_concept, sender_t> &&
                 std::move_constructible<std::remove_cvref_t<S>>;
template <class O>
concept operation_state = std::derived_from<typename O::operation_state_concept, operation_state_t> &&
                          requires(O& o) {
                            { o.start() } noexcept;
                          };
template <class S, class R>
concept sender_to = sender<S> && receiver<R> && requires(S&& s, R&& r) {
  { connect(std::forward<S>(s), std::forward<R>(r)) } -> operation_state;
};
template <class S>
concept scheduler = std::derived_from<typename std::remove_cvref_t<S>::scheduler_concept, scheduler_t> &&
                    std::equality_comparable<std::remove_cvref_t<S>> && requires(S&& s) {
                      { schedule(std::forward<S>(s)) } -> sender;
                    };

}}  // namespace surewake::senders

#include <surewake/core/platform/macros_pop.hpp>
