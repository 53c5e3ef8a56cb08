// surewake/core/coroutine/small_loop.test.hpp: a loop whose kernel is the test, which answers requests as it likes. Not
// installed.
#pragma once

#include <surewake/core/coroutine/event_loop.hpp>
#include <surewake/core/coroutine/loop_awaiter.hpp>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

namespace surewake::testing {

class small_operation : public detail::loop_operation {
 public:
  using loop_operation::loop_operation;

  // for loop_awaiter
  [[nodiscard]] bool closes() const noexcept { return false; }
  void close_now() noexcept {}
  void drop(int) noexcept {}
};

class small_requests : public detail::loop_operations<small_requests, small_operation> {
  friend loop_operations<small_requests, small_operation>;

 public:
  static constexpr char const* a_loop = "a small_loop";

  /// Answers, as the kernel, a request that was sent; the first answer to it counts. Any thread.
  void answer(small_operation& op, int result) {
    std::lock_guard const hold(mutex_);
    if (std::any_of(answers_.begin(), answers_.end(), [&](auto const& a) { return a.first == &op; })) return;
    answers_.emplace_back(&op, result);
    wake_.notify_all();
  }
  std::vector<small_operation*> sent;  // to the kernel, for good
  int cancels = 0;                     // that the kernel was asked for
  bool cancels_at_once = true;         // it answers them itself

 protected:
  void signal() noexcept {
    std::lock_guard const hold(mutex_);
    signalled_ = true;
    wake_.notify_all();
  }
  void prepare_to_wait() noexcept {}
  void flush() noexcept {}
  void bring() noexcept { enter(0, time_point::max()); }
  void enter(unsigned wait_for, time_point until) noexcept {
    std::vector<std::pair<small_operation*, int>> taken;
    {
      std::unique_lock hold(mutex_);
      auto const woken = [this] { return signalled_ || !answers_.empty(); };
      if (wait_for != 0 && until == time_point::max()) wake_.wait(hold, woken);
      if (wait_for != 0 && until != time_point::max()) wake_.wait_until(hold, until, woken);
      signalled_ = false;
      taken.swap(answers_);
    }
    for (auto const& [op, result] : taken) finish(*op, result);
  }

 private:
  void send(small_operation& op) noexcept { sent.push_back(&op); }
  void send_cancel(small_operation& op) {
    ++cancels;
    if (cancels_at_once) answer(op, -detail::canceled_error);
  }

  std::mutex mutex_;
  std::condition_variable wake_;
  bool signalled_ = false;
  std::vector<std::pair<small_operation*, int>> answers_;
};

class small_loop : public detail::event_loop<small_loop, small_requests> {
 public:
  ~small_loop() { end(); }

  using small_requests::answer;
  using small_requests::cancel;
  using small_requests::cancel_now;
  using small_requests::cancels;
  using small_requests::cancels_at_once;
  using small_requests::finish;
  using small_requests::sent;
  using small_requests::start;
  using small_requests::start_background;
  using small_requests::start_completed;
  using small_requests::wait_now;

  using awaiter = detail::loop_awaiter<small_loop, small_operation>;
  /// Yields what the test answers.
  awaiter request(std::stop_token stop = {}) {
    return {*this, std::move(stop), [](small_operation&) {}};
  }
};

/// An operation that counts how often its action is called.
struct counted_operation : small_operation {
  counted_operation()
      : small_operation([](work<std_platform>& w) noexcept { ++static_cast<counted_operation&>(w).runs; }) {}
  int runs = 0;
};

}  // namespace surewake::testing
