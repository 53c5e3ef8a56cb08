// surewake/core/node/executor.hpp: what surewake requires of an object that runs its coroutines.
//
//   post(w)      w.run() is called once, later or now, on the executor's own thread. post is noexcept and allocates
//                nothing, because the node is the caller's and lives until it runs. Any thread may call it.
//   withdraw(w)  true: w was posted, has not run, and never will. false: it is running, ran, or was never posted.
//                Any thread may call it.
//
// A coroutine that waits with acquire_on(executor) goes on there after a grant and after close(). The rule that a
// coroutine goes on where it was, however its wait ends (home.hpp), needs an executor with a home. thread_pool,
// manual_executor and uring_loop have a home, and an executor of yours gets one by a member (own_home.hpp).
// inline_executor has none, because it runs work on the poster's thread.
//
// Classes that are executors: inline_executor, manual_executor, thread_pool, uring_loop.
#pragma once

#include <surewake/core/node/work.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

template <class E, class P>
concept executor = requires(E& e, work<P>& w) {
  { e.post(w) } noexcept;
  { e.withdraw(w) } noexcept -> std::same_as<bool>;
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
