// A stranger's cases: a strategy with a lock of its own, a discipline, and a strategy that loses waiters.
#include "newest_first.hpp"

#include <surewake/verify/every_model.hpp>

namespace strangers {

using namespace surewake;

template <platform P> class my_lock {
 public:
  void lock() noexcept {
    while (taken_.exchange(1U, P::acquire) != 0U) P::await(taken_, [](unsigned v) { return v == 0U; }, P::relaxed);
  }
  void unlock() noexcept { taken_.store(0U, P::release); }

 private:
  typename P::template atomic<unsigned> taken_{0U};
};

template <platform P> class my_queue : public locked_queue<P, my_lock<P>, newest_first_list<P>> {
 public:
  static constexpr char const* name = "my_queue";
  static constexpr bool first_come_first_served = false;
  static constexpr char const* progress = "enqueue, grant, withdraw and close blocking under other_cases";
};

// Counts its releases.
struct my_hand_off : hand_off {
  static constexpr char const* name = "my_hand_off";
  template <platform P> struct counter : hand_off::counter<P> {
    using hand_off::counter<P>::counter;
    std::int64_t put(std::int64_t n) noexcept {
      releases_.fetch_add(1U, P::relaxed);
      return hand_off::counter<P>::put(n);
    }

   private:
    typename P::template atomic<unsigned> releases_{0U};
  };
};

// Remembers one waiter.
template <platform P> class one_waiter {
 public:
  [[nodiscard]] bool empty() const noexcept { return first_ == nullptr; }
  [[nodiscard]] waiter<P>& front() const noexcept { return *first_; }
  void push_back(waiter<P>& w) noexcept { first_ = &w; }
  void erase(waiter<P>& w) noexcept {
    if (first_ == &w) first_ = nullptr;
  }

 private:
  waiter<P>* first_ = nullptr;
};
template <platform P> class forgetful : public locked_queue<P, my_lock<P>, one_waiter<P>> {
 public:
  static constexpr char const* name = "forgetful";
};

using namespace surewake::verify;

bool const strategy = check_strategy<my_queue>();
bool const discipline = check_discipline<my_hand_off, mutex_deque>();
bool const wrong = check_model<models::two_waiters_two_releases, forgetful, hand_off>("two_waiters_two_releases");

}  // namespace strangers
