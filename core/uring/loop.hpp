// surewake/core/uring/loop.hpp: one thread's I/O, timers, futex waits and posted work, completed through one io_uring.
//
//   run what is posted, complete, due --nothing left--> hooks --> io_uring_enter, which submits and waits --> again
//
// For coroutines   co_await loop.read(fd, bytes, offset, stop) gives an io_result; so do openat, write, statx, close,
//                  nop, sleep_for, sleep_until, futex_wait, futex_wake; and co_await loop.schedule(). Awaited on
//                  another thread, they bring the coroutine to the loop's.
// For executors    post(work), withdraw(work): any thread. arm(timer, when), disarm(timer): the loop's.
// For strategies   current(): this thread's loop, or null. Operations as nodes with a callback (operation.hpp):
//                  start, start_background, cancel, cancel_now. wake_later(word, n): a futex wake that goes with the
//                  next submit; flush(): submit now. before_sleep(hook): called before the loop sleeps and when it is
//                  left. support.hpp: what the kernel offers, and why not.
// To run it        run() until stop(), or until nothing is left to come · block_on(awaitable) · poll().
//
// Place     A coroutine that waits on the loop's thread goes on there, when the loop runs, however its wait ends
//           (home.hpp).
// Invariants
//   I1  The ring, the timers, the hooks and every operation belong to the thread that made the loop. posted_ and
//       asleep_ are guarded by mutex_.
//   I2  asleep_ is set, under the lock, only if posted_ is empty, and before the wait in the kernel. So a thread that
//       posts while the loop is about to sleep sees asleep_, clears it and signals the event, which ends the wait.
//       stop() takes no lock, and signals the event in any case.
//   I3  A poster uses the loop's memory until it has counted itself out of signals_; the destructor waits for that.
// Checked   loop.test.cpp, awaiter.test.cpp, requests.test.cpp (a kernel that refuses), also under ThreadSanitizer.
//           Threads meet under mutex_, so ThreadSanitizer need not see the kernel, which it cannot.
// Progress  post and withdraw block on a mutex, which is held for a few instructions. All else is the loop's own.
// Fairness  posted work runs in the order of the posts, completions in the kernel's, timers by deadline; at most 64
//           posted items between two looks at the completions.
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
// Threads   post, withdraw, stop, lost, look_again, current, on_own_thread and the awaitables: any thread. All else,
//           run() and the destructor included: the thread that made the loop. One loop a thread, any number a process.
// Signals   stop() is async-signal-safe. No other call is: post and withdraw lock a mutex.
// Fork      a loop does not belong to a child, because the rings are shared with the parent. fork() leaves the child's
//           thread without a loop, and that thread may make a loop of its own. With its parent's loop a child may do
//           this: destroy it, which gives its memory and descriptors back, and runs and cancels nothing; stop(), which
//           does nothing; withdraw(), disarm(). run(), block_on() and poll() throw std::logic_error. So does a call
//           that was under way when a coroutine forked: it ends when that coroutine suspends (block_on returns if it is
//           over), and touches the ring no more. post() ends the process with a message. Coroutines that wait there
//           stay suspended, because their operations are the parent's, and may be destroyed. (_Fork() and a bare
//           clone() tell nobody, so that after those a child may only exec.)
// End       of its thread: a thread_local loop may outlive other thread_locals, because it needs only plain ones. What
//           strategies keep for it belongs to the loop (attached()), and ends after all that was in flight.
#pragma once

#include <surewake/core/coroutine/awaitable.hpp>
#include <surewake/core/coroutine/awaiting_frame.hpp>
#include <surewake/core/platform/deadline.hpp>
#include <surewake/core/platform/lock_hold.hpp>
#include <surewake/core/node/executor.hpp>
#include <surewake/core/node/loop_signals.hpp>
#include <surewake/core/coroutine/own_home.hpp>
#include <surewake/core/coroutine/schedule.hpp>
#include <surewake/core/coroutine/take_out.hpp>
#include <surewake/core/coroutine/task.hpp>
#include <surewake/core/uring/awaiter.hpp>
#include <surewake/core/uring/requests.hpp>

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

#include <memory>
#include <span>
#include <stdexcept>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// The sizes of a loop's queues. Both are rounded up to a power of 2, and are at most what the kernel has: 32768 and
/// 65536.
struct uring_options {
  unsigned entries = 256;    // of the submission queue, at least 1; one request more costs a system call, nothing else
  unsigned completions = 0;  // of the completion queue, not fewer than entries; 0: twice as many. What does not fit
                             // waits in the kernel
};

/// Runs one thread's coroutines, I/O and timers. `Kernel` is uring_kernel, or a struct whose calls can be made to fail.
/// Which thread may make which call, and after a fork: Threads, Signals and Fork at the top.
///
/// Orders   what a thread did before post() comes before the work runs; what it did before stop() comes before run()
///          returns.
/// Errors   of an awaitable: its result says, and the call itself throws nothing. Where none are named, none.
template <class Kernel> class basic_uring_loop : private detail::uring_requests<Kernel> {
  using requests = detail::uring_requests<Kernel>;
  using awaiter = detail::uring_awaiter<basic_uring_loop>;
  friend awaiter;

 public:
  using P = std_platform;
  using time_point = detail::timer::time_point;
  using word = P::atomic<std::uint32_t>;
  static constexpr std::uint64_t current_position = ~std::uint64_t{0};  // as an offset: the descriptor's own position

  /// Makes a loop for the calling thread, which alone runs and destroys it.
  ///
  /// Errors   std::invalid_argument for impossible options, with value and limit. std::system_error if the kernel gives
  ///          no ring or event (support.hpp says why). std::logic_error if the thread has a loop.
  explicit basic_uring_loop(uring_options o = {})
      : requests(o.entries, o.completions), born_(forks_seen()), event_(Kernel::event()) {
    basic_uring_loop*& mine = slot();
    if (event_ < 0) throw std::system_error(-event_, std::system_category(), "surewake: eventfd");
    if (mine != nullptr) {
      ::close(event_);
      throw std::logic_error("surewake: this thread has a uring_loop");
    }
    mine = this;
    trampoline<P>::reside(&home_.get());
  }
  basic_uring_loop(basic_uring_loop const&) = delete;
  basic_uring_loop& operator=(basic_uring_loop const&) = delete;

  /// Runs what is posted; cancels what is in flight, waits for it, and calls the actions (with the result -ECANCELED,
  /// as for all operations that are started meanwhile); disarms the timers that are left.
  ~basic_uring_loop() {
    if (lost()) {
      while (detail::timer* const t = requests::timers_.top()) requests::timers_.erase(*t);
      ::close(event_);
      return;
    }
    if (!on_own_thread()) P::broken("a uring_loop was destroyed by another thread than its own");
    close_down();
    trampoline<P>::reside(nullptr);
    home_.end();
    finish_all();  // what was posted home since the last look; after end() nothing is (home.hpp, I3)
    signals_.await_quiet();
    ::close(event_);
    slot() = nullptr;
  }

  /// Returns the calling thread's loop; null if it has none.
  [[nodiscard]] static basic_uring_loop* current() noexcept { return slot(); }
  [[nodiscard]] bool on_own_thread() const noexcept { return slot() == this; }
  /// Returns whether this is a forked child, and the loop is its parent's.
  // relaxed: a fork changes it, and after that there is one thread.
  [[nodiscard]] bool lost() const noexcept { return forks().load(P::relaxed) != born_; }

  // ---- what any thread may call ----

  /// Has `w` run on the loop's thread. `w` lives until it runs or is withdrawn. Not async-signal-safe.
  void post(work<P>& w) noexcept {
    if (lost()) [[unlikely]]
      P::broken("a forked child posted to a uring_loop of its parent's, which only the parent runs");
    mutex_.lock();
    posted_.push_back(w);
    unlock_and_wake();
  }
  /// Returns true if `w` was posted here, and will not run; false if it is running, ran, or was never posted.
  bool withdraw(work<P>& w) noexcept {
    if (lost() && !whole_in_child_) return false;  // another thread's loop, which fork() did not lock
    lock_hold const hold(mutex_);
    return detail::take_out(posted_, w);
  }
  /// Makes the run() that is under way, or otherwise the next one, return when what runs now has returned.
  /// Async-signal-safe; the loop exists until the call has returned or run() has.
  void stop() noexcept {
    if (lost()) return;
    signals_.stop([this] { Kernel::signal(event_); });
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

  /// Returns whether the loop is being destroyed; what is started then comes back with -ECANCELED at once.
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
  void arm(detail::timer& t, time_point when) noexcept { requests::arm_timer(t, when); }
  /// Returns true if `t` was armed; it will not fire then.
  bool disarm(detail::timer& t) noexcept {
    if (!t.armed()) return false;
    requests::timers_.erase(t);
    return true;
  }

  // ---- for coroutines, on any thread; resumed on the loop's. The results are io_results. If `stop` is requested
  // before the operation is over, it is cancelled, and the result is canceled() unless another result came first ----

  /// Has the coroutine go on on the loop's thread.
  [[nodiscard]] auto schedule() noexcept { return detail::schedule_awaiter<basic_uring_loop, P>(*this); }

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
  /// Yields 0, once `d` has passed; a negative `d` has passed.
  template <class Rep, class Period>
  awaiter sleep_for(std::chrono::duration<Rep, Period> d, std::stop_token stop = {}) {
    return {*this, std::move(stop), deadline_after<P::clock>(P::now(), d)};
  }
  /// Sleeps until `t`, and ends no earlier by the clock of `t`. If that is not the steady clock, it is read meanwhile,
  /// and must not throw.
  template <class Clock, class Duration>
  auto sleep_until(std::chrono::time_point<Clock, Duration> t, std::stop_token stop = {}) {
    if constexpr (std::same_as<Clock, P::clock>) {
      return awaiter(*this, std::move(stop), time_limit<P>(t).when());
    } else {
      return detail::uring_clock_awaiter<basic_uring_loop>(*this, std::move(stop), time_limit<P>(t));
    }
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
  static constexpr unsigned fair_share = 64;  // posted items in a row

  struct attachment {
    explicit attachment(char const* k) noexcept : kind(k) {}
    attachment(attachment const&) = delete;
    attachment& operator=(attachment const&) = delete;
    virtual ~attachment() = default;

    char const* const kind;
    std::unique_ptr<attachment> next;
  };
  template <class T> struct attachment_of final : attachment {
    explicit attachment_of(basic_uring_loop& loop) : attachment(&kind_of<T>), value(loop) {}
    T value;
  };
  template <class T> static constexpr char kind_of = 0;

  template <class T> [[gnu::noinline, gnu::cold]] T& attach() noexcept {
    auto made = std::make_unique<attachment_of<T>>(*this);
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
    static int const error = ::pthread_atfork(&before_fork, &in_the_parent, &in_the_child);
    if (error != 0) throw std::system_error(error, std::system_category(), "surewake: pthread_atfork");
    // relaxed: as in lost().
    return forks().load(P::relaxed);
  }
  /// Locks the forking thread's loop, so that it is whole in the child: no thread is posting to it.
  static void before_fork() noexcept SUREWAKE_WITHOUT_LOCK {  // fork() comes between this and the next two
    basic_uring_loop* const mine = slot();
    if (mine == nullptr) return;
    mine->home_.get().lock_for_fork();
    mine->mutex_.lock();
  }
  static void in_the_parent() noexcept SUREWAKE_WITHOUT_LOCK {
    if (basic_uring_loop* const mine = slot()) mine->unlock_after_fork();
  }
  /// Runs on the forking thread, which is the only one. Its loop has become its parent's.
  static void in_the_child() noexcept SUREWAKE_WITHOUT_LOCK {
    // relaxed: as in lost().
    forks().fetch_add(1, P::relaxed);
    basic_uring_loop* const mine = std::exchange(slot(), nullptr);
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

  [[nodiscard]] static basic_uring_loop*& slot() noexcept {
    struct holder {
      basic_uring_loop* loop = nullptr;
    };
    return P::local<holder>().loop;
  }

  template <class T> [[nodiscard]] static unsigned length(std::span<T> bytes) noexcept {
    constexpr std::size_t most = 0x7fff'f000;  // what the kernel moves at once; above it would read a negative length
    return static_cast<unsigned>(bytes.size() < most ? bytes.size() : most);
  }

  void unlock_and_wake() noexcept SUREWAKE_UNLOCKS(mutex_) {
    bool const wake = asleep_;
    asleep_ = false;
    if (wake) signals_.begin();
    mutex_.unlock();
    if (!wake) return;
    Kernel::signal(event_);
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
    for (; uring_operation* const op = requests::next_done(); ++ran) run_one(*op);
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
    if (detail::timer_heap& timers = requests::timers_; !timers.empty()) {
      time_point const now = requests::fired_until_ = P::now();
      for (detail::timer* t = timers.top(); t != nullptr && t->deadline() <= now; t = timers.top(), ++ran) {
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
    if (!watching_) requests::watch(event_, watching_);
    bool wait = !requests::any_done();
    if (wait) {
      lock_hold const hold(mutex_);
      bool const stops = heeds_stop_ && signals_.may_stop();  // one that comes later ends the wait by the event
      wait = asleep_ = posted_.empty() && !stops;
    }
    detail::timer* const first = requests::timers_.top();
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
      throw std::logic_error("surewake: this uring_loop is the parent process's: a forked child makes its own");
  }
  void begin_to_run() {
    refuse_if_lost();
    if (!on_own_thread())
      throw std::logic_error("surewake: a uring_loop is run by the thread that made it, and this is another one");
    if (running_) throw std::logic_error("surewake: this uring_loop is running: await instead");
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
    detail::timer_heap all;
    while (detail::timer* const t = requests::timers_.top()) {
      time_point const when = t->deadline();
      requests::timers_.erase(*t);
      if (t->fires_at_end()) t->set_early();
      all.push(*t, t->early() ? time_point::min() : when);
    }
    while (detail::timer* const t = all.top()) {
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
    while (detail::timer* const t = requests::timers_.top()) requests::timers_.erase(*t);
  }

  own_home<basic_uring_loop> home_{*this};
  unsigned const born_;    // how many forks there had been when the loop was made
  int const event_;        // a descriptor whose signal ends the wait in the kernel
  bool watching_ = false;  // the kernel polls event_
  bool running_ = false;
  bool more_posted_ = false;  // perhaps, because the share of a round was used up
  bool heeds_stop_ = false;   // run() is under way, not block_on()
  bool stop_seen_ = false;    // as next_posted() saw it last
  bool whole_in_child_ = false;  // lost, and the loop of the forking thread
  detail::work_list<P> hooks_;
  std::size_t hook_count_ = 0;
  std::unique_ptr<attachment> attached_;

  P::mutex mutex_;
  detail::work_list<P> posted_ SUREWAKE_GUARDED_BY(mutex_);
  bool asleep_ SUREWAKE_GUARDED_BY(mutex_) = false;
  detail::loop_signals<P> signals_;
};

template <class Kernel> void basic_uring_loop<Kernel>::run() {
  loop_until<true>([this] { return lost() || stop_seen_ || nothing_left(); });
  refuse_if_lost();
  if (stop_seen_) signals_.reset();
}

template <class Kernel> std::size_t basic_uring_loop<Kernel>::poll() {
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

namespace detail {

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

}  // namespace detail

template <class Kernel> template <class A>
requires awaitable<A&&> await_value_t<A&&> basic_uring_loop<Kernel>::block_on(A&& a) {
  using end_type = detail::end_of_block_on<basic_uring_loop>;
  detail::coroutine_result<await_value_t<A&&>> result;
  end_type end(*this);
  auto const frame = detail::await_into<detail::awaiting_frame<end_type>, A&&>(std::forward<A>(a), result);
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

using uring_loop = basic_uring_loop<uring_kernel>;

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
