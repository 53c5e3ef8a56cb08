// surewake/models/giving_up/stop_against_operation.hpp: an operation of a sender waits, its stop is requested, and its
// permit comes, all at once. Its completion destroys it. How often is it completed, and is it touched afterwards?
// Shape      3 threads: registrant starts the operation; granter releases the only permit; stopper requests the stop.
// Must hold  it completes exactly once, with the permit or without, and is not touched afterwards; the permit is free
//            in the end.
#pragma once

#include <surewake/core/platform/platform_new.hpp>
#include <surewake/core/senders/acquire.hpp>
#include <surewake/models/fixture/fixture.hpp>
#include <surewake/models/fixture/stop_source.hpp>

#include <array>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct stop_against_operation : fixture<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "An operation is stopped and granted at once: how often is it completed, and is it touched then?",
      .law = "a stopped operation completes once, and is not touched afterwards"};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"registrant", "granter", "stopper"};

  stop_against_operation() : stop_against_operation::fixture(1, 1) {}

  void thread(unsigned i) {
    switch (i) {
      case 0: return senders::start(platform_new<object, P>(*this)->operation);
      case 1: work_.set(1); return this->held().release();
      default: return source_.request_stop();
    }
  }

  void after() {
    if (ended_.get() != 1) P::broken("lost wakeup: a stopped operation waits and nobody will complete it");
    at_rest(this->limit(), 1);
  }

 private:
  using semaphore = typename stop_against_operation::semaphore;
  struct object;

  struct token {
    stop_source<P>* source;
    template <class F> struct callback_type : stop_source<P>::template canceller<F> {
      callback_type(token const& t, F f) noexcept : stop_source<P>::template canceller<F>(*t.source, f) {}
    };
  };
  struct environment {
    stop_source<P>* source;
    [[nodiscard]] token query(senders::get_stop_token_t) const noexcept { return {source}; }
  };
  struct receiver {
    using receiver_concept = senders::receiver_t;
    stop_against_operation& model;
    object* operation;

    [[nodiscard]] environment get_env() const noexcept { return {&model.source_}; }
    void set_value(typename semaphore::permit) && noexcept {
      if (model.work_.get() != 1) P::broken("visibility: the work of a holder was lost");
      end(model, operation);
    }
    void set_error(closed_error const&) && noexcept { P::broken("nobody closed the semaphore"); }
    void set_stopped() && noexcept { end(model, operation); }
    /// The receiver is in the operation.
    static void end(stop_against_operation& m, object* o) noexcept {
      platform_delete<P>{}(o);
      m.ended_.add(1);
    }
  };
  struct object {
    explicit object(stop_against_operation& m)
        : operation(senders::connect(senders::acquire(m.limit()), receiver{m, this})) {}
    decltype(senders::connect(senders::acquire(std::declval<semaphore&>()), std::declval<receiver>())) operation;
  };

  stop_source<P> source_{};
  ghost<P> ended_{};
  typename P::template plain<int> work_{0};
};

}  // namespace surewake::models
