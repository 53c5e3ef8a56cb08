// surewake/core/senders/environment.hpp: what a receiver's environment is asked for: its stop token, its scheduler.
//
// A query is an object, and an environment answers by a member: `env.query(get_stop_token)`.
// Source    P2300R10.   Checked  queues/conformance/senders.test.cpp.
#pragma once

#include <utility>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace senders {

struct empty_env {};

/// A stop token that is never requested.
struct never_stop_token {
  template <class F> struct callback_type {
    callback_type(never_stop_token, F const&) noexcept {}
  };
  [[nodiscard]] static constexpr bool stop_requested() noexcept { return false; }
  [[nodiscard]] static constexpr bool stop_possible() noexcept { return false; }
};

/// Returns the environment of a receiver or sender; one without is empty.
struct get_env_t {
  template <class T> auto operator()(T const& of) const noexcept {
    if constexpr (requires { of.get_env(); }) return of.get_env();
    else return empty_env{};
  }
};
inline constexpr get_env_t get_env{};

/// Returns the stop token of an environment; of one without, one that is never requested.
struct get_stop_token_t {
  template <class Env> auto operator()(Env const& env) const noexcept {
    if constexpr (requires { env.query(*this); }) return env.query(*this);
    else return never_stop_token{};
  }
};
inline constexpr get_stop_token_t get_stop_token{};

/// Returns the scheduler of an environment that has one.
struct get_scheduler_t {
  template <class Env>
    requires requires(Env const& env, get_scheduler_t q) { env.query(q); }
  auto operator()(Env const& env) const noexcept {
    return env.query(*this);
  }
};
inline constexpr get_scheduler_t get_scheduler{};

template <class T> using env_of_t = decltype(get_env(std::declval<T const&>()));
template <class T> using stop_token_of_t = decltype(get_stop_token(get_env(std::declval<T const&>())));

}}  // namespace surewake::senders

#include <surewake/core/platform/macros_pop.hpp>
