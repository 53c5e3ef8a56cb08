// surewake/core/node/executor.hpp: what surewake requires of an object that runs its coroutines.
//
//   post(w)      w.run() is called once, later or now, on the executor's own thread. post is noexcept and allocates
//                nothing, because the node is the caller's and lives until it runs. Any thread may call it.
//   withdraw(w)  true: w was posted, has not run, and never will. false: it is running, ran, or was never posted.
//                Any thread may call it. An executor that cannot take work back says so, by
//                `static constexpr bool post_is_final = true`, and has none: then a coroutine may not be destroyed
//                between its post and its run. The process ends with a message if it is.
//
// A coroutine that waits with acquire_on(executor) goes on there after a grant and after close(). The rule that a
// coroutine goes on where it was, however its wait ends (home.hpp), needs an executor with a home. thread_pool,
// manual_executor and uring_loop have a home, and an executor of yours gets one by a member (own_home.hpp).
// inline_executor has none, because it runs work on the poster's thread.
//
// Classes that are executors: inline_executor, manual_executor, thread_pool, uring_loop, asio_executor.
#pragma once

#include <surewake/core/node/work.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

namespace detail {

template <class E>
concept posts_for_good = requires { requires E::post_is_final; };

template <class E, class P>
concept takes_back = requires(E& e, work<P>& w) {
  { e.withdraw(w) } noexcept -> std::same_as<bool>;
};

}  // namespace detail

template <class E, class P>
concept executor = (detail::posts_for_good<E> || detail::takes_back<E, P>) && requires(E& e, work<P>& w) {
  { e.post(w) } noexcept;
};

namespace detail {

/// Takes `w` back from `e`, as withdraw() does. Returns false where posts are final.
template <class E, platform P> [[nodiscard]] bool take_back([[maybe_unused]] E& e, work<P>& w) noexcept {
  if constexpr (takes_back<E, P>) return e.withdraw(w);
  return false;
}

}  // namespace detail

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
