// surewake/core/semaphore/scripted_queue.test.hpp: a waiter queue for one thread in which a test can step between any
// two steps. Not installed.
//
// The contract of core/semaphore/waiter_queue.hpp in the plainest form, FIFO. At each point of `script` the test may
// put a call that, on a real machine, another thread would make there: a release between a failed acquire and its
// registration, a stop between registration and suspension, a withdrawal between the release and its grant.
#pragma once

#include <surewake/core/semaphore/semaphore.hpp>

#include <deque>
#include <functional>
#include <utility>

namespace surewake::testing {

/// Each is called once, and empty afterwards.
struct script {
  std::function<void()> before_enqueue, after_enqueue, before_grant, before_hand_over, before_withdraw, before_close;
  int refused = 0;  // grants that were refused
  static script& now() {
    static script s;
    return s;
  }
  static void step(std::function<void()> script::*point) {
    if (auto const f = std::exchange(now().*point, nullptr)) f();
  }
};

template <platform P> class scripted_queue {
 public:
  enqueued enqueue(waiter<P>& w) {
    return enqueue(w, [] { return std::int64_t{-1}; });
  }
  enqueued enqueue(waiter<P>& w, auto&& look_again) {
    script::step(&script::before_enqueue);
    if (closed_) return enqueued::closed;
    balance_ -= w.assign(std::max<std::int64_t>(balance_, 0));
    if (w.missing() == 0) return enqueued::granted;
    if (std::int64_t const refusals = look_again(); refusals >= 0) {
      balance_ -= refusals;
      w.missing(0);
      return enqueued::granted;
    }
    line_.push_back(&w);
    script::step(&script::after_enqueue);
    return enqueued::waiting;
  }

  void grant(std::int64_t n) {
    script::step(&script::before_grant);
    if (closed_) return;
    balance_ += n;
    while (balance_ > 0 && !line_.empty()) {
      waiter<P>& w = *line_.front();
      balance_ -= w.assign(balance_);
      if (w.missing() != 0) continue;
      take_out(w);
      script::step(&script::before_hand_over);
      bool const more = balance_ > 0 && !line_.empty();
      w.hand_over();  // may be the end of this queue, unless others wait
      if (!more) return;
    }
  }

  template <class Refund> bool withdraw(waiter<P>& w, Refund&& refund) {
    script::step(&script::before_withdraw);
    if (!w.registered()) return false;
    std::int64_t const refused = refund(take_out(w).missing());
    script::now().refused += static_cast<int>(refused);
    balance_ -= refused;
    return true;
  }

  void close() {
    script::step(&script::before_close);
    closed_ = true;
    balance_ = 0;
    while (!line_.empty()) {
      waiter<P>& w = take_out(*line_.front());
      bool const more = !line_.empty();
      w.set_closed();
      w.hand_over();  // as in grant()
      if (!more) return;
    }
  }

  [[nodiscard]] std::size_t size() const noexcept { return line_.size(); }

 private:
  waiter<P>& take_out(waiter<P>& w) {
    std::erase(line_, &w);
    return w;
  }

  std::deque<waiter<P>*> line_;
  std::int64_t balance_ = 0;
  bool closed_ = false;
};

/// Sets what happens at a point, for one test.
class at_point {
 public:
  at_point(std::function<void()> script::*point, std::function<void()> f) : point_(point) {
    script::now().*point = std::move(f);
  }
  at_point(at_point const&) = delete;
  at_point& operator=(at_point const&) = delete;
  ~at_point() { script::now().*point_ = nullptr; }
  [[nodiscard]] bool passed() const { return !(script::now().*point_); }

 private:
  std::function<void()> script::*point_;
};

using scripted = basic_semaphore<scripted_queue>;
using scripted_barging = basic_semaphore<scripted_queue, std_platform, barging>;

/// Runs at once, and is destroyed with this object.
class fiber {
 public:
  struct promise_type {
    fiber get_return_object() noexcept { return fiber{std::coroutine_handle<promise_type>::from_promise(*this)}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_always final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }
  };
  fiber(fiber&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  fiber& operator=(fiber&&) = delete;
  ~fiber() {
    if (frame_) frame_.destroy();
  }

 private:
  explicit fiber(std::coroutine_handle<promise_type> h) noexcept : frame_(h) {}
  std::coroutine_handle<promise_type> frame_;
};

enum class visit { waiting, holding, given_up, closed };

/// Awaits acquire() and keeps what it gets in `p`.
template <class Acquire, class Permit> fiber keep(Acquire acquire, visit& end, Permit& p) {
  end = visit::waiting;
  try {
    auto got = co_await acquire();
    if constexpr (std::is_same_v<decltype(got), Permit>) {
      p = std::move(got);
    } else if (got) {
      p = std::move(*got);
    }
    end = p ? visit::holding : visit::given_up;
  } catch (closed_error const&) {
    end = visit::closed;
  }
}

}  // namespace surewake::testing
