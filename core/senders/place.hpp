// surewake/core/senders/place.hpp: where an operation completes whose wait has ended: on the scheduler of the
// receiver's environment, or here.
//
// A scheduler that completes with an error or is stopped has said where, and not how the wait ended: the operation
// completes there, with what it has. (To pass the scheduler's error on would lose a permit, or a stop.)
// Source    P3552, whose task comes back to its scheduler.   Checked  queues/conformance/senders.test.cpp.
#pragma once

#include <surewake/core/senders/vocabulary.hpp>

#include <concepts>
#include <utility>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace senders { namespace detail {

/// Completes an Operation where its wait ended.
template <class Operation, class Env> struct completes_here {
  static constexpr bool has_home = true;
  completes_here(Operation&, Env const&) noexcept {}
  static void go_on(Operation& o) noexcept { o.complete(); }
};

/// Completes an Operation on the scheduler of Env.
template <class Operation, class Env>
  requires std::invocable<get_scheduler_t, Env const&>
struct completes_here<Operation, Env> {
  static constexpr bool has_home = false;
  completes_here(Operation& o, Env const& env) : scheduled_(connect(schedule(get_scheduler(env)), told{&o})) {}
  void go_on(Operation&) noexcept { start(scheduled_); }

 private:
  struct told {
    using receiver_concept = receiver_t;
    Operation* operation;
    void set_value() && noexcept { operation->complete(); }
    template <class E> void set_error(E&&) && noexcept { operation->complete(); }
    void set_stopped() && noexcept { operation->complete(); }
  };
  decltype(connect(schedule(get_scheduler(std::declval<Env const&>())), std::declval<told>())) scheduled_;
};

}}}  // namespace surewake::senders::detail

#include <surewake/core/platform/macros_pop.hpp>
