// surewake/core/reclaim/standard_hazard_pointer.hpp: hazard pointers with the names, the signatures and the rules of
// C++26's <hazard_pointer>, over the default domain of std_platform.
//
//   struct node : surewake::hazard_pointer_obj_base<node> { … };
//   auto h = surewake::make_hazard_pointer();
//   node* const n = h.protect(head);                // alive until h protects something else
//   …  unlink n  …   n->retire();                   // `delete n`, once no hazard pointer protects it
//
// A program that was written for a standard library's <hazard_pointer> compiles when `std::` becomes `surewake::`.
//
// Invariants
//   I1  A base brings a T one member function, `retire`, and one data member whose name no program has. What a domain
//       knows of the object is in that data member and not in a base of the base, so that names such as `next` in
//       another base of T are not ambiguous. Therefore the address that a slot announces is that of the data member.
//   I2  A copy of an object, and an object that is assigned to, are retired no more than before: what a domain knows
//       is not copied.
// Beyond    a D may be one that is neither default-constructible nor assignable, if it can be moved: then retire() is
//           called with one. The standard wants both of every D.
// Progress, Cost   those of hazard_pointer.hpp, of which each call here is one call. An object has three words and its
//           deleter more, of which one is the address of the T.
// Lifetime  the default domain never ends (hazard_domain.hpp; core/README.md, Ends): what is held or waits at the end
//           of the process is not reclaimed.
// Source    P2530, C++26 [saferecl.hp].
// Checked   standard_hazard_pointer.test.cpp. It has no atomic of its own: the models of models/reclaim/ search the
//           calls that it makes.
#pragma once

#include <surewake/core/platform/std_platform.hpp>
#include <surewake/core/reclaim/hazard_pointer.hpp>

#include <memory>
#include <optional>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

template <class T, class D> class hazard_pointer_obj_base;

namespace detail {

/// Ends the T at `object` by its deleter. Of a D it asks for what the standard does, or that it can be moved.
template <class T, class D> class ends_object {
 public:
  ends_object() = default;
  ends_object(T* object, D& deleter) noexcept : object_(object) { deleter_ = std::move(deleter); }
  ends_object(ends_object&& other) noexcept : ends_object(other.object_, other.deleter_) {}
  ends_object& operator=(ends_object&& other) noexcept {
    object_ = other.object_;
    deleter_ = std::move(other.deleter_);
    return *this;
  }
  ~ends_object() = default;
  template <class State> void operator()(State*) noexcept { deleter_(object_); }

 private:
  T* object_ = nullptr;
  [[no_unique_address]] D deleter_{};
};

template <class T, class D>
  requires(!std::is_default_constructible_v<D> || !std::is_move_assignable_v<D>)
class ends_object<T, D> {
 public:
  ends_object() = default;
  ends_object(T* object, D& deleter) noexcept : object_(object), deleter_(std::move(deleter)) {}
  ends_object(ends_object&& other) noexcept : object_(other.object_), deleter_(std::move(other.deleter_)) {}
  ends_object& operator=(ends_object&& other) noexcept {
    if (this == &other) return *this;
    object_ = other.object_;
    std::destroy_at(&deleter_);  // not emplace: g++ 14 warns there of a deleter that is not
    std::construct_at(&deleter_, std::move(other.deleter_));
    return *this;
  }
  ~ends_object() = default;
  template <class State> void operator()(State*) noexcept {
    if (deleter_) (*deleter_)(object_);  // it is there; g++ 12 warns of one that is not
  }

 private:
  T* object_ = nullptr;
  std::optional<D> deleter_;
};

/// What a domain knows of a T that has it as a data member.
template <class T, class D>
class retired_member : public retirable<retired_member<T, D>, std_platform, ends_object<T, D>> {
  using base = retirable<retired_member, std_platform, ends_object<T, D>>;

 public:
  retired_member() = default;
  retired_member(retired_member const&) noexcept : base() {}  // I2
  retired_member& operator=(retired_member const&) noexcept { return *this; }
  ~retired_member() = default;

  void retire(T* object, D& deleter) noexcept {
    hazard_pointer_default_domain<std_platform>().retire(this->ends_by(ends_object<T, D>(object, deleter)));
  }
};

/// The way from a T to its base, and back.
struct retired_of {
  template <class T, class D>
  static retired<std_platform> const* in(hazard_pointer_obj_base<T, D> const* base) noexcept {
    return base == nullptr ? nullptr : &base->surewake_retired_;
  }
  template <class T, class D>
  static void retire(hazard_pointer_obj_base<T, D>& base, T* object, D& deleter) noexcept {
    base.surewake_retired_.retire(object, deleter);
  }
  /// Are declared for hazard_protectable alone.
  template <class T, class D>
  static auto back(hazard_pointer_obj_base<T, D>* base) -> decltype(static_cast<T*>(base));
  template <class Any, class D> static void only_one(hazard_pointer_obj_base<Any, D> const*);
};

/// The standard's hazard-protectable type: it has one hazard_pointer_obj_base, which is public, not virtual, and its
/// own.
template <class T>
concept hazard_protectable = requires(std::remove_cv_t<T>* p) {
  retired_of::in<std::remove_cv_t<T>>(p);
  retired_of::back<std::remove_cv_t<T>>(p);
  retired_of::only_one(p);
};

}  // namespace detail

/// The base of a T that is destroyed through hazard pointers, by a D. T derives from it in public, not virtually, and
/// from no other of its specialisations. T may be incomplete until a member is used.
template <class T, class D = std::default_delete<T>> class hazard_pointer_obj_base {
 public:
  /// Destroys this object by `d(object)`, once no hazard pointer protects it.
  ///
  /// Needs   this is the base of a T. It is not retired yet; it can no longer be reached, and the caller knows that
  ///         because it unlinked the object or came after the unlinking. To move-assign d throws nothing.
  /// Runs    may destroy objects that were retired before, inside the call.   Errors  none; std::terminate where a
  ///         deleter throws.
  /// Orders  what a thread did with the object before its protection ended comes before `d(object)`.
  void retire(D d = D()) noexcept {
    static_assert(detail::hazard_protectable<T>,
                  "surewake: T has exactly one hazard_pointer_obj_base, a public one that is not virtual, of T");
    detail::retired_of::retire(*this, static_cast<T*>(this), d);
  }

 protected:
  hazard_pointer_obj_base() = default;
  hazard_pointer_obj_base(hazard_pointer_obj_base const&) = default;
  hazard_pointer_obj_base(hazard_pointer_obj_base&&) = default;
  hazard_pointer_obj_base& operator=(hazard_pointer_obj_base const&) = default;
  hazard_pointer_obj_base& operator=(hazard_pointer_obj_base&&) = default;
  ~hazard_pointer_obj_base() = default;

 private:
  friend detail::retired_of;
  detail::retired_member<T, D> surewake_retired_;  // I1
};

class hazard_pointer;
hazard_pointer make_hazard_pointer();

/// Owns a hazard pointer, which protects at most one object, or is empty. One thread uses it at a time; it may be moved
/// to another thread, by something that orders the two.
///
/// Needs   protect(), try_protect() and reset_protection(): not empty. It is asserted.
/// Errors  none.   Runs  no deleter: those run in retire().
class hazard_pointer {
  using base = basic_hazard_pointer<std_platform>;
  template <class T> using atomic = std_platform::users_atomic<T>;

 public:
  /// Makes an empty one.
  hazard_pointer() noexcept = default;
  hazard_pointer(hazard_pointer&&) noexcept = default;
  /// Ends the protection of this one and takes over that of `other`, which becomes empty. Assigned to itself it keeps
  /// what it protects.
  hazard_pointer& operator=(hazard_pointer&&) noexcept = default;
  /// Ends the protection.
  ~hazard_pointer() = default;

  /// Returns whether this owns no hazard pointer: made by default, or moved from.
  [[nodiscard]] bool empty() const noexcept { return owned_.empty(); }

  /// Returns what `src` has, which may be null, and protects it. Repeats while `src` changes (lock-free).
  ///
  /// Orders  acquires what was released into src.
  template <class T> T* protect(atomic<T*> const& src) noexcept {
    check<T>();
    return owned_.protect(src, &member<T>);
  }

  /// Protects `ptr` and returns true if `src` still has it. Otherwise protects nothing. `ptr` becomes what src has.
  ///
  /// Orders  acquires what was released into src.
  template <class T> bool try_protect(T*& ptr, atomic<T*> const& src) noexcept {
    check<T>();
    return owned_.try_protect(ptr, src, &member<T>);
  }

  /// Protects `ptr` if it is not retired yet, or if it is found in its source afterwards. Null protects nothing.
  template <class T> void reset_protection(T const* ptr) noexcept {
    check<T>();
    owned_.reset_protection(member<T const>(ptr));
  }
  /// Protects nothing.
  ///
  /// Orders  releases what was done with the object to its deleter.
  void reset_protection(std::nullptr_t = nullptr) noexcept { owned_.reset_protection(); }

  /// Swaps the hazard pointers, and so what they protect.
  void swap(hazard_pointer& other) noexcept { owned_.swap(other.owned_); }

 private:
  friend hazard_pointer make_hazard_pointer();
  explicit hazard_pointer(base&& b) noexcept : owned_(std::move(b)) {}

  template <class T> static constexpr void check() noexcept {
    static_assert(detail::hazard_protectable<T>,
                  "surewake: T has exactly one hazard_pointer_obj_base, a public one that is not virtual, of T");
  }
  template <class T> static retired<std_platform> const* member(T* p) noexcept {
    return detail::retired_of::in<std::remove_cv_t<T>>(p);
  }

  base owned_;
};

/// Makes a hazard pointer that protects nothing yet. Lock-free.
///
/// Errors  std::bad_alloc.
inline hazard_pointer make_hazard_pointer() {
  return hazard_pointer(hazard_pointer::base::in(hazard_pointer_default_domain<std_platform>()));
}

inline void swap(hazard_pointer& a, hazard_pointer& b) noexcept { a.swap(b); }

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
