// surewake/core/reclaim/reclaimer.hpp: what a structure requires of what destroys its unlinked nodes; two are here.
//
//   hazard_reclaimer<P>    nodes die soon after no thread holds them; bounded garbage (hazard_pointer.hpp)
//   leaking_reclaimer<P>   nodes die with the domain; nothing is announced, a guard costs its load. The baseline for
//                          measurements, and for structures whose whole life is short
//
// A structure is a template over one of them:
//
//   template <platform P, class R = hazard_reclaimer<P>> class stack {
//     struct node : R::template object<node> { … };
//     …  typename R::guard g = R::make_guard(domain);
//        node* const first = g.protect(head_);          // alive until g holds something else
//        … unlink first …   first->retire(domain);
#pragma once

#include <surewake/core/reclaim/hazard_pointer.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

namespace detail {

template <class R> struct reclaimer_probe : R::template object<reclaimer_probe<R>> {};

}  // namespace detail

template <class R>
concept reclaimer = requires(typename R::domain& d, typename R::guard g, detail::reclaimer_probe<R>* n,
                             typename R::platform_type::template atomic<detail::reclaimer_probe<R>*> const& source) {
  { R::default_domain() } -> std::same_as<typename R::domain&>;
  { R::make_guard(d) } -> std::same_as<typename R::guard>;
  { g.empty() } -> std::same_as<bool>;
  { g.protect(source) } -> std::same_as<detail::reclaimer_probe<R>*>;
  { g.protect(source, [](detail::reclaimer_probe<R>* p) { return p; }) } -> std::same_as<detail::reclaimer_probe<R>*>;
  { g.try_protect(n, source) } -> std::same_as<bool>;
  g.reset_protection(n);
  g.reset_protection();
  g.swap(g);
  n->retire(d);
  n->retire();
  d.clean_up();
};

template <platform P> struct hazard_reclaimer {
  using platform_type = P;
  using domain = hazard_domain<P>;
  using guard = basic_hazard_pointer<P>;
  template <class T, class D = platform_delete<P>> using object = basic_hazard_pointer_obj_base<T, P, D>;

  [[nodiscard]] static domain& default_domain() noexcept { return hazard_pointer_default_domain<P>(); }
  [[nodiscard]] static guard make_guard(domain& d = default_domain()) { return make_hazard_pointer<P>(d); }
};

namespace detail {

/// Keeps what is retired until its own end. Lock-free; throws nothing.
template <platform P> class leaking_domain {
 public:
  leaking_domain() = default;
  leaking_domain(leaking_domain const&) = delete;
  leaking_domain& operator=(leaking_domain const&) = delete;
  ~leaking_domain() {
    // relaxed: every use happens before the end, by contract. Deleters may retire further objects.
    while (retired<P>* r = retired_.exchange(nullptr, P::relaxed)) {
      while (r != nullptr) {
        retired<P>* const next = r->next();
        r->reclaim();
        r = next;
      }
    }
  }

  void retire(retired<P>& r) noexcept {
    // relaxed: a guess for the exchange.
    retired<P>* first = retired_.load(P::relaxed);
    do {
      r.link_to(first);
      // relaxed: no thread looks at the list before the end. On failure too: the next guess.
    } while (!retired_.compare_exchange_weak(first, &r, P::relaxed, P::relaxed));
  }

  void clean_up() noexcept {}

 private:
  typename P::template atomic<retired<P>*> retired_{nullptr};
};

}  // namespace detail

/// The reclaimer for domains that reclaim without looking at the readers.
template <platform P, class Domain> struct unguarded_reclaimer {
  using platform_type = P;
  using domain = Domain;

  [[nodiscard]] static domain& default_domain() noexcept { return P::template shared<domain>(); }

  template <class T, class D = platform_delete<P>> class object : public retirable<T, P, D> {
   public:
    void retire(D deleter = D(), domain& d = default_domain()) noexcept {
      d.retire(this->ends_by(std::move(deleter)));
    }
    void retire(domain& d) noexcept { retire(D(), d); }

   protected:
    object() = default;
    object(object const&) = default;
    object& operator=(object const&) = default;
    ~object() = default;
  };

  /// Has the members of a hazard pointer. It holds nothing, because nothing dies.
  class guard {
   public:
    guard() noexcept = default;
    guard(guard&& other) noexcept : empty_(std::exchange(other.empty_, true)) {}
    guard& operator=(guard&& other) noexcept {
      guard(std::move(other)).swap(*this);
      return *this;
    }
    [[nodiscard]] bool empty() const noexcept { return empty_; }
    template <class Source> [[nodiscard]] auto protect(Source const& source) noexcept {
      // acquire [K1]: sees the object, pairs with the caller's release.
      return source.load(P::acquire);
    }
    template <class Source, class PointerOf>
    [[nodiscard]] auto protect(Source const& source, PointerOf) noexcept {
      return protect(source);
    }
    template <class T, class Source> [[nodiscard]] bool try_protect(T*& p, Source const& source) noexcept {
      T* const wanted = std::exchange(p, protect(source));
      return p == wanted;
    }
    template <class T> void reset_protection(T const*) noexcept {}
    void reset_protection(std::nullptr_t = nullptr) noexcept {}
    void swap(guard& other) noexcept { std::swap(empty_, other.empty_); }
    friend void swap(guard& a, guard& b) noexcept { a.swap(b); }

   private:
    friend unguarded_reclaimer;
    explicit guard(bool empty) noexcept : empty_(empty) {}
    bool empty_ = true;
  };

  [[nodiscard]] static guard make_guard(domain& = default_domain()) { return guard(false); }
};

template <platform P> struct leaking_reclaimer : unguarded_reclaimer<P, detail::leaking_domain<P>> {};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
