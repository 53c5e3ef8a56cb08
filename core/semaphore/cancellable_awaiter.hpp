// surewake/core/semaphore/cancellable_awaiter.hpp: an acquire that may be given up while it waits: by a stop_token or a
// deadline.
//
// Three parties meet in one word of bits: the registrant (suspends the coroutine), the granter, the stopper.
//
//   0 --registrant--> armed --granter--> armed|handed             the granter finishes the wait
//   0 --granter--> handed --registrant, as it comes to arm--> 0   the registrant finishes it
//   armed --stopper--> armed|stop            the stopper withdraws; if that fails, the granter finishes
//   0 --stopper--> stop                      the registrant withdraws when it comes to arm
//   armed|handed --granter, unless stopped--> 0                   the granter finishes it
//   A hand-over that ends in vain (barging): the party that would finish the wait registers again, as the registrant.
//
// Where a wait that is given up may be registered again (synchronizer.hpp, give_up), a granter that finds the stopper
// inside of give_up leaves the rest to it:
//
//   armed|stop --granter--> armed|handed|stop --stopper, whose give_up failed--> stop|tried        the stopper goes on
//   armed|stop --stopper, whose give_up failed--> armed|stop|tried --granter--> stop|tried         the granter goes on
//   stop|tried --the party that goes on: registered again--> armed|stop|tried, as before; or it finishes the wait
//
// Terms     Hand-over: the queue has run the node, and will not touch it again. To arm: to say that the coroutine is
//           suspended, so that another thread may resume it.
//
// Invariants
//   I1  Exactly one party finishes the wait: the one that completes {armed, handed}, or whose withdraw returned true.
//   I2  Between enqueue and armed only the registrant touches the node, but for the phase and what the queue keeps in
//       it; after armed it touches nothing.
//   I3  A stopper that saw `armed` alone has at most one withdraw under way, and only for the registration it saw: the
//       RMW that is to clear `handed` reads the stop bit as well, and a waiter whose stop bit was set by then is not
//       registered again. A stop that comes after that RMW finds no bit, so it withdraws nothing, and the registrant
//       finds the stop before it arms.
//   I4  The canceller's destructor returns only when its callback is over, so the stopper's node outlives its withdraw.
//   I5  A withdrawal may grant others. Where the coroutine that gave up is resumed on the same thread, they run once
//       its wait is finished, since they may destroy it. (They once ran before, and found it neither waiting nor
//       ready.)
//   I6  Where there is a give_up, it and after_grant never run at once for one wait: `tried` says that no give_up is
//       under way, nor will be. So the party that goes on may register the node again.
// So the grant and the stop race once, in the queue's withdraw, and the loser knows that it lost: a grant that came is
// used (the acquire succeeds although a stop was asked for), a wait that was withdrawn has given its debt back.
// Place     home.hpp, the rule: the finishing party posts the coroutine to its home, unless its thread runs that home.
//           (The stopper once resumed it on its own thread, wherever it lived.) Or to the executor that was named.
//           Under barging it has its permits then, whereas acquire_on(executor) competes for them once it runs there.
// Cost      as acquire_awaiter, and one RMW to arm, one to hand over. No allocation of ours.
// Source    the handshake of parking_lot's and libcoro's timed waits, as a state table; withdraw as in CQS.
// Checked   models/giving_up/stop_against_grant.hpp, models/giving_up/stop_ends_wait.hpp, and for I6
//           models/primitives/stop_against_notify.hpp, with seeded bugs;
//           `surewake-verify weaken core/semaphore/cancellable_awaiter.hpp`: lowering any order is caught
//           (verify/orders.csv).
#pragma once

#include <surewake/core/semaphore/acquire_awaiter.hpp>
#include <surewake/core/semaphore/blocking_wait.hpp>

#include <cassert>
#include <optional>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

/// Whose wait it is: that of a coroutine, which is resumed at home.
struct awaiting_coroutine {
  static constexpr bool has_home = true;
  static constexpr bool on_executor = false;
};

/// That of a coroutine which is resumed on an executor.
template <class Executor> struct awaiting_on : resume_on<Executor> {
  static constexpr bool has_home = false;
  static constexpr bool on_executor = true;
};

/// Whether Waits is a coroutine's, and no operation's.
template <class Waits> inline constexpr bool is_coroutine = false;
template <> inline constexpr bool is_coroutine<awaiting_coroutine> = true;
template <class Executor> inline constexpr bool is_coroutine<awaiting_on<Executor>> = true;

/// Canceller: constructed from (Source, callback) when the acquire has to wait; calls the callback, on any thread, even
/// from inside its constructor, and the first call alone counts; its destructor waits for a callback that runs on
/// another thread.
///
/// Waits     awaiting_coroutine, awaiting_on<Executor>, or an operation: a class that derives from
///           cancellable_awaiter<…, Waits>, begins the wait by begin_operation(), and has over(), noexcept, which is
///           called once where a coroutine would be resumed, and calls end_operation(). `has_home` says whether that
///           is at home; `ends_at_once`, that over() is no more than a word to another thread, and is not put off until
///           the coroutine that runs on this one suspends.
template <class Semaphore, class Source, template <class> class Canceller, class Waits = awaiting_coroutine>
class [[nodiscard]] cancellable_awaiter {
  using P = typename Semaphore::platform_type;
  using permit = typename Semaphore::permit;
  struct itself {};
  using place = std::conditional_t<is_coroutine<Waits>, Waits, itself>;

 public:
  cancellable_awaiter(Semaphore& s, std::uint32_t n, Source source, place where = {}) noexcept
      : semaphore_(s), n_(n), source_(std::move(source)), where_(where) {}
  /// Until it is awaited it can be moved, as an acquire_awaiter.
  cancellable_awaiter(cancellable_awaiter&& other) noexcept
      : semaphore_(other.semaphore_), n_(other.n_), source_(std::move(other.source_)), where_(other.where_) {
    assert(other.taken_.is_granted() && "surewake: an acquire was moved while it waits");
  }
  cancellable_awaiter& operator=(cancellable_awaiter&&) = delete;
  ~cancellable_awaiter() {
    if (wait_) leave();
  }

  using awaited_once = void;
#if defined(__clang__) || !defined(__OPTIMIZE__)
  cancellable_awaiter&& operator co_await() && noexcept { return static_cast<cancellable_awaiter&&>(*this); }
  void operator co_await() & = delete;  // acquire_awaiter.hpp, I3
#endif

  [[nodiscard]] bool await_ready() noexcept(!prepares || !waits_to_end) {
    if constexpr (prepares && waits_to_end) source_.prepare();  // it will wait, and owes nothing yet
    taken_ = semaphore_.synchronizer_.take(n_);
    return !taken_.must_wait();
  }

  /// Errors  what the source's prepare() throws, where it has one: then nothing has happened.
  std::coroutine_handle<> await_suspend(std::coroutine_handle<> self) noexcept(!prepares) {
    static_assert(std::is_nothrow_constructible_v<Canceller<on_stop>, Source&, on_stop>,
                  "a debt must not be lost to a throw");
    if constexpr (prepares && !waits_to_end) prepare();
    if (!suspend(self)) return trampoline<P>::next();
    if constexpr (is_coroutine<Waits> && !Waits::has_home) wait_->way.bounce();
    wait_->set_action(&work<P>::resume_handle);
    return trampoline<P>::back_to(*wait_);
  }

  /// Empty when the wait was given up.   Errors  closed_error.
  [[nodiscard]] typename Semaphore::optional_permit await_resume() {
    if (taken_.is_granted()) [[likely]]
      return success();
    ending const r = ended();
    if (r == ending::closed) throw refusal();
    if (r == ending::withdrawn) return {};
    return success();
  }

 protected:
  enum class ending : std::uint8_t { undecided, granted, withdrawn, closed };

  /// Begins the wait of an operation, whose last touch this may be: over() may be called by another thread at any time,
  /// or before this returns.
  void begin_operation() noexcept {
    if (await_ready() || suspend({})) static_cast<Waits&>(*this).over();
  }
  /// Returns whether an operation had to wait, before end_operation().
  [[nodiscard]] bool waited() const noexcept { return wait_.has_value(); }
  /// Ends the wait of an operation, of which over() was called. Returns how it ended; if granted, the caller owns the
  /// permits, and permits() returns them.
  [[nodiscard]] ending end_operation() noexcept { return taken_.is_granted() ? ending::granted : ended(); }
  permit permits() noexcept { return semaphore_.make_permit(n_); }
  /// Of an operation that ended as closed.
  [[nodiscard]] closed_error refusal() const { return closed_error(why_); }
  [[nodiscard]] Source& source() noexcept { return source_; }

 private:
  static constexpr std::uint32_t armed = 1, handed = 2, stop = 4, tried_bit = 8;

  struct on_stop {
    cancellable_awaiter* self;
    void operator()() const noexcept { self->stopped(); }
  };

  struct node : Semaphore::synchronizer_type::waiter_type {
    node(cancellable_awaiter& a, std::coroutine_handle<> h) noexcept
        : Semaphore::synchronizer_type::waiter_type(&handed_over), owner(&a) {
      this->set_handle(h);
    }
    cancellable_awaiter* owner;
    typename P::template atomic<std::uint32_t> phase{0U};  // bits: armed, handed, stop, tried; the tables at the top
    ending result = ending::undecided;
    way_home<P> way;
    std::optional<Canceller<on_stop>> canceller;
  };

  static constexpr bool prepares = requires(Source& s) { s.prepare(); };
  static constexpr bool waits_to_end = ends_later<typename Semaphore::synchronizer_type>;

  /// The debt that take() made is paid before an exception leaves.
  void prepare() {
    try {
      source_.prepare();
    } catch (...) {
      using limit = time_limit<P>;
      blocking_wait<typename Semaphore::synchronizer_type> w(semaphore_.synchronizer_, n_);
      // It does not wait: it registers, and is withdrawn at once, unless a grant is on its way.
      switch (w.run(taken_, std::chrono::nanoseconds::zero(), limit(limit::time_point::min()))) {
        case wait_outcome::granted: semaphore_.give_back(n_); break;
        case wait_outcome::withdrawn:
        case wait_outcome::closed: break;
      }
      throw;
    }
  }

  /// The permit, or `true` where there is nothing to hold.
  [[nodiscard]] typename Semaphore::optional_permit success() {
    if constexpr (std::is_void_v<permit>) return true;
    else return semaphore_.make_permit(n_);
  }

  ending decided(enqueued r) noexcept {
    if (r == enqueued::granted) return ending::granted;
    why_ = detail::reason_of(semaphore_);
    return ending::closed;
  }

  /// Of a wait that is over.
  [[nodiscard]] ending ended() noexcept {
    ending const r = wait_ ? wait_->result : decided(enqueued::closed);
    end();
    return r;
  }

  /// As begin(), with all that a wait needs.
  [[nodiscard]] bool suspend(std::coroutine_handle<> self) noexcept {
    wait_.emplace(*this, self);
    wait_->way.enter(Waits::has_home ? trampoline<P>::here() : nullptr);
    wait_->canceller.emplace(source_, on_stop{this});  // the stopper may come from here on; it finds nothing armed
    return begin();
  }

  /// Registers; true when the wait is over already, false when somebody else will finish it (I2).
  [[nodiscard]] bool begin() noexcept {
    enqueued const r = semaphore_.synchronizer_.wait(*wait_, n_, taken_);
    if (r == enqueued::waiting) return arm();
    wait_->result = decided(r);
    return true;
  }

  /// As registrant of a node that was enqueued.
  [[nodiscard]] bool arm() noexcept {
    node& w = *wait_;
    bool tried = false;
    // acquire [C1]: after `handed`, sees what the granter left in the node, pairs with [C3].
    std::uint32_t seen = w.phase.load(P::acquire);
    for (;;) {
      if ((seen & handed) != 0) {
        // relaxed: the granter has left, so only the stop bit can come meanwhile, and no data comes with it. Cleared
        // before the node may be registered again, since from then on the next granter sets it.
        seen = w.phase.fetch_and(~handed, P::relaxed) & ~handed;
        if (compete((seen & stop) != 0)) return true;
        tried = waits_to_end && (seen & stop) != 0;  // a stop that found us unarmed does nothing: I6
      } else if ((seen & stop) != 0 && !tried) {
        tried = true;
        if (give_up(w)) {
          w.result = ending::withdrawn;
          return true;
        }
        // A hand-over has begun: it shows as `handed`, or finds us armed.
      }
      std::uint32_t const next = seen | armed | (waits_to_end && tried ? tried_bit : 0);
      // release [C2]: leaves the node, and its registration, to the party that sees `armed` (which may withdraw it, or
      // let it be destroyed), pairs with [C3], [C4]. On failure acquire: as [C1], it may have seen `handed`. A success
      // has not, and touches nothing afterwards.
      if (w.phase.compare_exchange_weak(seen, next, P::release, P::acquire)) return false;
    }
  }

  static void handed_over(work<P>& x) noexcept {
    node& w = static_cast<node&>(x);
    // acq_rel [C3]: as release, leaves the node to the registrant, pairs with [C1], or the stopper, pairs with [C5]; as
    // acquire, sees that these are through with it, pairs with [C2], [C5].
    std::uint32_t const before = w.phase.fetch_or(handed, P::acq_rel);
    if ((before & armed) == 0) return;  // the registrant goes on; our last touch
    if (waits_to_end && (before & (stop | tried_bit)) == stop) return;  // I6: the stopper goes on; our last touch
    w.owner->finish_hand_over();
  }

  void finish_hand_over() noexcept {
    std::uint32_t both = armed | handed;
    // relaxed: decides between us and the stopper by the RMW's atomicity (I3); [C3] has ordered us after the
    // registrant, and a failure has seen the stop bit, with which no data comes.
    bool const stopping = !wait_->phase.compare_exchange_strong(both, 0U, P::relaxed, P::relaxed);
    if (waits_to_end && stopping ? goes_on() : compete(stopping) || arm()) finish();
  }

  /// After a stop, with no give_up under way: true when the wait is over.
  [[nodiscard]] bool goes_on() noexcept {
    // relaxed: ours alone, until arm() publishes it: the stop has come, and the registrant and the granter have left.
    wait_->phase.store(stop | tried_bit, P::relaxed);
    return compete(true) || arm();
  }

  void stopped() noexcept {
    node& w = *wait_;
    // acquire [C4]: sees that the registrant is through with the node, and the registration, without which a queue may
    // not be asked to withdraw it (waiter_queue.hpp), pairs with [C2].
    std::uint32_t const before = w.phase.fetch_or(stop, P::acquire);
    // The registrant or the granter sees the bit; or another stopper has set it, of two at once (either_stop).
    if ((before & (armed | handed | stop)) != armed) return;
    {
      typename trampoline<P>::scope const later;  // I5
      if (give_up(w)) {
        w.result = ending::withdrawn;
      } else if (!goes_on_for_granter()) {
        return;  // a hand-over that has begun, or will come, finishes the wait
      }
      if (goes_on_here(w)) return finish();
    }
    finish();  // elsewhere, and only now: its thread may have to wait until this call is over (I4)
  }

  /// As stopper, after a give_up that failed: true when the wait is over, and this thread finishes it.
  [[nodiscard]] bool goes_on_for_granter() noexcept {
    if constexpr (waits_to_end) {
      // acq_rel [C5]: as release, leaves the node to the granter, pairs with [C3]; as acquire, of a granter that came,
      // sees what it left in the node, pairs with [C3].
      return (wait_->phase.fetch_or(tried_bit, P::acq_rel) & handed) != 0 && goes_on();
    }
    return false;
  }

  /// Of a wait that is stopped: true: it is over. false: a hand-over has begun, or will come.
  [[nodiscard]] bool give_up(node& w) noexcept {
    if constexpr (waits_to_end) return semaphore_.synchronizer_.give_up(w, n_);
    else return semaphore_.synchronizer_.withdraw(w, n_);
  }

  /// After a hand-over: true when the wait is over; false: the node is registered again.
  [[nodiscard]] bool compete(bool stopping) noexcept {
    node& w = *wait_;
    enqueued const r = semaphore_.synchronizer_.after_grant(w, n_, stopping ? then::leave : then::wait);
    if (r == enqueued::waiting && (!stopping || waits_to_end)) return false;
    w.result = r == enqueued::waiting ? ending::withdrawn : decided(r);
    return true;
  }

  [[nodiscard]] static bool goes_on_here(node& w) noexcept {
    if constexpr (is_coroutine<Waits>) return !Waits::on_executor && w.way.is_here();
    else return w.way.is_here();
  }

  void finish() noexcept {
    if constexpr (is_coroutine<Waits>) {
      wait_->set_action(&work<P>::resume_handle);
      if constexpr (Waits::on_executor) return where_.post(static_cast<work<P>&>(*wait_));
    } else {
      if constexpr (requires { Waits::ends_at_once; }) return static_cast<Waits*>(this)->over();
      wait_->set_action([](work<P>& w) noexcept { static_cast<Waits*>(static_cast<node&>(w).owner)->over(); });
    }
    wait_->way.resume(*wait_);
  }

  /// Takes back a coroutine that is ready.
  void forget(node& w) noexcept {
    if constexpr (is_coroutine<Waits>) {
      if constexpr (Waits::on_executor) {
        if (w.way.bounced()) return trampoline<P>::forget(w);
        if (!where_.withdraw(static_cast<work<P>&>(w))) {
          P::broken("a coroutine was destroyed while its executor resumed it");
        }
        return;
      }
    }
    w.way.forget(w);
  }

  void end() noexcept {
    if (!wait_) return;
    wait_->canceller.reset();  // first: it may use the home's timers
    wait_->way.leave();
    wait_.reset();
  }

  /// The coroutine is destroyed while it waits.
  [[gnu::noinline]] void leave() noexcept {
    node& w = *wait_;
    w.canceller.reset();
    if (w.only_resumes()) {  // finished, and in the thread's ready list, at home, or at its executor
      forget(w);
      if (w.result == ending::granted || waits_to_end) semaphore_.give_back(n_);
    } else if (!semaphore_.synchronizer_.withdraw(w, n_)) {
      P::broken("a coroutine was destroyed while another thread resumed it");
    }
    end();
  }

  Semaphore& semaphore_;
  std::uint32_t n_;
  take_result taken_;  // as in acquire_awaiter
  close_reason why_{};
  [[no_unique_address]] Source source_;
  [[no_unique_address]] place where_;
  std::optional<node> wait_;
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
