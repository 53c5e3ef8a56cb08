// surewake/models/history/history_of_queue.hpp: two waiters of a bare queue give up while a grant comes. Does one order
// of all calls explain what each was answered?
// Shape      2 threads on a bare queue: granter gives a grant; visitor registers two waiters of one grant each, and
//            withdraws the second and the first.
// Must hold  the history is that of a semaphore of no permit that serves in order
//            (models/fixture/permits_in_order.hpp), where a grant is a release; what is left over is there in the end.
#pragma once

#include <surewake/models/fixture/facts.hpp>
#include <surewake/models/fixture/history.hpp>
#include <surewake/models/fixture/permits_for_all.hpp>
#include <surewake/models/fixture/permits_in_order.hpp>
#include <surewake/models/fixture/sleeper.hpp>

#include <array>
#include <string>

namespace surewake::models {

template <platform P, template <class> class Queue> class history_of_queue {
 public:
  static constexpr model_facts facts{
      .question = "Waiters of a bare queue are granted and leave: does one order of the calls explain the answers?",
      .law = "a bare queue: registrations, grants and withdrawals have an order that explains their answers",
      .over = over_what::queues};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"granter", "visitor"};

  void thread(unsigned i) {
    if (i == 0) {
      unsigned const call = history_.call({.what = asks::release, .n = 1});
      queue_.grant(1);
      history_.returned(call);
      return;
    }
    guest first(*this), second(*this);
    second.leave();
    first.leave();
  }

  void after() {
    unsigned const i = history_.call({.what = asks::try_acquire, .n = 1});
    sleeper<P> next(1);
    bool const granted = queue_.enqueue(next) == enqueued::granted;
    history_.returned(i, granted ? answer::granted : answer::refused);
    history_.check();
    if (!granted && !queue_.withdraw(next, nothing)) P::broken("a waiter vanished from the queue");
  }

  [[nodiscard]] std::string state() const { return std::to_string(queue_.size()) + " waiters registered"; }

 private:
  using specification =
      std::conditional_t<surewake::detail::grants_in_order<Queue<P>>, permits_in_order, permits_for_all>;

  static std::int64_t nothing(std::uint32_t) noexcept { return 0; }

  /// A waiter that registers when it is made.
  class guest {
   public:
    explicit guest(history_of_queue& m) : m_(m), request_(m.history_.call({.what = asks::request, .n = 1})) {
      has_it_ = m.queue_.enqueue(me_) == enqueued::granted;
      m.history_.returned(request_);
      if (has_it_) m.history_.returned(outcome(), answer::granted);
    }
    /// Gives up, or sleeps until it has the grant that is on its way.
    void leave() {
      if (has_it_) return;
      unsigned const i = outcome();
      bool const leaves = m_.queue_.withdraw(me_, nothing);
      if (!leaves) me_.sleep();
      m_.history_.returned(i, leaves ? answer::withdrawn : answer::granted);
    }

   private:
    unsigned outcome() { return m_.history_.call({.what = asks::outcome, .n = 1, .request = request_}); }

    history_of_queue& m_;
    unsigned request_;
    bool has_it_ = false;
    sleeper<P> me_{1};
  };

  Queue<P> queue_{};
  history<P, specification> history_{specification(0)};
};

}  // namespace surewake::models
