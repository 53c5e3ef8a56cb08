// surewake/models/stop_source.hpp: a stop source over any platform, so that a checker sees the steps of stopping.
//
//   idle --canceller--> armed --stop--> calling --the callback returned--> over        armed --~canceller--> idle
//   idle --stop--> stopped --canceller--> calls back at once
//
// One canceller at a time, which is what one acquire needs. As with std::stop_callback the destructor waits for a
// callback that runs on another thread, and does not wait for one on its own, since that is what destroys it.
#pragma once

#include <surewake/core/stop_sources.hpp>

namespace surewake::models {

template <platform P> class stop_source {
 public:
  stop_source() = default;
  stop_source(stop_source const&) = delete;
  stop_source& operator=(stop_source const&) = delete;

  /// Calls back, once, if a canceller is there; the first one that comes later calls back itself.
  void request_stop() noexcept {
    caller_.set(&P::template local<here>());
    std::uint32_t seen = idle;
    // acq_rel: sees the canceller that is armed, and shows it who calls.
    while (!state_.compare_exchange_weak(seen, seen == armed ? calling : stopped, P::acq_rel, P::acquire)) {
    }
    if (seen != armed) return;
    call_.get()(target_.get());
    // release: the callback is through with its canceller, which may go.
    state_.store(over, P::release);
  }

  /// Calls f when a stop is requested. With Waits = false the destructor leaves a callback running: a bug to be caught.
  template <class F, bool Waits> class canceller {
   public:
    canceller(stop_source& s, F f) noexcept : source_(s), callback_(f) {
      s.call_.set([](void* self) { static_cast<canceller*>(self)->callback_(); });
      s.target_.set(this);
      std::uint32_t seen = idle;
      // acq_rel: shows the callback to the stopper; sees what was done before the stop.
      if (!s.state_.compare_exchange_strong(seen, armed, P::acq_rel, P::acquire)) callback_();
    }
    canceller(canceller const&) = delete;
    canceller& operator=(canceller const&) = delete;
    ~canceller() {
      std::uint32_t seen = armed;
      // acq_rel: nobody calls back any more; on failure acquire: sees who does.
      if (source_.state_.compare_exchange_strong(seen, idle, P::acq_rel, P::acquire) || !Waits) return;
      if (seen != calling || source_.caller_.get() == &P::template local<here>()) return;
      // acquire: sees all that the callback did.
      P::await(source_.state_, [](std::uint32_t s) { return s == over; }, P::acquire);
    }

   private:
    stop_source& source_;
    F callback_;
  };

 private:
  static constexpr std::uint32_t idle = 0, stopped = 1, armed = 2, calling = 3, over = 4;
  struct here {
    char unused = 0;
  };

  typename P::template atomic<std::uint32_t> state_{idle};
  typename P::template plain<void (*)(void*)> call_{nullptr};
  typename P::template plain<void*> target_{nullptr};
  typename P::template plain<here*> caller_{nullptr};
};

/// What an acquire is given: acquire(stop_signal<P>{source}).
template <platform P> struct stop_signal {
  stop_source<P>* source;
};

/// The same, with a canceller that does not wait for its callback.
template <platform P> struct hasty_signal : stop_signal<P> {};

}  // namespace surewake::models

template <surewake::platform P> struct surewake::stop_traits<P, surewake::models::stop_signal<P>> {
  using source = models::stop_signal<P>;
  template <class F> struct canceller : models::stop_source<P>::template canceller<F, true> {
    canceller(source const& s, F f) noexcept : models::stop_source<P>::template canceller<F, true>(*s.source, f) {}
  };
};

template <surewake::platform P> struct surewake::stop_traits<P, surewake::models::hasty_signal<P>> {
  using source = models::hasty_signal<P>;
  template <class F> struct canceller : models::stop_source<P>::template canceller<F, false> {
    canceller(source const& s, F f) noexcept : models::stop_source<P>::template canceller<F, false>(*s.source, f) {}
  };
};
