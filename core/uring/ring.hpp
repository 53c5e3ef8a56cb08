// surewake/core/uring/ring.hpp: the two queues between a thread and the kernel, and the one system call that moves
// them.
//
//   next() --fill--> unsubmitted --enter--> the kernel's --> completed --reap--> gone
//                    unsubmitted --take_back--> gone                       the kernel never saw it
//
// Invariants
//   I1  A ring is used by one thread, which set it up (IORING_SETUP_SINGLE_ISSUER).
//   I2  The kernel takes entries only inside enter(), in order. The rest stays ours, so it can be taken back.
//   I3  No completion is lost, because what does not fit into the completion queue stays in the kernel
//       (IORING_FEAT_NODROP), and the next enter() brings it.
//   I4  A futex wait that is armed on the ring is found by every later wake of this process (futex_table.hpp).
// Signals   nothing here is async-signal-safe.
// Fork      the queues are shared with the child, which touches neither them nor the ring. It calls only disown() and
//           the destructor, which unmaps and closes what the child has of them.
// Needs     Linux 5.13: IORING_FEAT_EXT_ARG (a time limit for enter), NODROP, multishot polls.
// Errors    the constructor throws std::invalid_argument for impossible sizes, and std::system_error with what the
//           kernel said; enter() returns minus an errno.
// Cost      memory of the kernel's: 64 bytes an entry, 16 a completion. enter() is a system call, the rest is not.
#pragma once

#include <surewake/core/platform/std_platform.hpp>
#include <surewake/core/uring/futex_table.hpp>
#include <surewake/core/uring/kernel.hpp>

#include <bit>
#include <stdexcept>
#include <string>
#include <system_error>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

template <class Kernel> class uring_ring {
 public:
  /// Takes the sizes of the queues. `entries`, of the submission queue, is rounded up to a power of 2; it is at least
  /// 1, and above 32768 it is 32768. `completions`, of the completion queue, is rounded likewise, up to 65536, and is
  /// not fewer than `entries`; 0 means twice as many.
  uring_ring(unsigned entries, unsigned completions) {
    check(entries, completions);
    auto const table = secure_futex_table<Kernel>();
    if (table.error != 0) {
      throw std::system_error(table.error, std::system_category(),
                              "surewake: PR_FUTEX_HASH is refused, and no thread can be made in its place");
    }
    table_ = table.how;
    int const r = set_up(entries, completions);
    // acquire [R2]: what was in this memory before is over, pairs with [R1].
    static_cast<void>(gone().load(std_platform::acquire));
    if (r < 0 && r != -ENOTSUP) throw std::system_error(-r, std::system_category(), "surewake: io_uring_setup");
    if (r < 0 || (ring_.features & needed_features) != needed_features) {
      if (r >= 0) Kernel::teardown(ring_);
      throw std::system_error(ENOTSUP, std::system_category(), "surewake: io_uring before Linux 5.13");
    }
    // A filter may allow a ring to be set up, and refuse what works with it. So that is tried here, where nothing is in
    // flight yet.
    int const entered = Kernel::enter(ring_, 0, 0, 0, nullptr, _NSIG / 8);
    if (entered < 0 && entered != -EINTR && entered != -EAGAIN && entered != -ENOMEM && entered != -EBUSY) {
      Kernel::teardown(ring_);
      throw std::system_error(-entered, std::system_category(), "surewake: io_uring_enter");
    }
    // However the ring was set up, the kernel takes the entries in order: without an index array by itself, and with an
    // array because the array says so.
    for (unsigned i = 0; ring_.sq.array != nullptr && i < ring_.sq.ring_entries; ++i) ring_.sq.array[i] = i;
    // Since Linux 5.18 the thread can keep the ring at hand, so that enter() need not look its descriptor up.
    io_uring_rsrc_update place{};
    place.offset = ~0U;
    place.data = static_cast<std::uint64_t>(ring_.ring_fd);
    if (Kernel::registers(ring_.ring_fd, IORING_REGISTER_RING_FDS, &place, 1) != 1) return;
    ring_.enter_ring_fd = static_cast<int>(place.offset);
    registered_ = IORING_ENTER_REGISTERED_RING;
  }
  uring_ring(uring_ring const&) = delete;
  uring_ring& operator=(uring_ring const&) = delete;
  ~uring_ring() {
    // release [R1]: a later ring may be mapped where this ring was, pairs with [R2]. The kernel keeps that order, but a
    // sanitizer does not see the kernel.
    gone().fetch_add(1, std_platform::release);
    if (registered_ != 0) {
      io_uring_rsrc_update place{};
      place.offset = static_cast<unsigned>(ring_.enter_ring_fd);
      Kernel::registers(ring_.ring_fd, IORING_UNREGISTER_RING_FDS, &place, 1);
    }
    Kernel::teardown(ring_);
  }

  /// Gives the ring up in a forked child, where what is there is the parent's.
  void disown() noexcept {
    registered_ = 0;
    tail_ = head_;
  }

  [[nodiscard]] int fd() const noexcept { return ring_.ring_fd; }
  [[nodiscard]] unsigned setup_flags() const noexcept { return ring_.flags; }
  [[nodiscard]] unsigned features() const noexcept { return ring_.features; }
  [[nodiscard]] unsigned entries() const noexcept { return ring_.sq.ring_entries; }
  [[nodiscard]] unsigned completions() const noexcept { return ring_.cq.ring_entries; }

  /// Returns where the kernel keeps the futex waits of this process, as was found when the ring was made.
  [[nodiscard]] futex_table table() const noexcept { return table_; }

  /// Returns whether the kernel says that it has no operation `opcode`; false also if it cannot say.
  [[nodiscard]] bool lacks(std::uint8_t opcode) noexcept {
    constexpr unsigned most = 256;
    alignas(io_uring_probe) std::byte bytes[sizeof(io_uring_probe) + most * sizeof(io_uring_probe_op)]{};
    if (Kernel::registers(ring_.ring_fd, IORING_REGISTER_PROBE, bytes, most) < 0) return false;
    auto const& known = *reinterpret_cast<io_uring_probe const*>(bytes);
    return opcode > known.last_op || (known.ops[opcode].flags & IO_URING_OP_SUPPORTED) == 0;
  }

  /// Returns a place for a request, which counts as filled from now on; null if the submission queue is full.
  [[nodiscard]] io_uring_sqe* next() noexcept {
    if (unsubmitted() == ring_.sq.ring_entries) return nullptr;
    return &ring_.sq.sqes[tail_++ & ring_.sq.ring_mask];
  }
  [[nodiscard]] unsigned unsubmitted() const noexcept { return tail_ - head_; }

  /// Returns whether the kernel has something for us, as far as can be seen without asking it.
  [[nodiscard]] bool has_news() const noexcept {
    return *ring_.cq.khead != io_uring_smp_load_acquire(ring_.cq.ktail) ||
           (io_uring_smp_load_acquire(ring_.sq.kflags) & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW)) != 0;
  }
  /// Returns whether it has some that came by task work; one enter() brings at most 20 of these (since Linux 6.13).
  [[nodiscard]] bool has_task_work() const noexcept {
    return (io_uring_smp_load_acquire(ring_.sq.kflags) & IORING_SQ_TASKRUN) != 0;
  }
  [[nodiscard]] bool overflowed() const noexcept {
    return (io_uring_smp_load_acquire(ring_.sq.kflags) & IORING_SQ_CQ_OVERFLOW) != 0;
  }

  /// Submits, brings completions, and waits for `wait_for` of them, no longer than `limit` unless that is null. Returns
  /// how many entries were taken, or minus an errno: -ETIME, -EINTR (look again), -EAGAIN, -ENOMEM, -EBUSY (not now).
  int enter(unsigned wait_for, __kernel_timespec* limit) noexcept {
    io_uring_smp_store_release(ring_.sq.ktail, tail_);
    int const r = call(unsubmitted(), wait_for, limit);
    head_ = io_uring_smp_load_acquire(ring_.sq.khead);
    return r;
  }
  /// Submits nothing, and waits for one completion, no longer than `limit`.
  int wait_only(__kernel_timespec& limit) noexcept { return call(0, 1, &limit); }

  /// Calls f(user_data, result, flags) for each completion that is here, and returns how many. `f` must not reap.
  template <class F> unsigned reap(F f) noexcept {
    unsigned head = *ring_.cq.khead;
    unsigned const tail = io_uring_smp_load_acquire(ring_.cq.ktail);
    unsigned const n = tail - head;
    for (; head != tail; ++head) {
      io_uring_cqe const& c = ring_.cq.cqes[head & ring_.cq.ring_mask];
      f(c.user_data, c.res, c.flags);
    }
    io_uring_smp_store_release(ring_.cq.khead, head);
    return n;
  }

  /// Takes back the entries that the kernel has not taken, all of them, and calls f(entry) for each.
  template <class F> void take_back(F f) noexcept {
    unsigned const end = tail_;
    tail_ = head_;
    io_uring_smp_store_release(ring_.sq.ktail, tail_);
    for (unsigned i = head_; i != end; ++i) f(ring_.sq.sqes[i & ring_.sq.ring_mask]);
  }

 private:
  static constexpr unsigned most_entries = 32768;      // the kernel's IORING_MAX_ENTRIES
  static constexpr unsigned most_completions = 65536;  // and twice as many

  static void check(unsigned entries, unsigned completions) {
    if (entries == 0) throw std::invalid_argument("surewake: uring_options::entries is 0, below the least, 1");
    if (completions == 0) return;
    unsigned const least = std::bit_ceil(std::min(entries, most_entries));
    if (std::bit_ceil(std::min(completions, most_completions)) >= least) return;
    throw std::invalid_argument("surewake: uring_options::completions is " + std::to_string(completions) +
                                ", below the least, as many as entries: " + std::to_string(least));
  }
  /// Returns the count of the rings that were destroyed.
  [[nodiscard]] static std_platform::atomic<std::uint64_t>& gone() noexcept {
    static std_platform::atomic<std::uint64_t> count{0};
    return count;
  }
  int call(unsigned submit, unsigned wait_for, __kernel_timespec* limit) noexcept {
    unsigned const flags = IORING_ENTER_GETEVENTS | registered_;
    if (limit == nullptr) return Kernel::enter(ring_, submit, wait_for, flags, nullptr, _NSIG / 8);
    io_uring_getevents_arg argument{};
    argument.ts = reinterpret_cast<std::uintptr_t>(limit);
    return Kernel::enter(ring_, submit, wait_for, flags | IORING_ENTER_EXT_ARG, &argument, sizeof argument);
  }

  static constexpr unsigned needed_features = IORING_FEAT_NODROP | IORING_FEAT_EXT_ARG | IORING_FEAT_RSRC_TAGS;

  /// Sets up the best ring that the kernel has. If it does not know a set of flags (-EINVAL), an older set follows.
  int set_up(unsigned entries, unsigned completions) noexcept {
    constexpr unsigned best[] = {
        // 6.1: completions are processed inside enter() only, by one thread
        IORING_SETUP_SUBMIT_ALL | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG,
        // 6.0: at any system call, without interrupting the thread
        IORING_SETUP_SUBMIT_ALL | IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG,
        // 5.19
        IORING_SETUP_SUBMIT_ALL | IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG, 0};
    int r = 0;
    for (unsigned const flags : best) {
      io_uring_params params{};
      params.flags = flags | IORING_SETUP_CLAMP | (completions != 0 ? IORING_SETUP_CQSIZE : 0U);
      params.cq_entries = completions;
      r = Kernel::setup(entries, ring_, params);
      if (r != -EINVAL) break;
    }
    return r;
  }

  io_uring ring_{};
  futex_table table_ = futex_table::none;
  unsigned registered_ = 0;  // the flag that says so, otherwise 0
  unsigned head_ = 0;        // the first entry that the kernel has not taken
  unsigned tail_ = 0;        // the next to be filled
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
