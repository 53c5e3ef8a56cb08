// surewake/models/prompt_reclaimer.hpp: a reclaimer for checkers: an object ends as soon as nobody holds it.
//
// Two things make it find what hazard pointers hide from a search:
//   - an object that is used after its end is gone by then. Under hazard pointers the thread that retires it holds it
//     a little longer, and a third thread has to scan before the use shows;
//   - an announcement is no fence, which would show the announcing thread what came before all earlier fences, and
//     stand in for orders that the structure itself lacks.
// What hazard pointers promise a structure, and no more, is kept: whoever announces an object sees what came before the
// retirement of all that has ended by then.
#pragma once

#include <surewake/core/reclaimer.hpp>

#include <array>

namespace surewake::models {

/// Who holds what, and what waits for it: ghosts, so that no step of a schedule comes between two looks at them.
template <platform P> class prompt_domain {
 public:
  struct slot {
    retired<P> const* held = nullptr;
    bool taken = false;
  };

  [[nodiscard]] slot& take() {
    for (slot& s : slots_) {
      if (!std::exchange(s.taken, true)) return s;
    }
    P::broken("a model of more threads than the reclaimer has slots for");
  }
  void put_back(slot& s) noexcept {
    s.taken = false;
    hold(s, nullptr);
  }

  void hold(slot& s, retired<P> const* p) noexcept {
    retired<P> const* const before = std::exchange(s.held, p);
    for (retired<P>*& r : waiting_) {
      if (r != nullptr && r == before && !is_held(*r)) {
        retired<P>& over = *std::exchange(r, nullptr);
        see_retirements();
        over.reclaim();
        break;
      }
    }
    if (p != nullptr) see_retirements();
  }

  void retire(retired<P>& r) noexcept {
    // acq_rel [Y1]: as release, whoever announces later sees the unlinking, pairs with [Y2]; as acquire, as [Y2].
    retirements_.fetch_add(1U, P::acq_rel);
    if (!is_held(r)) return r.reclaim();
    for (retired<P>*& place : waiting_) {
      if (place == nullptr) {
        place = &r;
        return;
      }
    }
    P::broken("more objects wait for their end than the reclaimer has places for");
  }

  void clean_up() noexcept {}

  /// Nobody holds anything any more, as if all threads had ended. While nobody is inside an operation.
  void all_let_go() noexcept {
    for (slot& s : slots_) hold(s, nullptr);
  }

 private:
  [[nodiscard]] bool is_held(retired<P> const& r) const noexcept {
    for (slot const& s : slots_) {
      if (s.held == &r) return true;
    }
    return false;
  }
  void see_retirements() noexcept {
    // acquire [Y2]: sees the unlinking of what has ended, pairs with [Y1].
    P::await(retirements_, [](std::uint32_t) { return true; }, P::acquire);
  }

  std::array<slot, 64> slots_{};
  std::array<retired<P>*, 64> waiting_{};
  typename P::template atomic<std::uint32_t> retirements_{0U};
};

template <platform P> struct prompt_reclaimer {
  using platform_type = P;
  using domain = prompt_domain<P>;

  [[nodiscard]] static domain& default_domain() noexcept { return P::template shared<domain>(); }

  template <class T, class D = platform_delete<P>> class object : public retirable<T, P, D> {
   public:
    void retire(D deleter = D(), domain& d = default_domain()) noexcept {
      d.retire(this->ends_by(std::move(deleter)));
    }
    void retire(domain& d) noexcept { retire(D(), d); }
  };

  /// Has the members of a hazard pointer.
  class guard {
   public:
    guard() noexcept = default;
    guard(guard&& other) noexcept : domain_(other.domain_), slot_(std::exchange(other.slot_, nullptr)) {}
    guard& operator=(guard&& other) noexcept {
      guard(std::move(other)).swap(*this);
      return *this;
    }
    ~guard() {
      if (slot_ != nullptr) domain_->put_back(*slot_);
    }
    [[nodiscard]] bool empty() const noexcept { return slot_ == nullptr; }

    template <class Source> [[nodiscard]] auto protect(Source const& source) noexcept {
      return protect(source, [](auto* p) { return p; });
    }
    template <class Source, class PointerOf>
    [[nodiscard]] auto protect(Source const& source, PointerOf pointer_of) noexcept {
      for (;;) {
        // acquire [Y3]: sees the object, pairs with the caller's release.
        auto const value = source.load(P::acquire);
        retired<P> const* const p = pointer_of(value);
        if (p == slot_->held) return value;
        domain_->hold(*slot_, p);
        if (p == nullptr) return value;
      }
    }
    template <class T, class Source> [[nodiscard]] bool try_protect(T*& p, Source const& source) noexcept {
      T* const wanted = p;
      reset_protection(wanted);
      // acquire: as [Y3].
      p = source.load(P::acquire);
      if (p == wanted) return true;
      reset_protection();
      return false;
    }
    template <class T> void reset_protection(T const* p) noexcept {
      if (p != slot_->held) domain_->hold(*slot_, p);
    }
    void reset_protection(std::nullptr_t = nullptr) noexcept { domain_->hold(*slot_, nullptr); }
    void swap(guard& other) noexcept {
      std::swap(domain_, other.domain_);
      std::swap(slot_, other.slot_);
    }
    friend void swap(guard& a, guard& b) noexcept { a.swap(b); }

   private:
    friend prompt_reclaimer;
    explicit guard(domain& d) : domain_(&d), slot_(&d.take()) {}

    domain* domain_ = nullptr;
    typename domain::slot* slot_ = nullptr;
  };

  [[nodiscard]] static guard make_guard(domain& d = default_domain()) { return guard(d); }
};

}  // namespace surewake::models
