// surewake/core/uring/requests.hpp: the operations that a loop has in flight, and how each comes to its end.
//
//   start --> flying --reap: its completion--> done --the loop runs it-->
//             flying --cancel--> flying, until the kernel says -ECANCELED, or the result that came before
//             flying, not yet the kernel's --refused for 0.2 s--> done, with the kernel's error
//
// Invariants
//   I1  All of it belongs to one thread.
//   I2  Reaping only moves completions (core/coroutine/loop_operation.hpp).
//   I3  Requests reach the kernel in the order in which they were made. So a cancellation, which names an operation by
//       its address, is over before that address can be a new operation's.
//   I4  A request that the kernel would not take is not forgotten: an operation fails with the kernel's error, a
//       cancellation is sent again, a wake is done by the system call.
//   I5  A cancellation may miss an operation that the kernel has. The kernel may not find it (-ENOENT), because it is
//       on its way between two of the kernel's lists, as a pipe read before Linux 6.4 is when it goes to a worker. Or
//       the kernel may only tell the worker that has it (-EALREADY). So while the operation is in flight its
//       cancellation is sent again, at growing intervals of up to 5 ms.
//   I6  A deadline is compared before it is subtracted from, because a difference of two moments may not fit. (A sleep
//       until the least moment of the clock once slept 292 years.)
// Threads   one: the loop's.   Signals  nothing here is async-signal-safe.
// Fork      disown() in the child, because the kernel works for the parent; nothing is sent to it any more.
// Errors    results. -EINTR and -ETIME are no errors here, and refusals (-EAGAIN, -ENOMEM, -EBUSY) are borne for a
//           while. Anything else that io_uring_enter says would leave coroutines waiting for ever (as -EBADR does, a
//           completion dropped for lack of memory), so it ends the process with a message.
// Cost      no allocation. start and cancel fill a request; the system call comes with the next enter().
#pragma once

#include <surewake/core/uring/operation.hpp>
#include <surewake/core/uring/ring.hpp>

#include <poll.h>

#include <algorithm>
#include <thread>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

/// What a loop has met since it was made.
struct uring_counters {
  std::uint64_t enters = 0;       // system calls
  std::uint64_t interrupted = 0;  // -EINTR
  std::uint64_t refused = 0;      // -EAGAIN, -ENOMEM, -EBUSY
  std::uint64_t given_back = 0;   // requests that the kernel never took
  std::uint64_t overflows = 0;    // times that completions did not fit into their queue, and waited in the kernel
};

template <class Kernel> class uring_requests : public loop_operations<uring_requests<Kernel>, uring_operation> {
  using operations = loop_operations<uring_requests, uring_operation>;
  friend operations;

 public:
  using P = std_platform;
  using time_point = timer::time_point;

  uring_requests(unsigned entries, unsigned completions) : ring_(entries, completions) {}

  /// Adds a wake of at most `n` sleepers of `word`, which goes to the kernel with the next submit. Its result is
  /// dropped. Only the address of `word` is used.
  void wake_later(P::atomic<std::uint32_t> const* word, int n) noexcept {
    io_uring_sqe& s = place();
    uring_abi::prepare_futex(s, uring_abi::op_futex_wake, word, static_cast<std::uint64_t>(n));
    make_silent(s);
  }

  /// Submits what is unsubmitted.
  void flush() noexcept {
    while (ring_.unsubmitted() != 0) enter(0, time_point::max());
  }

  [[nodiscard]] uring_counters const& counters() const noexcept { return counters_; }
  [[nodiscard]] uring_ring<Kernel> const& ring() const noexcept { return ring_; }

 protected:
  /// Has the kernel poll `fd` for readability from now on, and sets `watching` to false when it no longer does.
  void watch(int fd, bool& watching) noexcept {
    watching = true;
    watching_ = &watching;
    io_uring_sqe& s = place();
    ::io_uring_prep_poll_multishot(&s, fd, POLLIN);
    s.user_data = watch_tag;
  }

  /// Submits, and moves all that the kernel has ready, without waiting. That may take several enter(), because each
  /// brings at most 20 of what came by task work, and no more than the queue holds.
  void bring() noexcept {
    std::size_t rounds = this->in_flight();  // a bound, because other threads may make ready ever more
    do {
      enter(0, time_point::max());
    } while ((ring_.has_task_work() || ring_.overflowed()) && rounds-- != 0);
  }

  /// Gives up in a forked child what is in flight, because the kernel works for the parent only.
  void disown() noexcept {
    disowned_ = true;
    ring_.disown();
    operations::disown();
  }

  /// Makes one system call: submits, waits for `wait_for` completions, until `until` at most, and moves what came.
  void enter(unsigned wait_for, time_point until) noexcept {
    if (disowned_) [[unlikely]]
      return;
    if (cancels_lost_) until = std::min(until, send_cancels_again());
    if (ring_.overflowed()) ++counters_.overflows;
    ++counters_.enters;
    __kernel_timespec limit{};
    bool const limited = wait_for != 0 && until != time_point::max();
    if (limited) limit = from_now(until);
    int const r = ring_.enter(wait_for, limited ? &limit : nullptr);
    reap();
    if (r >= 0) {
      refusals_ = 0;
    } else if (r == -EAGAIN || r == -ENOMEM || r == -EBUSY) {
      refused(r);
    } else if (r == -EINTR) {
      ++counters_.interrupted;
    } else if (r != -ETIME) {
      P::broken(r == -EBADR ? "the kernel had no memory for completions and dropped some"
                            : "io_uring_enter failed in a way that it never should");
    }
  }

  uring_ring<Kernel> ring_;

 private:
  // What a completion is for: an operation's address, or one of these tags.
  static constexpr std::uint64_t silent_tag = 0;
  static constexpr std::uint64_t watch_tag = 1;
  static constexpr std::uint64_t cancel_tag = 2;
  static constexpr std::chrono::microseconds first_pause{50};  // doubled with each refusal
  static constexpr std::chrono::microseconds longest_cancel_pause{5000};

  void send(uring_operation& op) noexcept {
    io_uring_sqe& s = place();
    s = op.request();
    s.user_data = reinterpret_cast<std::uintptr_t>(&op);
  }

  /// Returns room for a request. If the queue is full, the kernel takes what is in it, or it is given back.
  [[nodiscard]] io_uring_sqe& place() noexcept {
    for (;;) {
      if (io_uring_sqe* const s = ring_.next()) return *s;
      enter(0, time_point::max());
    }
  }

  void send_cancel(uring_operation& op) noexcept {
    io_uring_sqe& s = place();
    ::io_uring_prep_cancel64(&s, reinterpret_cast<std::uintptr_t>(&op), 0);
    make_silent(s);
    s.user_data = cancel_tag;
  }
  /// Sends the wanted cancellations again, unless the last time was just now. Returns when to call it again.
  [[nodiscard]] time_point send_cancels_again() noexcept {
    if (this->cancels_wanted() == 0) {
      cancels_lost_ = false;
      cancel_pause_ = first_pause;
      return time_point::max();
    }
    time_point const now = P::now();
    if (now < cancel_again_) return cancel_again_;
    cancel_again_ = now + cancel_pause_;
    cancel_pause_ = std::min(cancel_pause_ * 2, longest_cancel_pause);
    cancels_lost_ = false;
    this->for_each_in_flight([this](uring_operation& op) {
      if (operations::cancel_wanted(op)) send_cancel(op);
    });
    return cancel_again_;
  }

  void make_silent(io_uring_sqe& s) noexcept {
    s.user_data = silent_tag;
    if ((ring_.features() & IORING_FEAT_CQE_SKIP) != 0) s.flags |= IOSQE_CQE_SKIP_SUCCESS;
  }

  void reap() noexcept {
    ring_.reap([this](std::uint64_t who, int result, unsigned flags) {
      if (who > cancel_tag) {
        uring_operation& op = operation_at(who);
        // If a worker of the kernel was working on it when it was cancelled, it ends with -EINTR.
        this->finish(op, result == -EINTR && operations::cancel_wanted(op) ? -ECANCELED : result);
      } else if (who == watch_tag && (flags & IORING_CQE_F_MORE) == 0) {
        *watching_ = false;
      } else if (who == cancel_tag && (result == -ENOENT || result == -EALREADY)) {
        cancels_lost_ = true;  // I5
      }
    });
  }

  /// Bears a refusal with `error`: the kernel has no memory or no room. Waits for a completion, which frees both, or
  /// for a while. After too many refusals in a row it gives the requests back.
  void refused(int error) noexcept {
    ++counters_.refused;
    if (++refusals_ > Kernel::patience) {
      refusals_ = 0;
      return give_back(error);
    }
    auto const pause = first_pause * (1U << (refusals_ - 1));
    __kernel_timespec limit = to_timespec(pause);
    int const r = ring_.wait_only(limit);
    reap();
    if (r < 0 && r != -ETIME && r != -EINTR) std::this_thread::sleep_for(pause);
  }

  void give_back(int error) noexcept {
    ring_.take_back([this, error](io_uring_sqe const& s) {
      ++counters_.given_back;
      if (s.user_data > cancel_tag) {
        this->finish(operation_at(s.user_data), error);
      } else if (s.user_data == watch_tag) {
        *watching_ = false;
      } else if (s.user_data == cancel_tag) {
        cancels_lost_ = true;
      } else {
        P::futex_wake(reinterpret_cast<P::atomic<std::uint32_t> const*>(s.addr), static_cast<int>(s.off));
      }
    });
  }

  [[nodiscard]] static uring_operation& operation_at(std::uint64_t user_data) noexcept {
    return *reinterpret_cast<uring_operation*>(static_cast<std::uintptr_t>(user_data));
  }

  /// Returns the time from now until `t`, 0 if that is past.
  [[nodiscard]] static __kernel_timespec from_now(time_point t) noexcept {
    time_point const now = P::now();
    return t > now ? to_timespec(t - now) : __kernel_timespec{};  // no overflow: now is not negative
  }
  [[nodiscard]] static __kernel_timespec to_timespec(time_point::duration d) noexcept {
    auto const ns = std::chrono::duration_cast<std::chrono::nanoseconds>(d).count();
    return {.tv_sec = ns / 1'000'000'000, .tv_nsec = ns % 1'000'000'000};
  }

  bool* watching_ = nullptr;
  uring_counters counters_;
  unsigned refusals_ = 0;  // in a row
  bool disowned_ = false;
  bool cancels_lost_ = false;
  std::chrono::microseconds cancel_pause_ = first_pause;
  time_point cancel_again_{};
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
