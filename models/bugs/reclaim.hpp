// surewake/models/bugs/reclaim.hpp: reclaimers with one mistake.
#pragma once

#include <surewake/core/platform/lock_hold.hpp>
#include <surewake/core/reclaim/reclaimer.hpp>

namespace surewake::models::bugs {

/// Lets a reader's announcement come after its next read.
template <platform P> struct without_light_fence : P {
  static void light_fence(typename P::order) noexcept {}
};

/// Lets a scan read slots that may be older than the unlinking.
template <platform P> struct without_heavy_fence : P {
  static void heavy_fence(typename P::order) noexcept {}
};

/// Leaves the ordering in a scan to the readers, as the readers leave it to the scan.
template <platform P> struct scans_lightly : P {
  static void heavy_fence(typename P::order o) noexcept { P::light_fence(o); }
};

/// Never destroys what a thread keeps: no domain learns that the thread ended.
template <platform P> struct unnoticed_end : P {
  template <class T> [[nodiscard]] static T& local() {
    struct kept {
      kept() : object{} {}
      ~kept() {}
      union {
        T object;
      };
    };
    return P::template local<kept>().object;
  }
};

/// Announces what the source led to, and does not ask whether the source still leads there.
template <platform P> struct without_validation : hazard_reclaimer<P> {
  class guard : public hazard_pointer<P> {
   public:
    explicit guard(hazard_pointer<P> h) noexcept : hazard_pointer<P>(std::move(h)) {}
    template <class Source> [[nodiscard]] auto protect(Source const& source) noexcept {
      return protect(source, [](auto* p) { return p; });
    }
    template <class Source, class PointerOf>
    [[nodiscard]] auto protect(Source const& source, PointerOf pointer_of) noexcept {
      auto const value = source.load(P::acquire);
      this->reset_protection(pointer_of(value));
      return value;
    }
  };
  [[nodiscard]] static guard make_guard(hazard_domain<P>& d) { return guard(make_hazard_pointer<P>(d)); }
};

/// Takes the object that was held last for held, although the slot was reset.
template <platform P> struct remembers_after_reset : hazard_reclaimer<P> {
  class guard : public hazard_pointer<P> {
   public:
    explicit guard(hazard_pointer<P> h) noexcept : hazard_pointer<P>(std::move(h)) {}
    template <class Source> [[nodiscard]] auto protect(Source const& source) noexcept {
      return protect(source, [](auto* p) { return p; });
    }
    template <class Source, class PointerOf>
    [[nodiscard]] auto protect(Source const& source, PointerOf pointer_of) noexcept {
      auto value = source.load(P::acquire);
      if (pointer_of(value) != last_) value = hazard_pointer<P>::protect(source, pointer_of);
      last_ = pointer_of(value);
      return value;
    }

   private:
    void* last_ = nullptr;
  };
  [[nodiscard]] static guard make_guard(hazard_domain<P>& d) { return guard(make_hazard_pointer<P>(d)); }
};

template <platform P> struct eager_domain {
  void retire(retired<P>& r) noexcept { r.reclaim(); }
  void clean_up() noexcept {}
};
/// Asks no reader.
template <platform P> struct reclaims_at_once : unguarded_reclaimer<P, eager_domain<P>> {};

template <platform P> class recycling_domain {
 public:
  ~recycling_domain() {
    while (retired<P>* const r = unused_.pop()) r->reclaim();
  }
  void retire(retired<P>& r) noexcept {
    lock_hold const alone(lock_);
    unused_.push(r);
  }
  [[nodiscard]] retired<P>* reuse() noexcept {
    lock_hold const alone(lock_);
    retired_list<P> younger;
    retired<P>* oldest = unused_.pop();
    while (retired<P>* const older = unused_.pop()) {
      younger.push(*oldest);
      oldest = older;
    }
    unused_.take(younger);
    return oldest;
  }
  void clean_up() noexcept {}

 private:
  typename P::mutex lock_;
  retired_list<P> unused_;
};
/// Needs no reclaimer, supposedly, because the memory stays a node.
template <platform P> struct recycles_at_once : unguarded_reclaimer<P, recycling_domain<P>> {};

}  // namespace surewake::models::bugs
