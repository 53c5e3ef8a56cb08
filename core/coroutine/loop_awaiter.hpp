// surewake/core/coroutine/loop_awaiter.hpp: a coroutine that waits for one operation of a loop, and may be stopped or
// destroyed.
//
//   idle --await_suspend--> asked for --the loop starts it--> in flight --completed--> done --the loop--> resumed
//   asked for: awaited on another thread than the loop's, and on the way to the loop (a post)
//   stop requested: the loop cancels it; the kernel's answer is the result, so a result that came first wins
//   stop requested before it began: canceled, on the loop's thread too, and the kernel never sees the request
//   destroyed: asked for → withdrawn (a close is done at once); in flight → cancelled, and waited for; done → taken out
//
// Invariants
//   I1  The kernel has no pointer into a frame that is gone. The destructor of a suspended awaiter cancels its
//       operation and waits for its completion on the loop's thread (other completions that come meanwhile are kept).
//       An operation record that outlived the frame would not suffice, because the buffer, the path or the statx record
//       is in a frame as well, and a read that has begun writes to its buffer even if the frame is gone. So destroying
//       may block for as long as the kernel needs. That is not at all for sleeps, futexes, pipes and sockets, and the
//       rest of a disk access for a file.
//   I2  After start the coroutine may run and the awaiter be gone, so await_suspend touches nothing of it after that.
//   I3  The stop callback posts stop_work_ at most once. await_resume and the destructor wait for the callback and then
//       withdraw stop_work_, so it never runs for an awaiter that is gone.
//   I4  A coroutine makes no symmetric transfer to itself. If the compiler makes no tail call of it (-O0, ASan), each
//       transfer takes stack, and a loop over stopped operations once overflowed it.
// Lifetime  A suspended coroutine is destroyed on its loop's thread, or, before the loop has started its operation, on
//           any thread; otherwise the process ends with a message.
// Threads   awaited and stopped on any thread; resumed on the loop's.
// Signals   nothing here is async-signal-safe; a stop_source's request_stop() is not either.
// Fork      in the child the operation is the parent's, so the coroutine stays suspended, and may be destroyed.
// Cost      no allocation. On io_uring 312 bytes in the coroutine's frame.
#pragma once

#include <surewake/core/coroutine/io_result.hpp>
#include <surewake/core/platform/deadline.hpp>
#include <surewake/core/node/trampoline.hpp>
#include <surewake/core/coroutine/loop_operation.hpp>

#include <concepts>
#include <optional>
#include <stop_token>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

/// What a loop offers a coroutine to await: an operation with its request filled in, or a sleep.
template <class Loop, class Operation> class [[nodiscard]] loop_awaiter : Operation {
  using P = std_platform;

 public:
  /// Makes an operation of `loop`, which `stop` cancels; `fill(operation)` fills in its request.
  template <std::invocable<Operation&> Fill> loop_awaiter(Loop& loop, std::stop_token stop, Fill fill)
      : loop_(loop), stop_(std::move(stop)) {
    fill(static_cast<Operation&>(*this));
  }
  /// Makes a sleep until `when`, or, if there is a `limit`, which lives as long as the awaiter, until that is over.
  loop_awaiter(Loop& loop, std::stop_token stop, timer::time_point when, time_limit<P>* limit = nullptr)
      : loop_(loop), stop_(std::move(stop)) {
    alarm_.limit = limit;
    this->prepare_sleep(alarm_, when);
  }
  loop_awaiter(loop_awaiter const&) = delete;
  loop_awaiter& operator=(loop_awaiter const&) = delete;
  ~loop_awaiter() {
    if (suspended_) abandon();
  }

  /// Returns true if the operation was stopped before it began, on the loop's thread. If await_suspend resumed the
  /// coroutine instead, that would be a symmetric transfer to itself, which takes stack in some builds (I4).
  [[nodiscard]] bool await_ready() noexcept {
    if (!stop_.stop_requested() || !loop_.on_own_thread()) return false;
    this->set_result(-canceled_error);
    return true;
  }

  [[nodiscard]] std::coroutine_handle<> await_suspend(std::coroutine_handle<> self) noexcept {
    this->set_handle(self);
    suspended_ = true;
    if (stop_.stop_possible()) canceller_.emplace(stop_, on_stop{this});
    if (loop_.on_own_thread()) {
      begin();
    } else {
      this->set_action(&begin_here);
      loop_.post(*this);
    }
    return trampoline<P>::next();  // I2
  }

  io_result await_resume() noexcept {
    suspended_ = false;
    forget_stop();
    return io_result(this->result());
  }

 private:
  struct on_stop {
    loop_awaiter* self;
    void operator()() const noexcept { self->stopped(); }
  };
  struct stop_node : work<P> {
    explicit stop_node(loop_awaiter& a) noexcept : work<P>(&run), owner(a) {}
    static void run(work<P>& w) noexcept { static_cast<stop_node&>(w).owner.stop_here(); }
    loop_awaiter& owner;
  };
  struct alarm : timer {
    explicit alarm(loop_awaiter& a) noexcept : timer(&rings), owner(a) {}
    static void rings(timer& t) noexcept {
      auto& self = static_cast<alarm&>(t);
      loop_awaiter& a = self.owner;
      if (self.limit != nullptr && !self.limit->over()) return a.loop_.arm(self, self.limit->when());
      a.loop_.finish(a, 0);
    }
    loop_awaiter& owner;
    time_limit<P>* limit = nullptr;  // of another clock than the loop's; it says whether the time has come
  };

  /// Begins, on the loop's thread, an operation that was asked for on another thread.
  static void begin_here(work<P>& w) noexcept {
    auto& self = static_cast<loop_awaiter&>(w);
    self.set_action(&work<P>::resume_handle);
    self.begin();
  }
  void begin() noexcept {
    if (stop_.stop_requested()) return loop_.start_completed(*this, -canceled_error);
    loop_.start(*this);
  }

  /// Runs on the thread on which the stop was requested.
  void stopped() noexcept {
    if (loop_.on_own_thread()) return stop_here();
    stop_posted_ = true;
    loop_.post(stop_work_);
  }
  void stop_here() noexcept { loop_.cancel(*this); }  // nothing while it is on its way: begin() looks too

  void forget_stop() noexcept {
    if (!canceller_) return;
    canceller_.reset();  // waits for a callback that is running
    if (stop_posted_) loop_.withdraw(stop_work_);
  }

  [[gnu::noinline, gnu::cold]] void abandon() noexcept {
    if (this->where() == loop_operation::state::lost || loop_.lost()) {  // in a forked child: it is the parent's
      if (this->where() == loop_operation::state::idle) loop_.withdraw(*this);
      if (alarm_.armed()) loop_.disarm(alarm_);
      return;
    }
    forget_stop();
    bool const closes = this->closes();  // if cancelled, it would leave the descriptor open
    if (this->where() == loop_operation::state::idle && loop_.withdraw(*this)) {
      if (closes && !stop_.stop_requested()) this->close_now();
      return;
    }
    if (!loop_.on_own_thread()) P::broken("a coroutine was destroyed while another thread's loop works for it");
    int const r = closes ? loop_.wait_now(*this) : loop_.cancel_now(*this);
    this->drop(r);
  }

  Loop& loop_;
  std::stop_token stop_;
  bool suspended_ = false;
  bool stop_posted_ = false;  // written by the stop callback, read after the callback is over
  alarm alarm_{*this};
  stop_node stop_work_{*this};
  std::optional<std::stop_callback<on_stop>> canceller_;
};

/// A sleep until a time of another clock than the loop's, which is not over before that clock says so (deadline.hpp,
/// I2).
template <class Loop, class Operation>
class loop_clock_awaiter : time_limit<std_platform>, public loop_awaiter<Loop, Operation> {
  using limit = time_limit<std_platform>;

 public:
  loop_clock_awaiter(Loop& loop, std::stop_token stop, limit l)
      : limit(l), loop_awaiter<Loop, Operation>(loop, std::move(stop), l.when(), this) {}
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
