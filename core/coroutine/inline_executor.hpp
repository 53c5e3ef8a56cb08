// surewake/core/coroutine/inline_executor.hpp: an executor without threads or queue, which runs what is posted
// on the poster's thread.
//
// Outside of surewake post() runs the work before it returns; inside a coroutine that surewake resumed, the work runs
// when that coroutine suspends or ends (trampoline.hpp), so that a chain of posts takes bounded stack.
// Place     It is no home (home.hpp), so what it runs lives where it would live on the poster's thread without it.
// Progress  wait-free.   Cost  that of trampoline::resume.
#pragma once

#include <surewake/core/node/executor.hpp>
#include <surewake/core/node/trampoline.hpp>
#include <surewake/core/platform/std_platform.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

class inline_executor {
 public:
  using P = std_platform;

  void post(work<P>& w) noexcept { trampoline<P>::resume(w); }

  /// Takes `w` back and returns true: it will not run. `w` must be work that this thread posted and that has not run,
  /// because it is in the ready list, which is the thread's own and not searched.
  bool withdraw(work<P>& w) noexcept {
    trampoline<P>::forget(w);
    return true;
  }
};

static_assert(executor<inline_executor, std_platform>);

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
