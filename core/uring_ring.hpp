// surewake/core/uring_ring.hpp: the two queues between a thread and the kernel, and the one system call that moves
// them.
//
//   next() --fill--> unsubmitted --enter--> the kernel's --> completed --reap--> gone
//                    unsubmitted --take_back--> gone                       the kernel never saw it
//
// Invariants
//   I1  One thread: the one that set the ring up (IORING_SETUP_SINGLE_ISSUER).
//   I2  The kernel takes entries only inside enter(), in order; the rest stays ours, so it can be taken back.
//   I3  No completion is lost: what does not fit into the completion queue stays in the kernel (IORING_FEAT_NODROP),
//       and the next enter() brings it.
// Needs     Linux 5.13: IORING_FEAT_EXT_ARG (a time limit for enter), NODROP, multishot polls.
// Errors    the constructor's: std::system_error, with what the kernel said; enter() returns minus an errno.
// Cost      memory of the kernel's: 64 bytes an entry, 16 a completion. enter() is a system call, the rest is not.
#pragma once

#include <surewake/core/std_platform.hpp>
#include <surewake/core/uring_kernel.hpp>

#include <system_error>

namespace [[gnu::visibility("default")]] surewake {

template <class Kernel> class uring_ring {
 public:
  /// entries: of the submission queue, rounded up to a power of 2; completions: of the other one, 0 for twice as many.
  uring_ring(unsigned entries, unsigned completions) {
    int const r = set_up(entries, completions);
    // acquire [R2]: what was in this memory before is over, pairs with [R1].
    static_cast<void>(gone().load(std_platform::acquire));
    if (r < 0) throw std::system_error(-r, std::system_category(), "surewake: io_uring_setup");
    if ((ring_.features & needed_features) != needed_features) {
      ::io_uring_queue_exit(&ring_);
      throw std::system_error(ENOTSUP, std::system_category(), "surewake: io_uring before Linux 5.13");
    }
    for (unsigned i = 0; i < ring_.sq.ring_entries; ++i) ring_.sq.array[i] = i;
    // 5.18: the thread keeps the ring at hand, and enter() need not look its descriptor up.
    if (::io_uring_register_ring_fd(&ring_) == 1) registered_ = IORING_ENTER_REGISTERED_RING;
  }
  uring_ring(uring_ring const&) = delete;
  uring_ring& operator=(uring_ring const&) = delete;
  ~uring_ring() {
    // release [R1]: a ring that comes later may lie where this one lay, pairs with [R2]. The kernel sees to that order,
    // but a sanitizer does not see the kernel.
    gone().fetch_add(1, std_platform::release);
    ::io_uring_queue_exit(&ring_);
  }

  [[nodiscard]] int fd() const noexcept { return ring_.ring_fd; }
  [[nodiscard]] unsigned setup_flags() const noexcept { return ring_.flags; }
  [[nodiscard]] unsigned features() const noexcept { return ring_.features; }
  [[nodiscard]] unsigned entries() const noexcept { return ring_.sq.ring_entries; }
  [[nodiscard]] unsigned completions() const noexcept { return ring_.cq.ring_entries; }

  /// Whether the kernel says that it has no such operation; false also where it cannot say.
  [[nodiscard]] bool lacks(std::uint8_t opcode) noexcept {
    io_uring_probe* const known = ::io_uring_get_probe_ring(&ring_);
    if (known == nullptr) return false;
    bool const has = ::io_uring_opcode_supported(known, opcode) != 0;
    ::io_uring_free_probe(known);
    return !has;
  }

  /// A place for a request, which counts as filled from now on; null where the submission queue is full.
  [[nodiscard]] io_uring_sqe* next() noexcept {
    if (unsubmitted() == ring_.sq.ring_entries) return nullptr;
    return &ring_.sq.sqes[tail_++ & ring_.sq.ring_mask];
  }
  [[nodiscard]] unsigned unsubmitted() const noexcept { return tail_ - head_; }

  /// Whether the kernel has something for us, as far as can be seen without asking it.
  [[nodiscard]] bool has_news() const noexcept {
    return *ring_.cq.khead != io_uring_smp_load_acquire(ring_.cq.ktail) ||
           (io_uring_smp_load_acquire(ring_.sq.kflags) & (IORING_SQ_TASKRUN | IORING_SQ_CQ_OVERFLOW)) != 0;
  }
  [[nodiscard]] bool overflowed() const noexcept {
    return (io_uring_smp_load_acquire(ring_.sq.kflags) & IORING_SQ_CQ_OVERFLOW) != 0;
  }

  /// Submits, brings completions, and waits for `wait_for` of them, where `limit` says so no longer than that. Returns
  /// how many entries were taken, or minus an errno: -ETIME, -EINTR (look again), -EAGAIN, -ENOMEM, -EBUSY (not now).
  int enter(unsigned wait_for, __kernel_timespec* limit) noexcept {
    io_uring_smp_store_release(ring_.sq.ktail, tail_);
    int const r = call(unsubmitted(), wait_for, limit);
    head_ = io_uring_smp_load_acquire(ring_.sq.khead);
    return r;
  }
  /// Submits nothing; waits for one completion.
  int wait_only(__kernel_timespec& limit) noexcept { return call(0, 1, &limit); }

  /// Calls f(user_data, result, flags) for each completion that is here; returns how many. f must not reap.
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

  /// Calls f(entry) for each entry that the kernel has not taken; none is left.
  template <class F> void take_back(F f) noexcept {
    unsigned const end = tail_;
    tail_ = head_;
    io_uring_smp_store_release(ring_.sq.ktail, tail_);
    for (unsigned i = head_; i != end; ++i) f(ring_.sq.sqes[i & ring_.sq.ring_mask]);
  }

 private:
  /// How many rings there were.
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

  /// The best that the kernel has: each set of flags that it does not know (-EINVAL) is followed by an older one.
  int set_up(unsigned entries, unsigned completions) noexcept {
    constexpr unsigned best[] = {
        // 6.1: completions are worked off inside enter() only, by one thread
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
  unsigned registered_ = 0;  // the flag that says so, or 0
  unsigned head_ = 0;        // the first entry that the kernel has not taken
  unsigned tail_ = 0;        // the next to be filled
};

}  // namespace surewake
