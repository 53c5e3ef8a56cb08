// surewake/core/coroutine/loop_operation.hpp: one operation of a kernel, as a node that its loop lists without
// allocating, and the list of those in flight.
//
//   idle --start--> in_flight --its completion--> done --the loop runs it--> idle     its action is called
//                   in_flight, done --cancel_now--> idle                              its action is not called
//                   in_flight --fork, in the child--> lost                            its action is not called
//
// Invariants
//   I1  From the start to the completion the kernel knows the node by its address, so the owner of the node destroys it
//       only while it is idle. That holds for what the request points to as well (buffers, paths, words).
//   I2  From start to idle all fields belong to the loop's thread. An operation is in flying_ or in done_, or it is
//       idle and in neither.
//   I3  A completion only moves its operation to done_, and the loop runs them one by one. So cancel_now may take
//       completions inside of a callback, and those of other operations that it meets are kept.
// Threads   one: the loop's.   Signals  nothing here is async-signal-safe.
// Fork      in the child an operation in flight is lost, because it is the parent's. Its action is not called, unless
//           the operation asked to be told (tell_of_fork).
// Cost      no allocation.
#pragma once

#include <surewake/core/coroutine/timer.hpp>
#include <surewake/core/node/work.hpp>
#include <surewake/core/platform/canceled.hpp>
#include <surewake/core/platform/std_platform.hpp>

#include <cerrno>
#include <cstddef>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

template <class Requests, class Operation> class loop_operations;

class loop_operation : public work<std_platform> {
 public:
  enum class state : std::uint8_t { idle, in_flight, done, lost };

  /// Makes a node that resumes handle() when complete.
  loop_operation() = default;
  /// Makes a node that calls `completed` on the loop's thread when complete. The node is idle by then, and may be
  /// started again or destroyed.
  explicit loop_operation(action completed) noexcept : work<std_platform>(completed) {}

  /// Makes it a sleep, which is no request at all. It completes with 0 when `t` fires, at `when`; `t` calls the loop's
  /// `finish(*this, 0)`.
  void prepare_sleep(timer& t, timer::time_point when) noexcept {
    alarm_ = &t;
    when_ = when;
  }

  /// Has the action called in a forked child too, inside of fork(), with the result -EOWNERDEAD, because the operation
  /// is the parent's alone. The action may neither resume nor start anything.
  void tell_of_fork() noexcept { told_of_fork_ = true; }

  /// Returns the result of the last completion: a number from 0 on, or minus an error (-canceled_error if it was given
  /// up).
  [[nodiscard]] int result() const noexcept { return result_; }
  void set_result(int r) noexcept { result_ = r; }
  [[nodiscard]] state where() const noexcept { return state_; }

 private:
  template <class Requests, class Operation> friend class loop_operations;

  timer* alarm_ = nullptr;
  timer::time_point when_{};
  int result_ = 0;
  state state_ = state::idle;
  bool told_of_fork_ = false;
  bool background_ = false;     // does not keep run() from returning
  bool cancel_wanted_ = false;  // the kernel was, or is to be, asked to give it up
};

/// The operations of a loop. `Requests` derives from it, and has send(op), which hands `op` to the kernel,
/// send_cancel(op), and enter(n, until), which takes completions.
template <class Requests, class Operation> class loop_operations {
 public:
  using P = std_platform;
  using time_point = timer::time_point;
  using state = loop_operation::state;
  using operation = Operation;

  /// Hands `op`, which is idle, to the kernel with the next submit. Its action is called when it is complete.
  void start(Operation& op) noexcept {
    op.background_ = false;
    ++attended_;
    launch(op);
  }
  /// Does what start does, but run() does not wait for `op`.
  void start_background(Operation& op) noexcept {
    op.background_ = true;
    launch(op);
  }
  /// Does what start does without the kernel: `op`, which is idle, is complete with `result`.
  void start_completed(Operation& op, int result) noexcept {
    op.background_ = false;
    ++attended_;
    op.state_ = state::in_flight;
    flying_.push_back(op);
    ++in_flight_;
    finish(op, result);
  }

  /// Asks for the end of `op`. Its action is called as usual, and result() says what came first.
  void cancel(Operation& op) noexcept {
    if (op.state_ != state::in_flight || op.cancel_wanted_) return;
    op.cancel_wanted_ = true;
    ++cancels_wanted_;
    if (op.alarm_ != nullptr) {
      timers_.erase(*op.alarm_);
      return finish(op, -canceled_error);
    }
    self().send_cancel(op);
  }

  /// Ends `op` now, in whatever state it is. Its action is not called, and the kernel does not know it any more.
  /// Returns result(). Blocks until the kernel has answered; completions of other operations are kept for later.
  int cancel_now(Operation& op) noexcept {
    cancel(op);
    return wait_now(op);
  }
  /// Does what cancel_now does, without asking for the end of `op`.
  int wait_now(Operation& op) noexcept {
    while (op.state_ == state::in_flight) self().enter(1, time_point::max());
    if (op.state_ == state::done) {
      done_.erase(op);
      op.state_ = state::idle;
    }
    return op.result_;
  }

  /// Completes `op` with `result`: for what the kernel completed, and for a sleep's timer.
  void finish(Operation& op, int result) noexcept {
    flying_.erase(op);
    --in_flight_;
    if (!op.background_) --attended_;
    op.result_ = result;
    if (op.cancel_wanted_) {
      op.cancel_wanted_ = false;
      --cancels_wanted_;
    }
    op.state_ = state::done;
    done_.push_back(op);
  }

 protected:
  /// Returns the next operation whose action is to be called; null if there is none.
  [[nodiscard]] Operation* next_done() noexcept {
    work<P>* const w = done_.pop_front();
    if (w == nullptr) return nullptr;
    auto* const op = static_cast<Operation*>(w);
    op->state_ = state::idle;
    return op;
  }
  [[nodiscard]] bool any_done() const noexcept { return !done_.empty(); }
  [[nodiscard]] bool any_in_flight() const noexcept { return in_flight_ != 0; }
  [[nodiscard]] bool any_attended() const noexcept { return attended_ != 0; }

  /// Makes all operations that are started from now on fail with -canceled_error.
  void refuse_new() noexcept { closing_ = true; }
  [[nodiscard]] bool refuses_new() const noexcept { return closing_; }

  void cancel_all() noexcept {
    for_each_in_flight([this](Operation& op) { cancel(op); });
  }

  /// Arms `t` for `when`; if timers that are due are being fired, for the next round at the earliest.
  void arm_timer(timer& t, time_point when) noexcept {
    timers_.push(t, when > fired_until_ ? when : fired_until_ + time_point::duration(1));
  }

  /// Gives up in a forked child what is in flight, because the kernel works for the parent only.
  void disown() noexcept {
    while (timer* const t = timers_.top()) timers_.erase(*t);
    while (work<P>* const w = flying_.pop_front()) lose(*w);
    while (work<P>* const w = done_.pop_front()) lose(*w);
    in_flight_ = attended_ = cancels_wanted_ = 0;
  }

  /// Calls f for each operation in flight. `f` may meanwhile complete operations, also others than its own; it may see
  /// some operations twice.
  template <class F> void for_each_in_flight(F f) noexcept {
    for (std::size_t n = in_flight_; n != 0 && !flying_.empty(); --n) {
      work<P>* const w = flying_.pop_front();
      flying_.push_back(*w);
      f(*static_cast<Operation*>(w));
    }
  }

  [[nodiscard]] static bool cancel_wanted(Operation const& op) noexcept { return op.cancel_wanted_; }
  [[nodiscard]] std::size_t in_flight() const noexcept { return in_flight_; }
  [[nodiscard]] std::size_t cancels_wanted() const noexcept { return cancels_wanted_; }

  timer_heap timers_;
  time_point fired_until_ = time_point::min();  // timers up to here were fired, or are being fired

 private:
  [[nodiscard]] Requests& self() noexcept { return static_cast<Requests&>(*this); }

  static void lose(work<P>& w) noexcept {
    auto& op = static_cast<Operation&>(w);
    op.state_ = state::lost;
    if (!op.told_of_fork_) return;
    op.state_ = state::idle;
    op.result_ = -EOWNERDEAD;
    op.run();
  }

  void launch(Operation& op) noexcept {
    op.state_ = state::in_flight;
    flying_.push_back(op);
    ++in_flight_;
    if (closing_) return finish(op, -canceled_error);
    if (op.alarm_ != nullptr) return arm_timer(*op.alarm_, op.when_);
    self().send(op);
  }

  work_list<P> flying_;  // in flight
  work_list<P> done_;    // complete, their actions not called yet
  std::size_t in_flight_ = 0;
  std::size_t attended_ = 0;        // of those, not in the background
  std::size_t cancels_wanted_ = 0;  // of those, to be given up
  bool closing_ = false;
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
