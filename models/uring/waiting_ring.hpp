// surewake/models/uring/waiting_ring.hpp: a ring for execution graphs, whose lists belong to its thread alone. It waits
// for the word itself, where the kernel of kernel.hpp, whose lists are ghosts, waits for a wake.
//
//   armed --the word is another one--> complete, 0        armed --cancelled, or the ring goes--> complete, -ECANCELED
//
// It sleeps until the word of its oldest wait changes, so a model grants the oldest waiter first. A wake does nothing:
// that none is forgotten is kernel.hpp's to show. What is shown here is what the orders of the layouts are for.
#pragma once

#include <surewake/core/node/trampoline.hpp>
#include <surewake/queues/parts/futex_ring.hpp>
#include <surewake/queues/parts/uring_wait_list.hpp>

#include <array>
#include <utility>

namespace surewake::models {

template <platform P> class waiting_ring {
 public:
  static constexpr bool completes_in_order = true;
  static constexpr bool fits_graphs = true;

  class operation : public work<P> {
   public:
    using work<P>::work;
    [[nodiscard]] int result() const noexcept { return result_; }

   private:
    friend class waiting_ring;
    int result_ = 0;
    bool cancelled_ = false;
  };

  waiting_ring() noexcept { mine().ring = this; }
  waiting_ring(waiting_ring const&) = delete;
  waiting_ring& operator=(waiting_ring const&) = delete;
  ~waiting_ring() {
    typename trampoline<P>::scope const here;
    while (size_ != 0) {
      for (std::size_t i = 0; i != size_; ++i) armed_[i].op->cancelled_ = true;
      work_off();
    }
    trampoline<P>::drain();
    mine().ring = nullptr;
  }

  [[nodiscard]] static waiting_ring* current() noexcept { return mine().ring; }
  template <class Word> void wait(operation& op, Word& word, std::uint32_t expected) noexcept {
    ++kept_;
    arm(op, word, expected, true);
  }
  template <class Word> void watch(operation& op, Word& word, std::uint32_t expected) noexcept {
    arm(op, word, expected, false);
  }
  void cancel(operation& op) noexcept { op.cancelled_ = true; }
  void wake(void const*) noexcept {}
  static void wake_now(void const*) noexcept {}
  template <class Word> [[nodiscard]] static void const* address(Word& word) noexcept { return &word; }
  void keep(int n) noexcept { kept_ += n; }

  /// Runs what is complete, and does not sleep.
  void poll() noexcept {
    typename trampoline<P>::scope const here;
    work_off();
  }
  /// Runs what is complete, and sleeps in between; returns once `done()`.
  template <class Done> void run_until(Done done) noexcept {
    typename trampoline<P>::scope const here;
    for (;;) {
      bool const ran = work_off();
      if (done()) return;
      if (!ran) sleep();
    }
  }
  /// Runs until no waiter of this ring is left that would keep its thread here.
  void run() noexcept {
    run_until([this] { return kept_ == 0; });
  }

 private:
  struct wait_on {
    operation* op = nullptr;
    void* word = nullptr;
    std::uint32_t expected = 0;
    bool keeps = false;
    bool (*look)(void* word, std::uint32_t expected, bool sleeps) noexcept = nullptr;
  };
  struct thread_state {
    waiting_ring* ring = nullptr;
  };
  static thread_state& mine() noexcept { return P::template local<thread_state>(); }

  template <class Word> void arm(operation& op, Word& word, std::uint32_t expected, bool keeps) noexcept {
    P::within(size_, armed_.size());
    op.cancelled_ = false;
    armed_[size_++] = {&op, &word, expected, keeps, &look<Word>};
  }
  /// Returns whether the low half of the word is another one than expected; sleeps until it is, if that is asked for.
  template <class Word> static bool look(void* at, std::uint32_t expected, bool sleeps) noexcept {
    auto const differs = [expected](auto v) { return static_cast<std::uint32_t>(v) != expected; };
    auto& word = *static_cast<Word*>(at);
    // relaxed: the kernel's look orders nothing.
    return sleeps ? differs(P::await(word, differs, P::relaxed)) : differs(word.load(P::relaxed));
  }
  void sleep() noexcept {
    if (size_ == 0) P::broken("a ring sleeps, and nothing will wake it");
    static_cast<void>(armed_[0].look(armed_[0].word, armed_[0].expected, true));
    complete(0, 0);
  }
  /// Completes what is over, once. Returns whether there was any.
  bool work_off() noexcept {
    bool any = false;
    for (std::size_t i = 0; i != size_;) {
      wait_on const& w = armed_[i];
      bool const over = w.op->cancelled_ || w.look(w.word, w.expected, false);
      if (over) complete(i, w.op->cancelled_ ? -ECANCELED : 0);
      any = any || over;
      i = over ? 0 : i + 1;
    }
    return any;
  }
  void complete(std::size_t i, int result) noexcept {
    wait_on const w = armed_[i];
    for (--size_; i != size_; ++i) armed_[i] = armed_[i + 1];
    if (w.keeps) --kept_;
    w.op->result_ = result;
    w.op->run();
    trampoline<P>::drain();
  }

  std::size_t size_ = 0;
  std::array<wait_on, 8> armed_{};  // the oldest first
  int kept_ = 0;
};

/// uring_futex over such rings: `waiting_uring<per_ring>::queue`.
template <class Layout> struct waiting_uring {
  template <platform P> using ring = waiting_ring<P>;
  template <platform P> class queue : public uring_wait_list<P, typename Layout::template layout<P, ring<P>>> {
   public:
    using ring_type = ring<P>;
  };
};

}  // namespace surewake::models
