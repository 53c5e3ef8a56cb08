// surewake/models/kernel.hpp: the kernel's futex operations and a thread's ring, for a checker: what io_uring promises
// and no more.
//
//   submitted --the word is not v--> complete, -EAGAIN
//             --asleep--> woken by a wake --> complete, 0
//                         interrupted     --> complete, -EINTR        once a ring, when the schedule says so
//                         cancelled       --> complete, -ECANCELED
//   complete --taken by the ring's thread, late and in any order--> the action runs
//
// What it does not promise: a wake and its completion are two steps, so a cancellation may come between and find
// nothing to cancel; a completion orders nothing (all its steps are relaxed); requests wait in the ring until it
// submits them. The lists are ghosts, as in models/law.hpp: no step of a schedule, and no memory order. Each step of
// the kernel's is one RMW, under whose cover they change.
// Not modelled: a submission queue that is full, completions that overflow (core/uring_loop tests those), wakes of more
// than one sleeper by a ring's own request (the layouts make none; models/published/compio_ring.hpp does).
#pragma once

#include <surewake/core/resume.hpp>
#include <surewake/queues/futex_ring.hpp>

#include <array>

namespace surewake::models {

/// A small list beside the schedule.
template <class T, std::size_t Most = 12> class ghost_list {
 public:
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] T const& operator[](std::size_t i) const noexcept { return items_[i]; }
  [[nodiscard]] T& last() noexcept { return items_[size_ - 1]; }
  void push_back(T const& item) noexcept {
    if (size_ == Most) std::abort();  // the model is too large for the list
    items_[size_++] = item;
  }
  T take(std::size_t i) noexcept {
    T const item = items_[i];
    for (--size_; i != size_; ++i) items_[i] = items_[i + 1];
    return item;
  }

 private:
  std::array<T, Most> items_{};
  std::size_t size_ = 0;
};

/// Published mistakes in the use of a ring.
struct ring_rules {
  bool flushes = true;         // a wake is submitted before its thread sleeps, blocks or leaves
  bool supports_futex = true;  // false: the kernel refuses every wait (-EINVAL)
};

template <platform P, ring_rules Rules = ring_rules{}> class kernel_ring;

/// Who sleeps on which word: one for the execution.
template <platform P> class futex_table {
 public:
  struct sleeper {
    void const* word = nullptr;
    void* ring = nullptr;
    void* operation = nullptr;
    void (*complete)(void* ring, void* operation, int result) noexcept = nullptr;
  };

  static futex_table& get() noexcept { return P::template shared<futex_table>(); }

  /// Goes to sleep while the low half of the word is `expected`; false where it is not.
  template <class Word> bool wait(Word& word, std::uint32_t expected, sleeper const& s) noexcept {
    // relaxed: the kernel's look, which sees the newest value and orders nothing.
    if (static_cast<std::uint32_t>(word.fetch_add(0, P::relaxed)) != expected) return false;
    sleepers_.push_back(s);
    return true;
  }

  /// Wakes at most n; how many. As in the kernel, the count is looked at after each one; who waits does so for any bit
  /// of the mask.
  int wake(void const* word, int n, std::uint32_t mask = ~0U) noexcept {
    if (mask == 0) return -EINVAL;
    int woken = 0;
    step();
    for (std::size_t i = 0; i != sleepers_.size();) {
      if (sleepers_[i].word != word) {
        ++i;
        continue;
      }
      sleeper const s = sleepers_.take(i);
      s.complete(s.ring, s.operation, 0);
      if (++woken >= n) break;
    }
    return woken;
  }

  /// Wakes the one that is `operation`, wherever it sleeps; false where it does not.
  bool cancel(void const* operation) noexcept {
    step();
    for (std::size_t i = 0; i != sleepers_.size(); ++i) {
      if (sleepers_[i].operation != operation) continue;
      sleeper const s = sleepers_.take(i);
      s.complete(s.ring, s.operation, -ECANCELED);
      return true;
    }
    return false;
  }

 private:
  // relaxed: a step of the schedule, which orders nothing.
  void step() noexcept { step_.fetch_add(1, P::relaxed); }

  ghost_list<sleeper> sleepers_{};  // first come, first woken
  typename P::template atomic<std::uint32_t> step_{0U};
};

template <platform P, ring_rules Rules> class kernel_ring {
 public:
  class operation : public work<P> {
   public:
    using work<P>::work;
    [[nodiscard]] int result() const noexcept { return result_; }

   private:
    friend class kernel_ring;
    int result_ = 0;
    bool in_flight_ = false;
    bool keeps_ = false;
  };

  /// The calling thread's, until it is destroyed there.
  kernel_ring() noexcept { mine().ring = this; }
  kernel_ring(kernel_ring const&) = delete;
  kernel_ring& operator=(kernel_ring const&) = delete;
  /// Leaves: cancels what is in flight, and completes it.
  ~kernel_ring() {
    typename resumer<P>::scope const here;
    leaving_ = true;
    flush();
    while (in_flight_.size() != 0) {
      for (std::size_t i = 0; i != in_flight_.size(); ++i) static_cast<void>(table().cancel(in_flight_[i]));
      sleep();
      work_off();
    }
    resumer<P>::drain();
    flush();
    mine().ring = nullptr;
  }

  [[nodiscard]] static kernel_ring* current() noexcept { return mine().ring; }

  template <class Word> void wait(operation& op, Word& word, std::uint32_t expected) noexcept {
    op.keeps_ = true;
    ++kept_;
    start(op, word, expected);
  }
  template <class Word> void watch(operation& op, Word& word, std::uint32_t expected) noexcept {
    op.keeps_ = false;
    start(op, word, expected);
  }
  void cancel(operation& op) noexcept { queue_.push_back({.what = request::cancel, .op = &op}); }
  void wake(void const* word) noexcept {
    queue_.push_back({.what = request::wake, .word = const_cast<void*>(word)});
    if (Rules.flushes) resumer<P>::settle_with(&submit_current);
  }
  static void wake_now(void const* word) noexcept { static_cast<void>(table().wake(word, 1)); }
  template <class Word> [[nodiscard]] static void const* address(Word& word) noexcept { return &word; }
  void keep(int n) noexcept { kept_ += n; }

  /// Runs what is complete; sleeps in between; returns once `done()`.
  template <class Done> void run_until(Done done) noexcept {
    typename resumer<P>::scope const here;
    for (;;) {
      flush();
      work_off();
      if (done()) return;
      if (!flush()) sleep();
    }
  }
  /// Runs what is there, and does not sleep.
  void poll() noexcept {
    typename resumer<P>::scope const here;
    do {
      flush();
      work_off();
    } while (flush() || complete_.size() != 0);
  }
  /// Until no waiter of this ring's is left that would keep its thread here.
  void run() noexcept {
    run_until([this] { return kept_ == 0; });
  }

 private:
  struct request {
    enum kind : std::uint8_t { wait, cancel, wake };
    kind what = wait;
    void* word = nullptr;
    operation* op = nullptr;
    std::uint32_t expected = 0;
    bool (*look)(request const&, kernel_ring&) noexcept = nullptr;
  };
  struct thread_state {
    kernel_ring* ring = nullptr;
  };
  static thread_state& mine() noexcept { return P::template local<thread_state>(); }
  static futex_table<P>& table() noexcept { return futex_table<P>::get(); }
  static void submit_current() noexcept {
    if (kernel_ring* const ring = current()) ring->submit();
  }

  template <class Word> void start(operation& op, Word& word, std::uint32_t expected) noexcept {
    if (op.in_flight_) P::broken("a request is made again that is in flight");
    op.in_flight_ = true;
    in_flight_.push_back(&op);
    queue_.push_back({.what = request::wait, .word = &word, .op = &op, .expected = expected, .look = &look<Word>});
    if (leaving_) submit();
  }

  template <class Word> static bool look(request const& r, kernel_ring& ring) noexcept {
    return table().wait(*static_cast<Word*>(r.word), r.expected,
                        {.word = r.word, .ring = &ring, .operation = r.op, .complete = &completed});
  }

  /// False where there was nothing to submit.
  bool flush() noexcept {
    bool wanted = Rules.flushes && queue_.size() != 0;
    for (std::size_t i = 0; i != queue_.size(); ++i) wanted = wanted || queue_[i].what != request::wake;
    if (wanted) submit();
    return wanted;
  }
  void submit() noexcept {
    while (queue_.size() != 0) {
      request const r = queue_.take(0);
      switch (r.what) {
        case request::wake: static_cast<void>(table().wake(r.word, 1)); break;
        case request::cancel: static_cast<void>(table().cancel(r.op)); break;
        default:
          if (!Rules.supports_futex) {
            complete(*r.op, -EINVAL);
          } else if (leaving_) {
            complete(*r.op, -ECANCELED);
          } else if (!r.look(r, *this)) {
            complete(*r.op, -EAGAIN);
          } else if (!interrupted_ && perhaps()) {
            interrupted_ = true;
            if (table().cancel(r.op)) complete_.last().result = -EINTR;
          }
      }
    }
  }

  static void completed(void* ring, void* op, int result) noexcept {
    static_cast<kernel_ring*>(ring)->complete(*static_cast<operation*>(op), result);
  }
  /// Any thread. The ring may go as soon as the completion is on its list, that is, with this step.
  void complete(operation& op, int result) noexcept {
    // relaxed: a completion orders nothing.
    news_.fetch_add(1, P::relaxed);
    complete_.push_back({&op, result});
  }

  void work_off() noexcept {
    while (complete_.size() != 0) {
      bool const out_of_order = complete_.size() > 1 && perhaps();
      completion const c = complete_.take(out_of_order ? complete_.size() - 1 : 0);
      for (std::size_t i = 0; i != in_flight_.size(); ++i) {
        if (in_flight_[i] != c.op) continue;
        static_cast<void>(in_flight_.take(i));
        break;
      }
      c.op->result_ = c.result;
      c.op->in_flight_ = false;
      if (c.op->keeps_) --kept_;
      c.op->run();
      resumer<P>::drain();
    }
  }

  void sleep() noexcept {
    if (complete_.size() != 0) return;
    // relaxed: as above.
    seen_ = P::await(news_, [seen = seen_](std::uint32_t v) { return v != seen; }, P::relaxed);
  }

  /// Whether something happens that may happen: a weak compare-exchange may fail for no reason.
  bool perhaps() noexcept {
    std::uint32_t zero = 0;
    // relaxed: its value never changes.
    return !dice_.compare_exchange_weak(zero, 0U, P::relaxed, P::relaxed);
  }

  struct completion {
    operation* op = nullptr;
    int result = 0;
  };

  ghost_list<request> queue_{};           // not submitted
  ghost_list<operation*> in_flight_{};    // waits whose completion was not taken
  ghost_list<completion> complete_{};     // not taken
  typename P::template atomic<std::uint32_t> news_{0U};  // completions so far
  typename P::template atomic<std::uint32_t> dice_{0U};
  std::uint32_t seen_ = 0;
  int kept_ = 0;
  bool interrupted_ = false;
  bool leaving_ = false;
};

/// A model whose threads have a ring each, which they leave when they are through: who was registered by then is run by
/// his granter.
template <class Model, class Ring> struct on_rings : Model {
  void thread(unsigned i) {
    Ring const ring;
    Model::thread(i);
  }
};

}  // namespace surewake::models
