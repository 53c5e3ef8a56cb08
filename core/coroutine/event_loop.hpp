// surewake/core/coroutine/event_loop.hpp: what the loops over io_uring and over a completion port have in common: one
// thread's posted work, timers, hooks and homes, around the requests of a kernel.
//
//   run what is posted, complete, due --nothing left--> hooks --> the kernel, which takes requests and waits --> again
//
// For executors    post(work), withdraw(work): any thread. arm(timer, when), disarm(timer): the loop's.
// For strategies   current(): this thread's loop, or null. before_sleep(hook): called before the loop sleeps and when
//                  it is left. attached<T>(): the loop's own T.
// To run it        run() until stop(), or until nothing is left to come · block_on(awaitable) · poll().
//
// Terms     `Loop` is the class that derives from event_loop, whose destructor calls end(). `Requests` has the
//           operations in flight:
//             next_done, any_done, any_in_flight, any_attended   what is complete, under way, and waited for by run()
//             enter(n, until)      takes what the kernel has; if n is not 0, waits for it until `until`
//             bring(), flush()     takes what is ready; gives the kernel what it has not got yet
//             refuse_new, refuses_new, cancel_all                 for the end
//             prepare_to_wait()    before a wait; signal(): ends the wait, on any thread
//             timers_, fired_until_, arm_timer                    the timers;   operation   the class of its nodes
//             disown()             in a forked child;   a_loop     the loop's name with its article
// Place     A coroutine that waits on the loop's thread goes on there, when the loop runs, however its wait ends
//           (home.hpp).
// Invariants
//   I1  The requests, the timers, the hooks and every operation belong to the thread that made the loop. posted_ and
//       asleep_ are guarded by mutex_.
//   I2  asleep_ is set, under the lock, only if posted_ is empty, and before the wait in the kernel. So a thread that
//       posts while the loop is about to sleep sees asleep_, clears it and signals, which ends the wait. stop() takes
//       no lock, and signals in any case.
//   I3  A poster uses the loop's memory until it has counted itself out of signals_; end() waits for that.
// Progress  post and withdraw block on a mutex, which is held for a few instructions. All else is the loop's own.
// Fairness  posted work runs in the order of the posts, completions in the kernel's, timers by deadline; at most 64
//           posted items between two looks at the completions.
// Threads   post, withdraw, stop, lost, look_again, current, on_own_thread and the awaitables: any thread. All else,
//           run() and the destructor included: the thread that made the loop. One loop a thread, any number a process.
// Signals   stop() is async-signal-safe. No other call is: post and withdraw lock a mutex.
// Fork      a loop does not belong to a child, because what the kernel keeps for it is the parent's. fork() leaves the
//           child's thread without a loop, and that thread may make a loop of its own. With its parent's loop a child
//           may do this: destroy it, which gives its memory and descriptors back, and runs and cancels nothing; stop(),
//           which does nothing; withdraw(), disarm(). run(), block_on() and poll() throw std::logic_error. So does a
//           call that was under way when a coroutine forked: it ends when that coroutine suspends (block_on returns if
//           it is over), and touches the kernel no more. post() ends the process with a message. Coroutines that wait
//           there stay suspended, because their operations are the parent's, and may be destroyed. (_Fork() and a bare
//           clone() tell nobody, so that after those a child may only exec.)
// End       of its thread: a thread_local loop may outlive other thread_locals, because it needs only plain ones. What
//           strategies keep for it belongs to the loop (attached()), and ends after all that was in flight.
// Checked   event_loop.test.cpp; core/uring/loop.test.cpp, both also under ThreadSanitizer; core/iocp/loop.test.cpp,
//           under Wine.
#pragma once

#include <surewake/core/coroutine/awaitable.hpp>
#include <surewake/core/coroutine/awaiting_frame.hpp>
#include <surewake/core/coroutine/loop_awaiter.hpp>
#include <surewake/core/coroutine/own_home.hpp>
#include <surewake/core/coroutine/schedule.hpp>
#include <surewake/core/coroutine/take_out.hpp>
#include <surewake/core/coroutine/timer.hpp>
#include <surewake/core/node/executor.hpp>
#include <surewake/core/node/loop_signals.hpp>
#include <surewake/core/platform/at_fork.hpp>
#include <surewake/core/platform/deadline.hpp>
#include <surewake/core/platform/lock_hold.hpp>

#include <memory>
#include <stdexcept>
#include <string>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

template <class Loop, class Requests> class event_loop : protected Requests {
  using requests = Requests;
  using operation = typename Requests::operation;

 public:
  using P = std_platform;
  using time_point = timer::time_point;

  /// Makes a loop for the calling thread, which alone runs and destroys it; `a` are for Requests.
  ///
  /// Errors   those of Requests. std::logic_error if the thread has a loop.
  template <class... A> explicit event_loop(A&&... a) : requests(std::forward<A>(a)...), born_(forks_seen()) {
    event_loop*& mine = slot();
    if (mine != nullptr) throw std::logic_error(about("surewake: this thread has ", requests::a_loop, ""));
    mine = this;
    trampoline<P>::reside(&home_.get());
  }
  event_loop(event_loop const&) = delete;
  event_loop& operator=(event_loop const&) = delete;

  /// Returns the calling thread's loop; null if it has none.
  [[nodiscard]] static Loop* current() noexcept { return static_cast<Loop*>(slot()); }
  [[nodiscard]] bool on_own_thread() const noexcept { return slot() == this; }
  /// Returns whether this is a forked child, and the loop is its parent's.
  // relaxed: a fork changes it, and after that there is one thread.
  [[nodiscard]] bool lost() const noexcept { return forks().load(P::relaxed) != born_; }

  // ---- what any thread may call ----

  /// Has `w` run on the loop's thread. `w` lives until it runs or is withdrawn. Not async-signal-safe.
  void post(work<P>& w) noexcept {
    if (lost()) [[unlikely]]
      broken("a forked child posted to ", " of its parent's, which only the parent runs");
    mutex_.lock();
    posted_.push_back(w);
    unlock_and_wake();
  }
  /// Returns true if `w` was posted here, and will not run; false if it is running, ran, or was never posted.
  bool withdraw(work<P>& w) noexcept {
    if (lost() && !whole_in_child_) return false;  // another thread's loop, which fork() did not lock
    lock_hold const hold(mutex_);
    return take_out(posted_, w);
  }
  /// Makes the run() that is under way, or otherwise the next one, return when what runs now has returned.
  /// Async-signal-safe; the loop exists until the call has returned or run() has.
  void stop() noexcept {
    if (lost()) return;
    signals_.stop([this] { requests::signal(); });
  }

  /// Tells run() that the wait of a coroutine that lives here has ended elsewhere, so that it looks whether another
  /// coroutine is left. Any thread.
  void look_again() noexcept {
    if (lost()) return;
    mutex_.lock();
    unlock_and_wake();
  }

  // ---- running it ----

  /// Runs what comes, until stop() or until nothing is left to come. Something is left while work is posted, an
  /// operation is in flight (the background does not count), a timer is armed, or a coroutine that lives here
  /// (home.hpp) waits.
  ///
  /// Blocks   the loop's thread, in the kernel, as long as nothing is ready.
  /// Errors   std::logic_error if it is running already, on another thread than the loop's, and in a forked child; so
  ///          do block_on and poll.
  void run();

  /// Awaits `a`, and runs what comes meanwhile. Blocks as run() does.
  ///
  /// Returns  what `co_await` of it yields; an rvalue reference as a value.
  /// Errors   what `a` throws; std::bad_alloc.
  template <class A>
  requires awaitable<A&&> await_value_t<A&&> block_on(A&& a);

  /// Runs what is ready here or in the kernel when it is called, without sleeping. Returns how many items.
  std::size_t poll();

  // ---- for the loop's thread ----

  /// Returns whether the loop is being destroyed; what is started then comes back canceled at once.
  [[nodiscard]] bool closing() const noexcept { return requests::refuses_new(); }

  /// Returns the loop's own T. It is made (from the loop) when it is first asked for, and destroyed with the loop,
  /// after all that was in flight. For strategies.
  ///
  /// Errors   std::bad_alloc, which ends the process.
  template <class T> [[nodiscard]] T& attached() noexcept {
    for (attachment* a = attached_.get(); a != nullptr; a = a->next.get()) {
      if (a->kind == &kind_of<T>) [[likely]]
        return static_cast<attachment_of<T>*>(a)->value;
    }
    return attach<T>();
  }

  /// Has hook.run() called each time before the loop sleeps, when run(), block_on() and poll() return, and when the
  /// destructor begins, until `hook` is removed. It may post and start; it neither adds nor removes hooks.
  void before_sleep(work<P>& hook) noexcept {
    hooks_.push_back(hook);
    ++hook_count_;
  }
  void remove_hook(work<P>& hook) noexcept {
    hooks_.erase(hook);
    --hook_count_;
  }

  /// Arms `t`, which is not armed: its callback is called when `when` has come. time_point::max() never comes.
  void arm(timer& t, time_point when) noexcept { requests::arm_timer(t, when); }
  /// Returns true if `t` was armed; it will not fire then.
  bool disarm(timer& t) noexcept {
    if (!t.armed()) return false;
    requests::timers_.erase(t);
    return true;
  }

  // ---- for coroutines, on any thread ----

  /// Has the coroutine go on on the loop's thread.
  [[nodiscard]] auto schedule() noexcept { return schedule_awaiter<event_loop, P>(*this); }
  /// Yields 0, once `d` has passed; a negative `d` has passed. If `stop` is requested before, canceled().
  template <class Rep, class Period>
  auto sleep_for(std::chrono::duration<Rep, Period> d, std::stop_token stop = {}) {
    return loop_awaiter<Loop, operation>(static_cast<Loop&>(*this), std::move(stop),
                                         deadline_after<P::clock>(P::now(), d));
  }
  /// Sleeps until `t`, and ends no earlier by the clock of `t`. If that is not the steady clock, it is read meanwhile,
  /// and must not throw.
  template <class Clock, class Duration>
  auto sleep_until(std::chrono::time_point<Clock, Duration> t, std::stop_token stop = {}) {
    time_limit<P> limit(t);
    if constexpr (std::same_as<Clock, P::clock>) {
      return loop_awaiter<Loop, operation>(static_cast<Loop&>(*this), std::move(stop), limit.when());
    } else {
      return loop_clock_awaiter<Loop, operation>(static_cast<Loop&>(*this), std::move(stop), limit);
    }
  }

 protected:
  ~event_loop() = default;

  /// Ends the loop, for the destructor of `Loop`: runs what is posted; cancels what is in flight, waits for it, and
  /// calls the actions (with the result of what is canceled, as for all operations that are started meanwhile); disarms
  /// the timers that are left.
  void end() noexcept {
    if (lost()) {
      while (timer* const t = requests::timers_.top()) requests::timers_.erase(*t);
      return;
    }
    if (!on_own_thread()) broken("", " was destroyed by another thread than its own");
    close_down();
    trampoline<P>::reside(nullptr);
    home_.end();
    finish_all();  // what was posted home since the last look; after end() nothing is (home.hpp, I3)
    signals_.await_quiet();
    slot() = nullptr;
  }

 private:
  template <class> friend struct fork_calls;
  static constexpr unsigned fair_share = 64;  // posted items in a row

  /// The loop's name without its article.
  [[nodiscard]] static char const* name() noexcept {
    return std::char_traits<char>::find(requests::a_loop, 4, ' ') + 1;
  }
  [[nodiscard]] static std::string about(char const* before, char const* loop, char const* after) {
    return std::string(before) + loop + after;
  }
  [[noreturn]] static void broken(char const* before, char const* after) {
    P::broken(about(before, requests::a_loop, after).c_str());
  }

  struct attachment {
    explicit attachment(char const* k) noexcept : kind(k) {}
    attachment(attachment const&) = delete;
    attachment& operator=(attachment const&) = delete;
    virtual ~attachment() = default;

    char const* const kind;
    std::unique_ptr<attachment> next;
  };
  template <class T> struct attachment_of final : attachment {
    explicit attachment_of(Loop& loop) : attachment(&kind_of<T>), value(loop) {}
    T value;
  };
  template <class T> static constexpr char kind_of = 0;

  template <class T> [[gnu::noinline, gnu::cold]] T& attach() noexcept {
    auto made = std::make_unique<attachment_of<T>>(static_cast<Loop&>(*this));
    T& value = made->value;
    made->next = std::move(attached_);
    attached_ = std::move(made);
    return value;
  }

  /// Returns how many forks lie between this process and the process that first asked.
  [[nodiscard]] static P::atomic<unsigned>& forks() noexcept {
    static constinit P::atomic<unsigned> count{0};
    return count;
  }
  /// Returns the same, and makes fork() count from now on.
  [[nodiscard]] static unsigned forks_seen() {
    call_at_fork<event_loop>();
    // relaxed: as in lost().
    return forks().load(P::relaxed);
  }
  /// Locks the forking thread's loop, so that it is whole in the child: no thread is posting to it.
  static void before_fork() noexcept SUREWAKE_WITHOUT_LOCK {  // fork() comes between this and the next two
    event_loop* const mine = slot();
    if (mine == nullptr) return;
    mine->home_.get().lock_for_fork();
    mine->mutex_.lock();
  }
  static void in_the_parent() noexcept SUREWAKE_WITHOUT_LOCK {
    if (event_loop* const mine = slot()) mine->unlock_after_fork();
  }
  /// Runs on the forking thread, which is the only one. Its loop has become its parent's.
  static void in_the_child() noexcept SUREWAKE_WITHOUT_LOCK {
    // relaxed: as in lost().
    forks().fetch_add(1, P::relaxed);
    event_loop* const mine = std::exchange(slot(), nullptr);
    if (mine == nullptr) return;
    mine->unlock_after_fork();
    mine->whole_in_child_ = true;
    trampoline<P>::lose(&mine->home_.get());
    mine->requests::disown();
  }
  void unlock_after_fork() noexcept SUREWAKE_WITHOUT_LOCK {
    mutex_.unlock();
    home_.get().unlock_after_fork();
  }

  [[nodiscard]] static event_loop*& slot() noexcept {
    struct holder {
      event_loop* loop = nullptr;
    };
    return P::local<holder>().loop;
  }

  void unlock_and_wake() noexcept SUREWAKE_UNLOCKS(mutex_) {
    bool const wake = asleep_;
    asleep_ = false;
    if (wake) signals_.begin();
    mutex_.unlock();
    if (!wake) return;
    requests::signal();
    signals_.end();
  }

  [[nodiscard]] work<P>* next_posted() noexcept {
    lock_hold const hold(mutex_);
    asleep_ = false;
    stop_seen_ = signals_.stops();
    return posted_.pop_front();
  }

  /// Runs `w` and what it makes ready. It is called within a trampoline's scope.
  static void run_one(work<P>& w) noexcept {
    w.run();
    trampoline<P>::drain();
  }

  /// Runs what is here. Returns how many items.
  std::size_t run_ready() noexcept {
    std::size_t ran = 0;
    for (; work<P>* const op = requests::next_done(); ++ran) run_one(*op);
    more_posted_ = true;
    for (unsigned i = 0; i < fair_share; ++i, ++ran) {
      if (lost()) [[unlikely]]
        return ran;
      work<P>* const w = next_posted();
      if (w == nullptr) {
        more_posted_ = false;
        break;
      }
      run_one(*w);
    }
    if (timer_heap& timers = requests::timers_; !timers.empty()) {
      time_point const now = requests::fired_until_ = P::now();
      for (timer* t = timers.top(); t != nullptr && t->deadline() <= now; t = timers.top(), ++ran) {
        timers.erase(*t);
        t->fire();
        trampoline<P>::drain();
      }
    }
    return ran;
  }

  /// Runs what is here, and of the posted work all that is posted by now. Returns how many items.
  std::size_t run_all() noexcept {
    std::size_t ran = run_ready();
    if (!more_posted_ || lost()) return ran;
    struct mark : work<P> {
      mark() noexcept : work<P>([](work<P>& w) noexcept { static_cast<mark&>(w).reached = true; }) {}
      bool reached = false;
    } end;
    mutex_.lock();
    posted_.push_back(end);
    mutex_.unlock();
    for (ran -= 1; !end.reached && !lost();) ran += run_ready();
    if (lost()) withdraw(end);
    return ran;
  }

  void run_hooks() noexcept {
    for (std::size_t n = hook_count_; n != 0 && !lost(); --n) {
      work<P>* const h = hooks_.pop_front();
      hooks_.push_back(*h);
      run_one(*h);
    }
  }

  /// Submits, and, if nothing is ready, waits for a completion, a post or a deadline.
  void sleep() noexcept {
    run_hooks();
    if (lost()) return;
    requests::prepare_to_wait();
    bool wait = !requests::any_done();
    if (wait) {
      lock_hold const hold(mutex_);
      bool const stops = heeds_stop_ && signals_.may_stop();  // one that comes later ends the wait by the event
      wait = asleep_ = posted_.empty() && !stops;
    }
    timer* const first = requests::timers_.top();
    requests::enter(wait ? 1U : 0U, first != nullptr ? first->deadline() : time_point::max());
  }

  [[nodiscard]] bool nothing_left() noexcept {
    if (requests::any_attended() || requests::any_done() || !requests::timers_.empty()) return false;
    if (home_.get().lived_in()) return false;
    lock_hold const hold(mutex_);
    return posted_.empty();
  }

  void refuse_if_lost() const {
    if (lost())
      throw std::logic_error(
          about("surewake: this ", name(), " is the parent process's: a forked child makes its own"));
  }
  void begin_to_run() {
    refuse_if_lost();
    if (!on_own_thread())
      throw std::logic_error(
          about("surewake: ", requests::a_loop, " is run by the thread that made it, and this is another one"));
    if (running_) throw std::logic_error(about("surewake: this ", name(), " is running: await instead"));
    running_ = true;
  }

  /// Runs until done(), which is asked after each round, or until a child is forked; in the child it runs to the end of
  /// the round.
  template <bool HeedsStop, class Done> void loop_until(Done done) {
    begin_to_run();
    heeds_stop_ = HeedsStop;
    {
      trampoline<P>::at const here(home_.get());
      trampoline<P>::scope const ready;
      for (;;) {
        run_ready();
        if (done() || lost()) break;
        sleep();
      }
      run_hooks();
      requests::flush();
    }
    running_ = false;
  }

  /// Gives up the waits with a time limit: their timers are due now, and run_ready() fires them.
  void end_timers() noexcept {
    timer_heap all;
    while (timer* const t = requests::timers_.top()) {
      time_point const when = t->deadline();
      requests::timers_.erase(*t);
      if (t->fires_at_end()) t->set_early();
      all.push(*t, t->early() ? time_point::min() : when);
    }
    while (timer* const t = all.top()) {
      time_point const when = t->deadline();
      all.erase(*t);
      requests::timers_.push(*t, when);
    }
  }

  void close_down() noexcept {
    trampoline<P>::at const here(home_.get());
    {
      trampoline<P>::scope const ready;
      run_hooks();
    }
    requests::refuse_new();
    end_timers();
    finish_all();
  }

  /// Cancels what is in flight, and runs what is here and what comes of it, until nothing is left.
  void finish_all() noexcept {
    trampoline<P>::scope const ready;
    for (;;) {
      std::size_t const ran = run_ready();
      if (requests::any_in_flight()) {
        requests::cancel_all();
        if (!requests::any_done()) requests::enter(1, time_point::max());
      } else if (ran == 0 && !requests::any_done()) {
        break;
      }
    }
    requests::flush();
    while (timer* const t = requests::timers_.top()) requests::timers_.erase(*t);
  }

  own_home<event_loop> home_{*this};
  unsigned const born_;    // how many forks there had been when the loop was made
  bool running_ = false;
  bool more_posted_ = false;  // perhaps, because the share of a round was used up
  bool heeds_stop_ = false;   // run() is under way, not block_on()
  bool stop_seen_ = false;    // as next_posted() saw it last
  bool whole_in_child_ = false;  // lost, and the loop of the forking thread
  work_list<P> hooks_;
  std::size_t hook_count_ = 0;
  std::unique_ptr<attachment> attached_;

  P::mutex mutex_;
  work_list<P> posted_ SUREWAKE_GUARDED_BY(mutex_);
  bool asleep_ SUREWAKE_GUARDED_BY(mutex_) = false;
  loop_signals<P> signals_;
};

template <class Loop, class Requests> void event_loop<Loop, Requests>::run() {
  loop_until<true>([this] { return lost() || stop_seen_ || nothing_left(); });
  refuse_if_lost();
  if (stop_seen_) signals_.reset();
}

template <class Loop, class Requests> std::size_t event_loop<Loop, Requests>::poll() {
  begin_to_run();
  std::size_t ran = 0;
  {
    trampoline<P>::at const here(home_.get());
    trampoline<P>::scope const ready;
    ran = run_all();
    run_hooks();
    requests::bring();
    ran += run_all();
    requests::flush();
  }
  running_ = false;
  refuse_if_lost();
  return ran;
}

/// How block_on learns that all is done: by an item that the loop runs.
template <class Loop> struct end_of_block_on : work<std_platform> {
  using P = std_platform;

  explicit end_of_block_on(Loop& l) noexcept
      : work<P>([](work<P>& w) noexcept { static_cast<end_of_block_on&>(w).reached = true; }), loop(l) {}
  void operator()() noexcept {
    if (loop.on_own_thread() || loop.lost()) {  // lost: in a child that was forked on the way
      this->run();
    } else {
      loop.post(*this);
    }
  }

  Loop& loop;
  bool reached = false;
};

template <class Loop, class Requests> template <class A>
requires awaitable<A&&> await_value_t<A&&> event_loop<Loop, Requests>::block_on(A&& a) {
  using end_type = end_of_block_on<event_loop>;
  coroutine_result<await_value_t<A&&>> result;
  end_type end(*this);
  auto const frame = await_into<awaiting_frame<end_type>, A&&>(std::forward<A>(a), result);
  bool started = false;
  loop_until<false>([&] {
    if (!started) {
      started = true;
      frame.start(end);
      trampoline<P>::drain();
    }
    return end.reached;
  });
  if (!end.reached) refuse_if_lost();
  return result.take();
}

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
