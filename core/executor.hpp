// surewake/core/executor.hpp: what surewake asks of whatever runs its coroutines.
//
//   post(w)      w.run() is called once, later or now, on the executor's own thread. noexcept, allocates nothing: the
//                node is the caller's and lives until it runs. May be called from any thread.
//   withdraw(w)  true: w was posted, has not run, and never will. false: it is running, ran, or was never posted.
//                May be called from any thread.
//
// Models of it: inline_executor, manual_executor, thread_pool.
#pragma once

#include <surewake/core/work.hpp>

namespace [[gnu::visibility("default")]] surewake {

template <class E, class P>
concept executor = requires(E& e, work<P>& w) {
  { e.post(w) } noexcept;
  { e.withdraw(w) } noexcept -> std::same_as<bool>;
};

}  // namespace surewake
