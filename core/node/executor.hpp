// surewake/core/node/executor.hpp: what surewake asks of whatever runs its coroutines.
//
//   post(w)      w.run() is called once, later or now, on the executor's own thread. noexcept, allocates nothing: the
//                node is the caller's and lives until it runs. May be called from any thread.
//   withdraw(w)  true: w was posted, has not run, and never will. false: it is running, ran, or was never posted.
//                May be called from any thread.
//
// A coroutine that waits with acquire_on(executor) goes on there after a grant and after close(). For the rule that one
// goes on where it was, however its wait ends (home.hpp), an executor has a home: thread_pool, manual_executor,
// uring_loop have one, and yours has one by a member (own_home.hpp). inline_executor has none: it runs on the poster's
// thread.
//
// Models of it: inline_executor, manual_executor, thread_pool, uring_loop.
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
