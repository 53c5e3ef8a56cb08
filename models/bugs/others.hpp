// surewake/models/bugs/others.hpp: mistakes that other projects had and repaired, put into ours: around any strategy
// (`one_per_grant<intrusive_list>::queue`), around the monitor_synchronizer, or into a discipline's counter.
#pragma once

#include <surewake/core/platform/lock_hold.hpp>
#include <surewake/models/bugs/around_synchronizer.hpp>
#include <surewake/queues/mutex_deque.hpp>

namespace surewake::models::bugs {

/// Serves one waiter in a release of several permits, and leaves the rest to the next release (embassy #2766, libxr
/// #264).
template <template <class> class Real> struct one_per_grant {
  template <platform P> struct queue : Real<P> {
    void grant(std::int64_t) noexcept { Real<P>::grant(1); }
  };
};

/// Lets the registrant look at its waiter once more after it has registered: by then another thread may have resumed
/// and destroyed it (C++/WinRT #1329, llvm #64152, stdexec #2047).
template <template <class> class Real> struct peeks_after_enqueue {
  template <platform P> struct queue : Real<P> {
    template <class... Look> [[nodiscard]] enqueued enqueue(waiter<P>& w, Look&&... look) noexcept {
      enqueued const r = Real<P>::enqueue(w, std::forward<Look>(look)...);
      static_cast<void>(w.closed());
      return r;
    }
  };
};
template <class Synchronizer> struct peeks_after_wait : Synchronizer {
  using Synchronizer::Synchronizer;
  enqueued wait(waiter<typename Synchronizer::platform_type>& w, std::int64_t n, take_result taken) noexcept {
    enqueued const r = Synchronizer::wait(w, n, taken);
    static_cast<void>(w.closed());
    return r;
  }
};

/// Keeps a waiter that leaves while another one leaves in the list (two neighbours that unlink themselves at once).
template <template <class> class Real> struct coalesced_withdrawal {
  template <platform P> struct queue : Real<P> {
    template <class Refund> [[nodiscard]] bool withdraw(waiter<P>& w, Refund&& refund) noexcept {
      if (leaving_.exchange(1U, P::acq_rel) != 0U) {
        static_cast<void>(refund(w.missing()));
        return true;
      }
      bool const left = Real<P>::withdraw(w, std::forward<Refund>(refund));
      leaving_.store(0U, P::release);
      return left;
    }

   private:
    typename P::template atomic<std::uint32_t> leaving_{0U};
  };
};

/// Runs what follows from a withdrawal under a lock: a coroutine that is resumed there, and uses the semaphore, meets
/// that lock (tokio #5429, PhotonLibOS #1650).
template <class Synchronizer> struct withdraws_locked : Synchronizer {
  using Synchronizer::Synchronizer;
  bool withdraw(waiter<typename Synchronizer::platform_type>& w, std::int64_t n) noexcept {
    lock_hold const hold(outer_);
    return Synchronizer::withdraw(w, n);
  }
  void give_back(std::int64_t n) noexcept {
    { lock_hold const hold(outer_); }
    Synchronizer::give_back(n);
  }

 private:
  spin_lock<typename Synchronizer::platform_type> outer_;
};

/// Wakes in close() under a lock, which a woken coroutine needs when it ends another one's wait (tokio #5429).
template <template <class> class Real> struct closes_locked {
  template <platform P> struct queue : Real<P> {
    template <class Refund> [[nodiscard]] bool withdraw(waiter<P>& w, Refund&& refund) noexcept {
      lock_hold const hold(outer_);
      return Real<P>::withdraw(w, std::forward<Refund>(refund));
    }
    void close() noexcept {
      lock_hold const hold(outer_);
      Real<P>::close();
    }

   private:
    spin_lock<P> outer_;
  };
};

/// Moves the next waiter to the back when the first one leaves without its permit (cats-effect #3564).
template <platform P> class shuffling_line {
 public:
  [[nodiscard]] bool empty() const noexcept { return list_.empty(); }
  [[nodiscard]] waiter<P>& front() const noexcept { return static_cast<waiter<P>&>(*list_.front()); }
  void push_back(waiter<P>& w) noexcept { list_.push_back(w); }
  void erase(waiter<P>& w) noexcept {
    bool const leaves = &front() == &w && w.missing() != 0;
    list_.erase(w);
    if (leaves && !list_.empty()) list_.push_back(*list_.pop_front());
  }

 private:
  detail::work_list<P> list_;
};
template <platform P> class next_to_the_back : public locked_queue<P, spin_lock<P>, shuffling_line<P>> {};
template <platform P> class next_to_the_back_in_gate : public next_to_the_back<P> {};

/// Loses the permits that a request for several had when it is given up (cats-effect #403).
template <class Discipline> struct part_lost : Discipline {
  template <platform P> struct counter : Discipline::template counter<P> {
    using Discipline::template counter<P>::counter;
    refunded refund(std::int64_t, std::int64_t missing) noexcept {
      return Discipline::template counter<P>::refund(missing, missing);
    }
  };
};

/// Opens a closed semaphore when permits are taken away from it (tokio #8020).
struct reduce_reopens : hand_off {
  template <platform P> struct counter : hand_off::counter<P> {
    using hand_off::counter<P>::counter;
    std::int64_t reduce(std::int64_t n) noexcept {
      if (hand_off::counter<P>::is_closed()) opened_.set(true);
      return hand_off::counter<P>::reduce(n);
    }
    [[nodiscard]] bool is_closed() const noexcept { return !opened_.get() && hand_off::counter<P>::is_closed(); }

   private:
    typename P::template plain<bool> opened_{false};
  };
};

}  // namespace surewake::models::bugs

template <> struct surewake::synchronizer_for<surewake::models::bugs::next_to_the_back_in_gate, surewake::hand_off> {
  template <class P> using type = detail::monitor_synchronizer<P, spin_lock<P>, models::bugs::shuffling_line<P>>;
};
