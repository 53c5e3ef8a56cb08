// surewake/models/uring/kernel.hpp: the kernel's futex operations and a thread's ring, for a checker. They promise what
// io_uring promises, and no more.
//
//   submitted --the word is not v--> ready, -EAGAIN
//             --asleep--> woken by a wake --> ready, 0
//                         interrupted     --> ready, -EINTR        once a ring, when the schedule says so
//                         cancelled       --> ready, -ECANCELED
//   ready --an enter brings it, late and in any order--> complete --taken by the ring's thread--> the action runs
//
// A wake and its completion are two steps, so a cancellation may come between them and find nothing to cancel. A
// completion orders nothing, so all its steps are relaxed. Requests wait in the ring until it submits them. The lists
// are ghosts, as in models/fixture/law.hpp: no step of a schedule, and no memory order. Each step of the kernel is one
// RMW, under whose cover the lists change.
//
// Assumptions, each a switch of ring_rules. `true` is the kernel as it is; `false` is what a program would like to
// assume. After each assumption comes the rule by which our rings live with it. core/uring/process.test.cpp asks a real
// kernel whether A1 to A5 are as assumed here.
//   A1  tables_move        A futex wait sleeps in a table: the process's own one, or, as long as the process has none,
//                          the global one. The first thread, worker or SQPOLL ring that comes gives the process its
//                          own table, in which each later wake looks. The sleepers stay in the global table, and no
//                          wake finds them (Linux 6.16 and later). A forked child begins without a table of its own.
//                          makes_table: each ring ensures that there is a table before it arms a wait.
//   A2  brings_few         With IORING_SETUP_DEFER_TASKRUN an enter that waits for nothing brings 20 completions that
//                          are ready, here most_an_enter of them (Linux 6.13 and later).
//                          enters_again: poll() enters until none is ready.
//   A3  cancels_miss       A cancellation may find nothing (-ENOENT), or only be noted (-EALREADY), while its request
//                          stays in flight.
//                          cancels_again: it is sent again until the request is complete.
//   A4  links_run          A futex wait that was cancelled is no failed request, so the request that is linked to it
//                          runs. No layout links requests; models/uring/uring_linked.hpp shows what a program may not
//                          conclude from a wake.
//   A5  rings_swallow      The waits of a ring that was closed stay armed until a worker has called them off, and
//                          swallow wakes meanwhile.
//                          waits_for_all: a ring cancels its waits, and takes their completions, before it is closed.
//   A6  unordered          No page of the manual says that requests which end one after the other complete in that
//                          order, that the thread which takes a completion sees what the waker did, or that no wait is
//                          interrupted, so most models do without all that. In the kernel the lists between the two
//                          are first in, first out (Linux 6.5 and later), locks order both ends, and nothing interrupts
//                          a futex wait of a ring; the layout per waiter claims an order by that. The models of order
//                          take it for granted, with unordered = false (queues/uring_futex.test.cpp).
// Not modelled: a submission queue that is full, completions that overflow (core/uring/loop.hpp tests those), wakes of
// more than one sleeper by a ring's own request (the layouts make none; models/published/compio_ring.hpp does).
#pragma once

#include <surewake/core/node/trampoline.hpp>
#include <surewake/queues/parts/futex_ring.hpp>

#include <array>
#include <utility>

namespace surewake::models {

/// A small list that is no part of the schedule.
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

/// When a process gets a futex table of its own because of its rings.
enum class table_made : std::uint8_t { for_each_ring, once_a_process, never };

/// What the kernel does, and how a ring is used. The defaults are the kernel as it is, used as core/ uses it.
struct ring_rules {
  // The kernel: A1 to A6, at the top.
  bool tables_move = true;
  bool brings_few = true;
  bool cancels_miss = true;
  bool links_run = true;
  bool rings_swallow = true;
  bool unordered = true;
  bool supports_futex = true;  // false: the kernel refuses every wait (-EINVAL)
  // The use of it; each rule is taken away by one seeded bug of models/bugs/.
  bool flushes = true;         // a wake is submitted before its thread sleeps, blocks or leaves
  table_made makes_table = table_made::for_each_ring;
  bool enters_again = true;    // poll() enters while completions are ready
  bool cancels_again = true;   // a cancellation that missed is sent again
  bool waits_for_all = true;   // a ring is closed when its waits are over
};

/// Kernels that promise what Linux does not, and a ring that relies on the promise: it is right there.
inline constexpr ring_rules no_table_needed{.tables_move = false, .makes_table = table_made::never};
inline constexpr ring_rules one_enter_brings_all{.brings_few = false, .enters_again = false};
inline constexpr ring_rules cancels_find_all{.cancels_miss = false, .cancels_again = false};
inline constexpr ring_rules waits_go_at_once{.rings_swallow = false, .waits_for_all = false};
inline constexpr ring_rules links_are_cut{.links_run = false};
/// The kernel keeps the order of completions, as Linux does.
inline constexpr ring_rules completes_in_order{.unordered = false};
/// The kernel is one without the futex operations.
inline constexpr ring_rules no_futex_operations{.supports_futex = false};

/// Why graphs do not have the models of this kernel (verify/engine/case.hpp).
inline constexpr char const* kernel_of_ghosts = "the lists of the modelled kernel are ghosts";

template <platform P, ring_rules Rules = ring_rules{}> class kernel_ring;

/// Which wait sleeps on which word, one table for the execution.
template <platform P> class futex_table {
 public:
  struct sleeper {
    void const* word = nullptr;
    void* ring = nullptr;
    void* operation = nullptr;
    void (*complete)(void* ring, void* operation, int result) noexcept = nullptr;
    bool global = false;  // went to sleep before the process had a table of its own
  };

  static futex_table& get() noexcept { return P::template shared<futex_table>(); }

  /// A1: notes that the calling thread is there, at the latest now. The second thread of a process gives it a table of
  /// its own.
  void arrive() noexcept {
    if (std::exchange(P::template local<arrival>().was_here, true)) return;
    if (++threads_ == 2) make_own();
  }
  /// A1: gives the process its own table, as a worker of the kernel does, and a program that asks for a table.
  void make_own() noexcept { own_ = true; }
  /// A1: makes the calling thread the only thread of a child from now on.
  void fork() noexcept {
    own_ = false;
    threads_ = 1;
  }

  /// Returns whether the process asks for a table for the first time; a child remembers what its parent asked.
  bool first_request() noexcept { return !std::exchange(asked_, true); }

  /// Puts `s` to sleep while the low half of `word` is `expected`; returns false if it is not.
  template <class Word> bool wait(Word& word, std::uint32_t expected, sleeper s) noexcept {
    // relaxed: the kernel's look, which sees the newest value and orders nothing.
    if (static_cast<std::uint32_t>(word.fetch_add(0, P::relaxed)) != expected) return false;
    s.global = !own_;
    sleepers_.push_back(s);
    return true;
  }

  /// Wakes at most `n` sleepers of `word`, and returns how many. As in the kernel, the count is looked at after each
  /// sleeper; a waiter waits for any bit of the mask.
  int wake(void const* word, int n, std::uint32_t mask = ~0U) noexcept {
    if (mask == 0) return -EINVAL;
    int woken = 0;
    step();
    for (std::size_t i = 0; i != sleepers_.size();) {
      if (sleepers_[i].word != word || sleepers_[i].global == own_) {  // A1: in the other table
        ++i;
        continue;
      }
      sleeper const s = sleepers_.take(i);
      s.complete(s.ring, s.operation, 0);
      if (++woken >= n) break;
    }
    return woken;
  }

  /// Wakes the sleeper that is `operation`, wherever it sleeps; returns false if it does not sleep.
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

  /// A5: closes `ring`, whose waits are not over. They stay and swallow wakes if `swallows`, and go as well otherwise.
  /// Returns how many they are.
  std::size_t abandon(void const* ring, bool swallows) noexcept {
    step();
    std::size_t n = 0;
    for (std::size_t i = 0; i != sleepers_.size();) {
      if (sleepers_[i].ring != ring) {
        ++i;
        continue;
      }
      sleeper s = sleepers_.take(i);
      ++n;
      if (!swallows) continue;
      s.ring = s.operation = nullptr;
      s.complete = [](void*, void*, int) noexcept {};
      swallowers_.push_back(s);
    }
    while (swallowers_.size() != 0) sleepers_.push_back(swallowers_.take(0));
    return n;
  }

 private:
  struct arrival {
    bool was_here = false;
  };
  // relaxed: a step of the schedule, which orders nothing.
  void step() noexcept { step_.fetch_add(1, P::relaxed); }

  ghost_list<sleeper> sleepers_{};  // first come, first woken
  ghost_list<sleeper> swallowers_{};
  int threads_ = 0;
  bool asked_ = false;
  bool own_ = false;  // the process has a table of its own, where wakes look
  typename P::template atomic<std::uint32_t> step_{0U};
};

template <platform P, ring_rules Rules> class kernel_ring {
 public:
  static constexpr bool completes_in_order = !Rules.unordered;

  class operation : public work<P> {
   public:
    using work<P>::work;
    [[nodiscard]] int result() const noexcept { return result_; }

   private:
    friend class kernel_ring;
    int result_ = 0;
    void const* linked_ = nullptr;  // the word of the wake that is linked to the wait
    bool in_flight_ = false;
    bool keeps_ = false;
    bool missed_ = false;  // A3: a cancellation found nothing
  };

  /// Makes the calling thread's ring, until it is destroyed there.
  kernel_ring() noexcept {
    mine().ring = this;
    table().arrive();
    bool const first = table().first_request();
    if (!Rules.tables_move || Rules.makes_table == table_made::for_each_ring ||
        (Rules.makes_table == table_made::once_a_process && first))
      table().make_own();
  }
  kernel_ring(kernel_ring const&) = delete;
  kernel_ring& operator=(kernel_ring const&) = delete;
  /// Leaves: cancels what is in flight, and completes it.
  ~kernel_ring() {
    typename trampoline<P>::scope const here;
    leaving_ = true;
    enter();
    if (!Rules.waits_for_all) {
      std::size_t const abandoned = table().abandon(this, Rules.rings_swallow);
      while (in_flight_.size() != abandoned) {
        sleep();
        bring();
        work_off();
      }
    }
    while (Rules.waits_for_all && in_flight_.size() != 0) {
      for (std::size_t i = 0; i != in_flight_.size(); ++i) {
        if (Rules.cancels_again || !in_flight_[i]->missed_) cancel_now(*in_flight_[i]);
      }
      if (!Rules.cancels_again || !any_missed()) sleep();
      bring();
      work_off();
    }
    trampoline<P>::drain();
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
  /// Starts a wait, and a wake of one sleeper of `next` that is linked to it. The kernel makes that wake when the wait
  /// was woken, and also when it was cancelled (A4).
  template <class Word>
  void wait_then_wake(operation& op, Word& word, std::uint32_t expected, void const* next) noexcept {
    op.linked_ = next;
    wait(op, word, expected);
  }
  void cancel(operation& op) noexcept { queue_.push_back({.what = request::to_cancel, .op = &op}); }
  void wake(void const* word) noexcept {
    queue_.push_back({.what = request::to_wake, .word = const_cast<void*>(word)});
    if (Rules.flushes) trampoline<P>::end_before_blocking_with(&submit_current);
  }
  static void wake_now(void const* word) noexcept {
    table().arrive();
    static_cast<void>(table().wake(word, 1));
  }
  template <class Word> [[nodiscard]] static void const* address(Word& word) noexcept { return &word; }
  void keep(int n) noexcept { kept_ += n; }

  /// A1: does something for which the kernel takes a worker.
  static void take_worker() noexcept { table().make_own(); }
  /// A1: has the thread, which has no ring, go on in a child of its process.
  static void fork() noexcept { table().fork(); }

  /// Runs what is complete, and sleeps in between; returns once `done()`.
  template <class Done> void run_until(Done done) noexcept {
    typename trampoline<P>::scope const here;
    for (;;) {
      enter();
      work_off();
      if (done()) return;
      if (!enter() && !again()) sleep();
    }
  }
  /// Runs what is ready, and does not sleep.
  void poll() noexcept {
    typename trampoline<P>::scope const here;
    bool submitted = false;
    do {
      enter();
      work_off();
      submitted = flush();
    } while (submitted || complete_.size() != 0 || (Rules.enters_again && ready_.size() != 0));
  }
  /// Runs until no waiter of this ring is left that would keep its thread here.
  void run() noexcept {
    run_until([this] { return kept_ == 0; });
  }

 private:
  /// How many completions an enter brings (A2), 20 in the kernel.
  static constexpr std::size_t most_an_enter = P::scaled(20, 1);

  struct request {
    enum kind : std::uint8_t { to_wait, to_cancel, to_wake };
    kind what = to_wait;
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
    queue_.push_back({.what = request::to_wait, .word = &word, .op = &op, .expected = expected, .look = &look<Word>});
    if (leaving_) submit();
  }

  template <class Word> static bool look(request const& r, kernel_ring& ring) noexcept {
    return table().wait(*static_cast<Word*>(r.word), r.expected,
                        {.word = r.word, .ring = &ring, .operation = r.op, .complete = &completed});
  }

  /// Makes one system call: submits, and brings what is ready. Returns false if there was nothing to submit.
  bool enter() noexcept {
    bool const submitted = flush();
    bring();
    return submitted;
  }
  bool flush() noexcept {
    bool wanted = Rules.flushes && queue_.size() != 0;
    for (std::size_t i = 0; i != queue_.size(); ++i) wanted = wanted || queue_[i].what != request::to_wake;
    if (wanted) submit();
    return wanted;
  }
  void submit() noexcept {
    while (queue_.size() != 0) {
      request const r = queue_.take(0);
      switch (r.what) {
        case request::to_wake: static_cast<void>(table().wake(r.word, 1)); break;
        case request::to_cancel: cancel_now(*r.op); break;
        default:
          if (!Rules.supports_futex) {
            complete(*r.op, -EINVAL);
          } else if (leaving_) {
            complete(*r.op, -ECANCELED);
          } else if (!r.look(r, *this)) {
            complete(*r.op, -EAGAIN);
          } else if (Rules.unordered && !interrupted_ && r.op->linked_ == nullptr && perhaps()) {
            interrupted_ = true;
            if (table().cancel(r.op)) ready_.last().result = -EINTR;
          }
      }
    }
  }
  void cancel_now(operation& op) noexcept {
    // A3: once a ring, and only of a request that is in flight.
    op.missed_ = Rules.cancels_miss && !missed_one_ && op.in_flight_ && perhaps();
    if (op.missed_) {
      missed_one_ = true;
    } else {
      static_cast<void>(table().cancel(&op));
    }
  }
  /// Sends cancellations again that missed; returns true if there is one. A clock does that, at any time, but at some
  /// time.
  bool again() noexcept {
    if (!Rules.cancels_again || !any_missed()) return false;
    for (std::size_t i = 0; i != in_flight_.size(); ++i) {
      if (in_flight_[i]->missed_) cancel_now(*in_flight_[i]);
    }
    return true;
  }
  [[nodiscard]] bool any_missed() const noexcept {
    for (std::size_t i = 0; i != in_flight_.size(); ++i) {
      if (in_flight_[i]->missed_) return true;
    }
    return false;
  }

  static void completed(void* ring, void* op, int result) noexcept {
    static_cast<kernel_ring*>(ring)->complete(*static_cast<operation*>(op), result);
  }
  /// Completes `op` with `result`, on any thread. The ring may go as soon as the completion is on its list, that is,
  /// with this step.
  void complete(operation& op, int result) noexcept {
    void const* const linked = std::exchange(op.linked_, nullptr);
    if (Rules.unordered) {
      // relaxed: a completion orders nothing.
      news_.fetch_add(1, P::relaxed);
    } else {
      // release [K1]: it brings what its waker did, pairs with [K2].
      news_.fetch_add(1, P::release);
    }
    ready_.push_back({&op, result});
    if (linked != nullptr && (result == 0 || (Rules.links_run && result == -ECANCELED)))
      static_cast<void>(table().wake(linked, 1));
  }

  /// Brings completions that are ready (A2).
  void bring() noexcept {
    // acquire [K2]: with A6 taken for granted, sees what the wakers did, pairs with [K1]. An RMW: the newest value.
    if (!Rules.unordered && ready_.size() != 0) static_cast<void>(news_.fetch_add(0, P::acquire));
    for (std::size_t n = 0; ready_.size() != 0 && (n != most_an_enter || !Rules.brings_few); ++n) {
      bool const out_of_order = Rules.unordered && ready_.size() > 1 && perhaps();
      complete_.push_back(ready_.take(out_of_order ? ready_.size() - 1 : 0));
    }
  }
  void work_off() noexcept {
    while (complete_.size() != 0) {
      completion const c = complete_.take(0);
      for (std::size_t i = 0; i != in_flight_.size(); ++i) {
        if (in_flight_[i] != c.op) continue;
        static_cast<void>(in_flight_.take(i));
        break;
      }
      c.op->result_ = c.result;
      c.op->in_flight_ = false;
      c.op->missed_ = false;
      if (c.op->keeps_) --kept_;
      c.op->run();
      trampoline<P>::drain();
    }
  }

  void sleep() noexcept {
    if (ready_.size() + complete_.size() != 0) return;
    // relaxed: as above.
    seen_ = P::await(news_, [seen = seen_](std::uint32_t v) { return v != seen; }, P::relaxed);
  }

  /// Returns whether something happens that may happen, since a weak compare-exchange may fail for no reason.
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
  ghost_list<completion> ready_{};        // not brought
  ghost_list<completion> complete_{};     // not taken
  typename P::template atomic<std::uint32_t> news_{0U};  // completions so far
  typename P::template atomic<std::uint32_t> dice_{0U};
  std::uint32_t seen_ = 0;
  int kept_ = 0;
  bool interrupted_ = false;
  bool missed_one_ = false;
  bool leaving_ = false;
};

/// A model whose threads have a ring each, which they leave at their end. A waiter that was registered by then is run
/// by its granter.
template <class Model, class Ring> struct on_rings : Model {
  static constexpr char const* interleavings_only = kernel_of_ghosts;
  void thread(unsigned i) {
    Ring const ring;
    Model::thread(i);
  }
};

}  // namespace surewake::models
