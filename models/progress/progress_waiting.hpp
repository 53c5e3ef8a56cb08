// surewake/models/progress/progress_waiting.hpp: acquires wait, give up and are granted. If one of them, or all but
// one, stall in the middle, which operations does that keep from ending?
// Shape      progress_single: leaving waits and gives up; releasing gives the only permit back and tries to take it
//            again. progress_ring: the same, and leaving waits on the ring of its thread. progress_many: releasing then
//            waits for it, and a third thread, arriving, waits. progress_closing: arriving, leaving, and a thread that
//            closes, gives the permit back, tries to take it, and takes it away. No thread waits for a grant: an
//            operation has ended when its call returns.
// Must hold  the progress guarantees of enqueue, grant and withdraw, and of the counter's operations; conservation (law
//            1), no lost wakeup (law 2).
#pragma once

#include <surewake/models/fixture/facts.hpp>
#include <surewake/models/progress/progress.hpp>

namespace surewake::models {

/// Owns one permit, which is held at the beginning.
template <platform P, template <class> class Queue, class Discipline> class progress_waiting {
  using tested = named_synchronizer<P, Queue, Discipline>;
  static constexpr auto names_of_operations() noexcept {
    if constexpr (tested::counted) {
      return std::array{"take", "put", "refund", "try_take", "enqueue", "grant", "withdraw"};
    } else {
      return std::array{"take", "wait", "give_back", "withdraw", "try_take"};
    }
  }

 public:
  static constexpr auto operations = names_of_operations();

  progress_waiting() : progress_waiting(false) {}
  explicit progress_waiting(bool leaving_suspends) : leaving_(false, leaving_suspends) {
    static_cast<void>(synchronizer_.take(1));
  }

  void after() {
    if (held_.get() != 0) synchronizer_.give_back(1);
    while (arriving_.hands_out() || leaving_.hands_out() || again_.hands_out()) synchronizer_.give_back(1);
    if (synchronizer_.waiters() != 0) P::broken("lost wakeup: somebody waits and nobody will wake it");
    if (synchronizer_.available() != 1) P::broken("conservation: a permit was lost or invented");
  }

  [[nodiscard]] std::string state() const {
    return std::to_string(synchronizer_.available()) + " permits free, " +
           std::to_string(synchronizer_.waiters()) + " waiters";
  }

 protected:
  void arrives() { static_cast<void>(arriving_.waits_at(synchronizer_)); }
  void comes_and_leaves() {
    if (leaving_.waits_at(synchronizer_)) leaving_.gives_up();
  }
  void releases() {
    held_.set(0);
    synchronizer_.give_back(1);
    if (synchronizer_.try_take(1)) synchronizer_.give_back(1);
  }
  void comes_back() { static_cast<void>(again_.waits_at(synchronizer_)); }
  void closes() {
    synchronizer_.close();
    if constexpr (tested::counted) {
      held_.set(0);
      synchronizer_.give_back(1);
      if (synchronizer_.try_take(1)) P::broken("a closed semaphore gave a permit");
      if (synchronizer_.reduce(1) == 1) synchronizer_.give_back(1);
    }
  }

 private:
  tested synchronizer_{1};
  ghost<P> held_{1};
  visitor<P, tested> arriving_{true};
  visitor<P, tested> leaving_;
  visitor<P, tested> again_{true};
};

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct progress_single : progress_waiting<P, Queue, Discipline> {
  using progress_single::progress_waiting::progress_waiting;
  static constexpr model_facts facts{
      .question = "Requests for one permit wait: does each operation come to its end, as claimed?",
      .law = "each call ends as its header claims, whichever thread stalls",
      .unfit = "a checker counts the steps of each call, and lets threads stall"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"leaving", "releasing"};
  void thread(unsigned i) { i == 0 ? this->comes_and_leaves() : this->releases(); }
};

/// For strategies that know of rings, with a ring on every thread.
template <platform P, template <class> class Queue, class Discipline = hand_off>
struct progress_ring : progress_single<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "A request for one permit waits on a ring: does each operation come to its end, as claimed?",
      .law = "each call ends as its header claims, whichever thread stalls, when a waiter is on a ring",
      .unfit = "a checker counts the steps of each call, and lets threads stall"};
  progress_ring() : progress_ring::progress_single(true) {}
};

template <platform P, template <class> class Queue, class Discipline = hand_off>
struct progress_many : progress_waiting<P, Queue, Discipline> {
  static constexpr model_facts facts{
      .question = "Requests of several sizes wait: does each operation come to its end, as claimed?",
      .law = "each call ends as its header claims, whichever thread stalls",
      .unfit = "a checker counts the steps of each call, and lets threads stall"};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"arriving", "leaving", "releasing"};
  void thread(unsigned i) {
    if (i == 0) return this->arrives();
    if (i == 1) return this->comes_and_leaves();
    this->releases();
    this->comes_back();
  }
};

template <platform P, template <class> class Queue, class Discipline = hand_off>
class progress_closing : public progress_waiting<P, Queue, Discipline> {
  static constexpr auto names_of_operations() noexcept {
    if constexpr (named_synchronizer<P, Queue, Discipline>::counted) {
      return std::array{"take", "put", "refund", "try_take", "reduce", "enqueue", "withdraw", "close"};
    } else {
      return std::array{"wait", "withdraw", "close"};
    }
  }

 public:
  static constexpr model_facts facts{
      .question = "The semaphore is closed under waiters: does each operation come to its end, as claimed?",
      .law = "each call ends as its header claims, whichever thread stalls",
      .unfit = "a checker counts the steps of each call, and lets threads stall"};
  static constexpr unsigned threads = 3;
  static constexpr std::array<char const*, 3> names{"arriving", "leaving", "closing"};
  static constexpr auto operations = names_of_operations();
  void thread(unsigned i) { i == 0 ? this->arrives() : i == 1 ? this->comes_and_leaves() : this->closes(); }
};

}  // namespace surewake::models
