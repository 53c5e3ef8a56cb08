// surewake/models/progress/progress.hpp: what keeps an operation from ending?
//
// For models that are about progress (progress_open.hpp, progress_waiting.hpp): synchronizers whose operations have the
// names about which headers claim something, and which tell the platform each operation while it runs.
//
//   counter_synchronizer.hpp   of the counter: take, put, refund, try_take, reduce
//                              of the queue: enqueue, grant, withdraw, close
//   any other synchronizer     take, wait, give_back, withdraw, try_take, reduce, close
#pragma once

#include <surewake/core/semaphore/counter_synchronizer.hpp>
#include <surewake/models/fixture/law.hpp>

#include <array>
#include <coroutine>

namespace surewake::models {

/// Names what the thread does as long as this object lives, for a platform that asks.
template <platform P> class now {
 public:
  explicit now(char const* operation) noexcept : operation_(operation) {
    if constexpr (requires { P::begin_operation(operation); }) P::begin_operation(operation);
  }
  ~now() {
    if constexpr (requires { P::end_operation(operation_); }) P::end_operation(operation_);
  }
  now(now const&) = delete;
  now& operator=(now const&) = delete;

 private:
  char const* operation_;
};

/// A discipline whose counter names its operations.
template <class Discipline> struct named_discipline : Discipline {
  template <platform P> struct counter : Discipline::template counter<P> {
    using real = typename Discipline::template counter<P>;
    using real::real;
    [[nodiscard]] std::int64_t take(std::int64_t n) noexcept {
      now<P> const in("take");
      return real::take(n);
    }
    [[nodiscard]] std::int64_t retake(std::int64_t n) noexcept {
      now<P> const in("take");
      return real::retake(n);
    }
    [[nodiscard]] std::int64_t put(std::int64_t n) noexcept {
      now<P> const in("put");
      return real::put(n);
    }
    [[nodiscard]] refunded refund(std::int64_t n, std::int64_t missing) noexcept {
      now<P> const in("refund");
      return real::refund(n, missing);
    }
    [[nodiscard]] bool try_take(std::int64_t n) noexcept {
      now<P> const in("try_take");
      return real::try_take(n);
    }
    [[nodiscard]] std::int64_t reduce(std::int64_t n) noexcept {
      now<P> const in("reduce");
      return real::reduce(n);
    }
  };
};

/// A strategy that names its operations.
template <template <class> class Queue> struct named_queue {
  template <class P> struct queue : Queue<P> {
    template <class... Look> [[nodiscard]] enqueued enqueue(waiter_for<Queue<P>, P>& w, Look&&... look) noexcept {
      now<P> const in("enqueue");
      return Queue<P>::enqueue(w, std::forward<Look>(look)...);
    }
    void grant(std::int64_t n) noexcept {
      now<P> const in("grant");
      Queue<P>::grant(n);
    }
    template <class Refund> [[nodiscard]] bool withdraw(waiter_for<Queue<P>, P>& w, Refund&& refund) noexcept {
      now<P> const in("withdraw");
      return Queue<P>::withdraw(w, std::forward<Refund>(refund));
    }
    void close() noexcept {
      now<P> const in("close");
      Queue<P>::close();
    }
  };
};

/// The synchronizer of a strategy that names its operations.
template <platform P, template <class> class Queue, class Discipline,
          class Real = typename synchronizer_for<Queue, Discipline>::template type<P>>
struct named_synchronizer : Real {
  static constexpr bool counted = false;
  using Real::Real;
  [[nodiscard]] take_result take(std::int64_t n) noexcept {
    now<P> const in("take");
    return Real::take(n);
  }
  [[nodiscard]] enqueued wait(typename Real::waiter_type& w, std::int64_t n, take_result taken) noexcept {
    now<P> const in("wait");
    return Real::wait(w, n, taken);
  }
  void give_back(std::int64_t n) noexcept {
    now<P> const in("give_back");
    Real::give_back(n);
  }
  [[nodiscard]] bool withdraw(typename Real::waiter_type& w, std::int64_t n) noexcept {
    now<P> const in("withdraw");
    return Real::withdraw(w, n);
  }
  [[nodiscard]] bool try_take(std::int64_t n) noexcept {
    now<P> const in("try_take");
    return Real::try_take(n);
  }
  [[nodiscard]] std::int64_t reduce(std::int64_t n) noexcept {
    now<P> const in("reduce");
    return Real::reduce(n);
  }
  void close() noexcept {
    now<P> const in("close");
    Real::close();
  }
};
template <platform P, template <class> class Queue, class Discipline>
struct named_synchronizer<P, Queue, Discipline, detail::counter_synchronizer<Queue, P, Discipline>>
    : detail::counter_synchronizer<named_queue<Queue>::template queue, P, named_discipline<Discipline>> {
  static constexpr bool counted = true;
  using named_synchronizer::counter_synchronizer::counter_synchronizer;
};

/// Keeps the permit it is granted. Under barging a waiter that `stays` competes again after each wake. A waiter that
/// may give up meanwhile must not be registered again without its own knowledge, and leaves then. A visitor that
/// `suspends` waits as a coroutine does, so on the ring of its thread, if there is one.
template <platform P, class Synchronizer> class visitor : private Synchronizer::waiter_type {
  using node = typename Synchronizer::waiter_type;

 public:
  explicit visitor(bool stays, bool suspends = false) noexcept : node(&handed_over), stays_(stays) {
    if (suspends) this->set_handle(std::noop_coroutine());
  }

  /// Returns false where the waiter has the permit at once.
  [[nodiscard]] bool waits_at(Synchronizer& limit) noexcept {
    synchronizer_ = &limit;
    take_result const taken = limit.take(1);
    enqueued const r = taken.is_granted()  ? enqueued::granted
                       : taken.is_closed() ? enqueued::closed
                                           : limit.wait(*this, 1, taken);
    if (r == enqueued::granted) holds_.set(1);
    return r == enqueued::waiting;
  }
  void gives_up() noexcept { static_cast<void>(synchronizer_->withdraw(*this, 1)); }
  /// Returns whether it had a permit, which it no longer has.
  [[nodiscard]] bool hands_out() noexcept {
    bool const held = holds_.get() != 0;
    holds_.set(0);
    return held;
  }

 private:
  static void handed_over(work<P>& w) noexcept {
    auto& me = static_cast<visitor&>(static_cast<node&>(w));
    enqueued const r = me.synchronizer_->after_grant(me, 1, me.stays_ ? detail::then::wait : detail::then::leave);
    if (r == enqueued::granted) me.holds_.set(1);
  }

  bool const stays_;
  Synchronizer* synchronizer_ = nullptr;
  ghost<P> holds_{};
};

}  // namespace surewake::models
