// surewake/core/reclaim/hazard_pointer.hpp: reads what other threads unlink and destroy, without a lock and without
// counting readers.
//
//   empty --make_hazard_pointer--> holds nothing <--protect, reset_protection--> holds one object --> put back
//
//   reader: announce p in the slot; light fence; read the source again      p stays alive while the slot says p
//   owner:  unlink p; retire p … much later: heavy fence; read all slots    p dies when no slot says p
//
// Invariants
//   I1  Let p be a value other than null that a slot gets. The light fence comes after that, and before the source is
//       read. So either any later read of a source finds p unlinked, or the scan that could reclaim p finds the slot
//       (hazard_domain.hpp, I1).
//   I2  Therefore a slot that says p already, however long, needs no new announcement, because the read that found p in
//       the source is the read that follows the fence. This is the fast path of a structure that keeps its hazard
//       pointer in thread-local storage. It is safe also if p was reclaimed and its address used again meanwhile, which
//       a slot announced too late allows, because what the source leads to now is announced now.
//   I3  Once the object is retired, protection does not move from one slot to another, because a scan may look at the
//       second slot before the move and at the first slot after it. Swapping and moving hazard pointers moves the slot,
//       and is safe.
// Progress  protect is lock-free, and repeats only if the source changed; the rest is wait-free.
// Errors    std::bad_alloc by make_hazard_pointer only.
// Cost      ns, best of 15 rounds on a virtual Sapphire Rapids of two busy cores; a bare acquire load and its use 0.3,
//           an RMW pair 10 to 18, new and delete of the same object 16:
//                                              membarrier     full fences
//             protect, held already                0.6            0.6
//             protect, another object              1.1            23
//             protect and reset_protection         1.4            22
//             make_hazard_pointer, put back        2.2            2.2
//             new and retire, one thread           18             21     so retiring itself costs 2 to 5
//             new and retire, a reader beside it   65             52     the object's cache lines travel
// Source    P2530 (C++26 <hazard_pointer>); M. Michael, IEEE TPDS 15(6), 2004. Beyond them: values that are more than a
//           pointer (`pointer_of`), and I2. [@michael2004]
// Checked   models/reclaim/: lowering any one of its orders is caught (`surewake-verify weaken
//           core/reclaim/hazard_pointer.hpp`; verify/orders.csv). Of the load in try_protect: the light fence orders
//           the read that gave p, and the acquire is for a p that the slot held already, or that came another way. On
//           real threads core/reclaim/hazard_pointer_stress.test.cpp.
#pragma once

#include <surewake/core/reclaim/hazard_domain.hpp>

#include <cassert>
#include <utility>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// The base of a T that is destroyed through hazard pointers of P, by a D. If no D is named, T is destroyed as by
/// `delete`: a virtual destructor and a class's own operator delete are used.
template <class T, platform P, class D = platform_default_delete<T, P>>
class basic_hazard_pointer_obj_base : public retirable<T, P, D> {
 public:
  /// Destroys this object once no hazard pointer holds it. It can no longer be reached, and the caller knows that
  /// because it unlinked the object or came after the unlinking. The object is retired only once.
  ///
  /// Orders, Runs, Errors  as hazard_domain::retire(): deleters, also of other objects, may run inside the call.
  /// Cost  a few plain stores; each 64th call or so scans.
  void retire(D deleter = D(), hazard_domain<P>& domain = hazard_pointer_default_domain<P>()) noexcept {
    domain.retire(this->ends_by(std::move(deleter)));
  }
  void retire(hazard_domain<P>& domain) noexcept { retire(D(), domain); }

 protected:
  basic_hazard_pointer_obj_base() = default;
  basic_hazard_pointer_obj_base(basic_hazard_pointer_obj_base const&) = default;
  basic_hazard_pointer_obj_base& operator=(basic_hazard_pointer_obj_base const&) = default;
  ~basic_hazard_pointer_obj_base() = default;
};

/// Holds at most one object. One thread uses it at a time; it may be handed on to another thread, by something that
/// orders the two. What it protects is of its own domain only.
///
/// Errors    none but for make_hazard_pointer. To protect with an empty one is a broken precondition.
/// Runs      no deleter: those run in retire(), in clean_up() and where a domain ends.
template <platform P> class basic_hazard_pointer {
 public:
  basic_hazard_pointer() noexcept = default;
  basic_hazard_pointer(basic_hazard_pointer&& other) noexcept : slot_(std::exchange(other.slot_, nullptr)) {}
  basic_hazard_pointer& operator=(basic_hazard_pointer&& other) noexcept {
    basic_hazard_pointer(std::move(other)).swap(*this);
    return *this;
  }
  /// Ends the protection and puts the slot back.
  ~basic_hazard_pointer() {
    if (slot_ == nullptr) return;
    reset_protection();
    slot_->domain.put_back(*slot_);
  }

  /// Returns whether this has no slot: made by default, or moved from.
  [[nodiscard]] bool empty() const noexcept { return slot_ == nullptr; }

  /// Returns what `source` (an atomic pointer) leads to, which may be null. The object stays alive until this holds
  /// something else. Repeats while the source changes (lock-free).
  ///
  /// Orders, Cost  as below.
  template <class Source> [[nodiscard]] auto protect(Source const& source) noexcept {
    return protect(source, [](auto* p) { return p; });
  }

  /// Does the same for a `source` whose values are more than a pointer; `pointer_of(value)` is the object in a value.
  /// Returns the value.
  ///
  /// Orders  acquires what was released into the source.
  /// Cost    two loads and a comparison if the object is held already, otherwise a store, a light fence and a second
  ///         load besides.
  template <class Source, class PointerOf>
  [[nodiscard]] auto protect(Source const& source, PointerOf pointer_of) noexcept {
    assert(!empty());
    // relaxed: this thread's own.
    retired<P> const* held = slot_->announced.load(P::relaxed);
    for (;;) {
      // acquire [H1]: sees the object, pairs with the caller's release.
      auto const value = source.load(P::acquire);
      retired<P> const* const p = pointer_of(value);
      if (p == held) return value;
      if (p == nullptr) {
        reset_protection();
        return value;
      }
      announce(p);
      held = p;
    }
  }

  /// Holds `p` and returns true if the source still leads to it. Otherwise holds nothing, and p becomes what the source
  /// leads to. Wait-free.
  ///
  /// Orders  acquires what was released into the source.   Cost  as protect().
  template <class T, class Source> [[nodiscard]] bool try_protect(T*& p, Source const& source) noexcept {
    return try_protect(p, source, [](auto* object) { return object; });
  }

  /// Does the same for objects that are found by `pointer_of`, as protect() does.
  template <class T, class Source, class PointerOf>
  [[nodiscard]] bool try_protect(T*& p, Source const& source, PointerOf pointer_of) noexcept {
    T* const wanted = p;
    reset_protection(pointer_of(wanted));
    // acquire: as [H1].
    p = source.load(P::acquire);
    if (p == wanted) return true;
    reset_protection();
    return false;
  }

  /// Announces `p`, which protects it if it is not retired yet, or if it is found in its source afterwards.
  ///
  /// Cost    a store and a light fence; a comparison if the slot says p already.
  template <class T> void reset_protection(T const* p) noexcept {
    assert(!empty());
    if (p == nullptr) return reset_protection();
    // relaxed: this thread's own.
    if (slot_->announced.load(P::relaxed) != p) announce(p);
  }

  /// Ends the protection: this holds nothing.
  ///
  /// Orders  releases what was done with the object to its deleter.   Cost  a store.
  void reset_protection(std::nullptr_t = nullptr) noexcept {
    assert(!empty());
    // release [H4]: what was done with the object comes before its end, pairs with hazard_domain.hpp [D16].
    slot_->announced.store(nullptr, P::release);
  }

  /// Swaps the slots, and so what they protect (I3).
  void swap(basic_hazard_pointer& other) noexcept { std::swap(slot_, other.slot_); }
  friend void swap(basic_hazard_pointer& a, basic_hazard_pointer& b) noexcept { a.swap(b); }

  /// Returns a hazard pointer that can hold objects of `domain`, as make_hazard_pointer().
  [[nodiscard]] static basic_hazard_pointer in(hazard_domain<P>& domain) {
    return basic_hazard_pointer(domain.take_slot());
  }

 private:
  using slot = typename hazard_domain<P>::slot;
  explicit basic_hazard_pointer(slot& s) noexcept : slot_(&s) {}

  void announce(retired<P> const* p) noexcept {
    // release [H2]: what was done with the last object comes before its end, pairs with hazard_domain.hpp [D16].
    slot_->announced.store(p, P::release);
    // seq_cst [H3]: the announcement comes before the source is read again; a scan unlinks before it reads the slots
    // (I1), pairs with hazard_domain.hpp [D15].
    P::light_fence(P::seq_cst);
  }

  slot* slot_ = nullptr;
};

/// Makes a hazard pointer of `domain` that holds nothing yet. Lock-free.
///
/// Errors  std::bad_alloc.
/// Cost    a few plain accesses if this thread has put one back before, otherwise a walk over the domain's slots.
template <platform P>
[[nodiscard]] basic_hazard_pointer<P> make_hazard_pointer(
    hazard_domain<P>& domain = hazard_pointer_default_domain<P>()) {
  return basic_hazard_pointer<P>::in(domain);
}

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
