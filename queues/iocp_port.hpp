// surewake/queues/iocp_port.hpp: coroutines of Windows' event loops wait at their loop's completion port, so that a
// grant reaches them on their own thread, through the port that also brings their I/O.
//
//   granter on the waiter's loop    --> runs it
//   granter on any other thread     --PostQueuedCompletionStatus-->  the waiter's loop runs it
//   a waiter without a loop is run by the granter; a thread that blocks sleeps by WaitOnAddress
//   (core/semaphore/blocking_wait.hpp)
//
// It is uring_futex's layout *per ring* (queues/parts/uring_per_ring.hpp) over another kernel, and the wait list is the
// same. Where a ring has a futex wait armed on the word that holds the granted waiters, a port has nothing armed: a
// granter that finds the word empty posts a packet, which says *look* (core/iocp/inlet.hpp).
//
// Invariants
//   I1  watch() compares the word on the loop's own thread. If a granter had filled the word before, and the loop saw
//       the old value, the granter's packet is still to come, because what a thread takes from a port comes after what
//       the poster did before. So no grant is lost between the look and the wait.
// Fallback  as uring_futex. If this process gets no port, which is asked once, semaphores run on intrusive_list or on
//           the strategy that is named, as in iocp_port_or<mutex_deque>::queue. backend() says which, and why.
// Threads, Signals, Leaving, Errors   as uring_futex, per ring. There is no fork.
// Progress  as uring_futex, per ring.   Fairness  as uring_futex, per ring: FIFO among the waiters.
// Cost      a system call for each grant to another thread whose loop has run all that was granted to it. Not measured
//           on Windows: under Wine a post takes 9 to 13 us, which says nothing about it.
// Checked   iocp_port.test.cpp, under Wine 8. The layout is searched by models/uring/, the port and its inlet by no
//           model. It never ran on a real Windows.
#pragma once

#include <surewake/core/iocp/loop.hpp>
#include <surewake/queues/intrusive_list.hpp>
#include <surewake/core/coroutine/loop_keeper.hpp>
#include <surewake/queues/parts/strategy_or.hpp>
#include <surewake/queues/parts/uring_per_ring.hpp>

#include <surewake/core/platform/macros_push.hpp>

#if defined(_WIN32)

namespace [[gnu::visibility("default")]] surewake {

namespace detail {

/// A thread's iocp_loop, as the layout sees it.
class loop_port {
  using P = std_platform;

 public:
  using operation = iocp_operation;

  /// A port is first in, first out, as Microsoft says of its packets.
  static constexpr bool completes_in_order = true;

  explicit loop_port(iocp_loop& loop) noexcept : loop_(loop) {}
  loop_port(loop_port const&) = delete;
  loop_port& operator=(loop_port const&) = delete;

  [[nodiscard]] static loop_port* current() noexcept {
    iocp_loop* const loop = iocp_loop::current();
    return loop != nullptr ? &loop->attached<loop_port>() : nullptr;
  }

  template <class Word> void watch(operation& op, Word const& word, std::uint32_t expected) noexcept {
    // relaxed: a grant that this look misses has a packet on its way (I1).
    if (static_cast<std::uint32_t>(word.load(P::relaxed)) != expected) return loop_.start_completed(op, -EAGAIN);
    loop_.start_background(op);
  }
  void wake(void const* inlet) noexcept { wake_now(inlet); }
  static void wake_now(void const* inlet) noexcept {
    static_cast<void>(static_cast<windows_inlet*>(const_cast<void*>(inlet))->post());
  }
  template <class Word> [[nodiscard]] void const* address(Word const&) const noexcept { return &loop_.inlet(); }
  void keep(int n) noexcept { keeper_.keep(n); }

 private:
  iocp_loop& loop_;
  loop_keeper<iocp_loop> keeper_{loop_};
};
static_assert(waking_ring<loop_port, std_platform>);

struct waits_at_port {
  template <platform P> using layout = uring_per_ring<P, loop_port>;
};

/// Whether Windows gives this process a port.
struct ports {
  static constexpr char const* name = "completion port";
  [[nodiscard]] static bool usable() { return error() == 0; }
  [[nodiscard]] static std::string why() {
    return "CreateIoCompletionPort: " + std::system_category().message(static_cast<int>(error()));
  }

 private:
  [[nodiscard]] static DWORD error() {
    static DWORD const found = []() -> DWORD {
      HANDLE const port = ::CreateIoCompletionPort(INVALID_HANDLE_VALUE, nullptr, 0, 1);
      if (port == nullptr) return ::GetLastError();
      ::CloseHandle(port);
      return 0;
    }();
    return found;
  }
};

}  // namespace detail

/// iocp_port with another strategy where Windows gives no port: `iocp_port_or<mutex_deque>::queue`. Its backend() says
/// `completion port (per ring)`, or the other strategy and Windows' error.
template <template <class> class Fallback>
using iocp_port_or = detail::strategy_or<Fallback, detail::waits_at_port, detail::ports>;

template <platform P> class iocp_port : public iocp_port_or<intrusive_list>::queue<P> {
 public:
  using loop_type = iocp_loop;

  static constexpr char const* name = "iocp_port";
  static constexpr withdrawal_cost withdrawal = withdrawal_cost::constant;
  static constexpr char const* a_wait_allocates = "nothing";
};

static_assert(waiter_queue<iocp_port<std_platform>, std_platform>);

}  // namespace surewake

#endif

#include <surewake/core/platform/macros_pop.hpp>
