// surewake/core/uring/loop.hpp: one thread's I/O, timers, futex waits and posted work, completed through one io_uring.
//
// For coroutines   co_await loop.read(fd, bytes, offset, stop) gives an io_result; so do openat, write, statx, close,
//                  nop, sleep_for, sleep_until, futex_wait, futex_wake; and co_await loop.schedule(). Awaited on
//                  another thread, they bring the coroutine to the loop's.
// For strategies   Operations as nodes with a callback (operation.hpp): start, start_background, cancel, cancel_now.
//                  wake_later(word, n): a futex wake that goes with the next submit; flush(): submit now. support.hpp:
//                  what the kernel offers, and why not.
// The rest, and who may call what where, also after a fork: core/coroutine/event_loop.hpp.
//
// Checked   loop.test.cpp, awaiter.test.cpp, requests.test.cpp (a kernel that refuses), also under ThreadSanitizer.
//           Threads meet under mutex_, so ThreadSanitizer need not see the kernel, which it cannot.
// Errors    the constructor's. An error that an operation meets is its result (io_result.hpp). requests.hpp says what
//           happens if the kernel will not take requests (-EAGAIN, -ENOMEM, -EBUSY).
// Cost      no allocation after construction. Medians of 41 interleaved rounds, in pairs of locked RMWs (10 ns): a nop
//           21, in batches of 64 6.2 each; a cached 4 KiB read 39, in batches of 64 26, by pread 25; a schedule() hop
//           3.5; a timer armed and disarmed 2.0; a futex wait and its wake on the ring 46, and cancel_now 47. So the
//           ring pays where requests come together, or would block.
//           A post to a sleeping loop and its answer, between two loops on two cores: 2.1 µs. How the poster wakes it
//           (25 interleaved rounds of bare rings; best round trip in µs, median ratio): an eventfd that the ring polls
//           (multishot) 2.1, 1; the eventfd read by a request each time 2.6, 1.5; MSG_RING submitted by itself 2.6,
//           1.3, or with the sender's own wait 2.7, 1.4; futex wake call and ring futex wait 2.2, 1.3. The first is
//           used, because it is not beaten and works from threads without a ring. MSG_RING would need a ring there.
#pragma once

#include <surewake/core/coroutine/event_loop.hpp>
#include <surewake/core/coroutine/loop_awaiter.hpp>
#include <surewake/core/coroutine/task.hpp>
#include <surewake/core/uring/requests.hpp>

#include <fcntl.h>
#include <sys/stat.h>

#include <span>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

namespace detail {

/// The requests of a ring, and an event whose signal ends the wait in the kernel.
template <class Kernel> class uring_source : public uring_requests<Kernel> {
 public:
  static constexpr char const* a_loop = "a uring_loop";

  uring_source(unsigned entries, unsigned completions)
      : uring_requests<Kernel>(entries, completions), event_(Kernel::event()) {
    if (event_ < 0) throw std::system_error(-event_, std::system_category(), "surewake: eventfd");
  }
  uring_source(uring_source const&) = delete;
  uring_source& operator=(uring_source const&) = delete;
  ~uring_source() { ::close(event_); }

 protected:
  void signal() noexcept { Kernel::signal(event_); }
  void prepare_to_wait() noexcept {
    if (!watching_) this->watch(event_, watching_);
  }

 private:
  int const event_;
  bool watching_ = false;  // the kernel polls event_
};

}  // namespace detail

/// The sizes of a loop's queues. Both are rounded up to a power of 2, and are at most what the kernel has: 32768 and
/// 65536.
struct uring_options {
  unsigned entries = 256;    // of the submission queue, at least 1; one request more costs a system call, nothing else
  unsigned completions = 0;  // of the completion queue, not fewer than entries; 0: twice as many. What does not fit
                             // waits in the kernel
};

/// Runs one thread's coroutines, I/O and timers. `Kernel` is uring_kernel, or a struct whose calls can be made to fail.
///
/// Orders   what a thread did before post() comes before the work runs; what it did before stop() comes before run()
///          returns.
/// Errors   of an awaitable: its result says, and the call itself throws nothing. Where none are named, none.
template <class Kernel>
class basic_uring_loop : public detail::event_loop<basic_uring_loop<Kernel>, detail::uring_source<Kernel>> {
  using base = detail::event_loop<basic_uring_loop, detail::uring_source<Kernel>>;
  using requests = detail::uring_source<Kernel>;
  using awaiter = detail::loop_awaiter<basic_uring_loop, uring_operation>;

 public:
  using P = std_platform;
  using word = P::atomic<std::uint32_t>;
  static constexpr std::uint64_t current_position = ~std::uint64_t{0};  // as an offset: the descriptor's own position

  /// Makes a loop for the calling thread, which alone runs and destroys it.
  ///
  /// Errors   std::invalid_argument for impossible options, with value and limit. std::system_error if the kernel gives
  ///          no ring or event (support.hpp says why). std::logic_error if the thread has a loop.
  explicit basic_uring_loop(uring_options o = {}) : base(o.entries, o.completions) {}
  ~basic_uring_loop() { this->end(); }

  // ---- for the loop's thread ----

  using requests::cancel;
  using requests::cancel_now;
  using requests::counters;
  using requests::finish;
  using requests::flush;
  using requests::ring;
  using requests::start;
  using requests::start_background;
  using requests::start_completed;
  using requests::wait_now;
  using requests::wake_later;

  // ---- for coroutines, on any thread; resumed on the loop's. The results are io_results. If `stop` is requested
  // before the operation is over, it is cancelled, and the result is canceled() unless another result came first ----

  /// Yields 0, once the kernel has had the request.
  awaiter nop(std::stop_token stop = {}) {
    return {*this, std::move(stop), [](uring_operation& o) { ::io_uring_prep_nop(&o.request()); }};
  }
  /// Opens `path`, relative to `folder`, and yields a descriptor.
  awaiter openat(int folder, char const* path, int flags, mode_t mode = 0, std::stop_token stop = {}) {
    return {*this, std::move(stop),
            [=](uring_operation& o) { ::io_uring_prep_openat(&o.request(), folder, path, flags, mode); }};
  }
  /// Reads from `fd` at `offset`, and yields how many bytes, 0 at the end of the file.
  awaiter read(int fd, std::span<std::byte> to, std::uint64_t offset = current_position, std::stop_token stop = {}) {
    return {*this, std::move(stop),
            [=](uring_operation& o) { ::io_uring_prep_read(&o.request(), fd, to.data(), length(to), offset); }};
  }
  /// Writes to `fd` at `offset`, and yields how many bytes.
  awaiter write(int fd, std::span<std::byte const> from, std::uint64_t offset = current_position,
                std::stop_token stop = {}) {
    return {*this, std::move(stop),
            [=](uring_operation& o) { ::io_uring_prep_write(&o.request(), fd, from.data(), length(from), offset); }};
  }
  /// Fills `to`, and yields 0.
  awaiter statx(int folder, char const* path, int flags, unsigned mask, struct ::statx& to, std::stop_token stop = {}) {
    return {*this, std::move(stop),
            [=, &to](uring_operation& o) { ::io_uring_prep_statx(&o.request(), folder, path, flags, mask, &to); }};
  }
  /// Closes `fd`, and yields 0. If it is destroyed while it waits it closes nevertheless; if it is stopped in time it
  /// does not.
  awaiter close(int fd, std::stop_token stop = {}) {
    return {*this, std::move(stop), [=](uring_operation& o) { ::io_uring_prep_close(&o.request(), fd); }};
  }
  /// Waits while `w` holds `expected`. Yields 0 if it was woken, and the error EAGAIN if `w` held something else.
  /// Needs Linux 6.7.
  awaiter futex_wait(word const& w, std::uint32_t expected, std::stop_token stop = {}) {
    return {*this, std::move(stop), [&w, expected](uring_operation& o) { o.prepare_futex_wait(w, expected); }};
  }
  /// Wakes at most `n` waiters of `w`, and yields how many were woken.   Needs Linux 6.7.
  awaiter futex_wake(word const& w, int n, std::stop_token stop = {}) {
    return {*this, std::move(stop), [&w, n](uring_operation& o) { o.prepare_futex_wake(&w, n); }};
  }

 private:
  template <class T> [[nodiscard]] static unsigned length(std::span<T> bytes) noexcept {
    constexpr std::size_t most = 0x7fff'f000;  // what the kernel moves at once; above it would read a negative length
    return static_cast<unsigned>(bytes.size() < most ? bytes.size() : most);
  }
};

using uring_loop = basic_uring_loop<uring_kernel>;

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
