// surewake/core/semaphore/permit.hpp: the right to be inside, as an object: its holder gives it back by
// destroying it.
//
//   empty <--release/forget/move from-- holding n --split(k)--> holding n-k, and another holding k
//                                       holding n --merge(q)--> holding n+k, q empty
//
// Invariants I1: the counts of all permit objects of a semaphore sum to what is held; only forget() lets any go
//            missing.
//            I2: giving back may resume a coroutine inside the call, and that one may destroy this very object. So a
//            call has changed all of its object before it gives anything back, and touches nothing of it afterwards.
//            (Assignment once released first and took over afterwards, as if nobody could come in between.)
//            I3: a permit that is tested for success has a name, or it is given back before the code that the test
//            guards: `if (limit.try_acquire()) { … }` once compiled, and everybody was inside. Tests of temporaries are
//            deleted here and in basic_optional_permit; `if (auto p = limit.try_acquire()) { … }` is right. A
//            temporary's has_value(), which nobody writes by accident, is a warning.
//            I4: a permit that owns its semaphore holds on to it until all of a call is over, also where what it
//            resumes lets go of all other owners.
// Thread safety  one permit object is one thread's at a time; different ones are independent.
// Checked  core/semaphore/semaphore.test.cpp, and models/ by conservation.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include <surewake/core/platform/macros_push.hpp>

// g++ takes what an optional without a permit would hold for used uninitialised, here and there, at -O1, at -O2 or with
// a sanitizer (12.2 and 14.2 do); a program's own -Werror must not fall over that.
#if !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif

namespace [[gnu::visibility("default")]] surewake {

/// Holds count() permits of one semaphore, and gives them back when it is destroyed. It can be moved, not copied. Where
/// a call names no errors, order or resumption, there are none.
///
/// Link     how it knows its semaphore: by a pointer, or by a std::shared_ptr, which keeps the semaphore alive.
template <class Semaphore, class Link = Semaphore*> class [[nodiscard]] basic_permit {
 public:
  /// An empty permit: count() is 0.
  basic_permit() noexcept = default;
  /// Takes over what `held` holds of *owner, which lives at least as long as this permit, or one split from it.
  ///
  /// Errors   std::invalid_argument where `held` is of another semaphore; nothing changed. One that is empty is fine.
  /// Cost     the count of the shared_ptr goes up, and down with the permit; no allocation.
  basic_permit(Link owner, basic_permit<Semaphore>&& held)
    requires(!std::is_pointer_v<Link>)
  {
    if (held.count_ == 0) return;
    if (held.semaphore_ != std::to_address(owner)) {
      throw std::invalid_argument("surewake: an owned permit of another semaphore than its owner's (" +
                                  std::to_string(held.count_) + " permits)");
    }
    semaphore_ = std::move(owner);
    held.semaphore_ = nullptr;
    count_ = std::exchange(held.count_, 0);
  }
  basic_permit(basic_permit&& other) noexcept
      : semaphore_(std::exchange(other.semaphore_, nullptr)), count_(std::exchange(other.count_, 0)) {}
  /// Takes over what `other` holds, then gives back what this one held. Assigned to itself it keeps what it holds.
  ///
  /// Orders, Runs, Lifetime   as release(). A coroutine that is resumed may also destroy or assign to this permit.
  basic_permit& operator=(basic_permit&& other) noexcept {
    basic_permit taken(std::move(other));
    swap(taken);
    return *this;  // I2: `taken`, which is nobody else's, gives back what was here
  }
  void swap(basic_permit& other) noexcept {
    std::swap(semaphore_, other.semaphore_);
    std::swap(count_, other.count_);
  }
  friend void swap(basic_permit& a, basic_permit& b) noexcept { a.swap(b); }
  /// As release().
  ///
  /// Unwinding  a waiter that is resumed in here while an exception unwinds this thread's stack runs inside that: it
  ///            sees std::uncaught_exceptions() > 0, so a guard of its own that compares that number takes the
  ///            releaser's exception for its own. (To hide it would cost every wake a look-up.) One that waits by
  ///            acquire_on, or on a loop or pool of another thread, does not run in here.
  ~basic_permit() {
    if (semaphore_ != nullptr) semaphore_->give_back(count_);
  }

  /// How many permits this object holds; 0 when empty.
  [[nodiscard]] std::ptrdiff_t count() const noexcept { return count_; }
  /// The semaphore whose permits it holds; null when empty.
  [[nodiscard]] Semaphore* semaphore() const noexcept { return std::to_address(semaphore_); }
  /// Whether it holds any. Of a named permit only: I3.
  [[nodiscard]] explicit operator bool() const& noexcept { return count_ != 0; }
  explicit operator bool() const&& = delete;

  /// Gives all of it back and becomes empty; on an empty one nothing happens.
  ///
  /// Orders   releases: what this thread did before is visible to the next holder of these permits.
  /// Runs     a waiter that is granted by this may be resumed inside the call (core/node/trampoline.hpp says when).
  /// Signals  not async-signal-safe.
  /// Lifetime the next holder may destroy the semaphore, which is not accessed once the permits can be had.
  void release() noexcept {
    if (Link const s = std::exchange(semaphore_, nullptr)) s->give_back(std::exchange(count_, 0));
  }

  /// Lets the permits vanish: they are never given back, max_permits() of the semaphore falls by count(). On an empty
  /// one nothing happens.
  ///
  /// Errors   none.   Orders  releases to a drain of the semaphore.   Resumes  a drain that waited for these.
  /// Cost     one RMW; while permits are recalled (set_limit()) a lock, and one RMW more.
  void forget() noexcept {
    if (Link const s = std::exchange(semaphore_, nullptr)) s->write_off(std::exchange(count_, 0));
  }

  /// Takes n (1 ≤ n ≤ count()) out of this permit into a new one. Splitting all of it off leaves this one empty.
  ///
  /// Errors   std::invalid_argument for any other n; nothing changed.
  basic_permit split(std::ptrdiff_t n) {
    if (n < 1 || n > count_) {
      throw std::invalid_argument("surewake: split(" + std::to_string(n) + ") of a permit that holds " +
                                  std::to_string(count_));
    }
    count_ -= n;
    return {count_ == 0 ? std::exchange(semaphore_, nullptr) : semaphore_, n};
  }

  /// Takes over all that `other` holds; `other` becomes empty.
  ///
  /// Errors   std::invalid_argument when they come from different semaphores, or are the same object; nothing changed.
  void merge(basic_permit&& other) {
    if (this == &other) throw std::invalid_argument("surewake: merge of a permit with itself");
    if (other.semaphore_ == nullptr) return;
    if (semaphore_ != nullptr && semaphore_ != other.semaphore_) {
      throw std::invalid_argument("surewake: merge of permits of different semaphores (" + std::to_string(count_) +
                                  " and " + std::to_string(other.count_) + " permits)");
    }
    semaphore_ = std::exchange(other.semaphore_, nullptr);
    count_ += std::exchange(other.count_, 0);
  }

 private:
  friend Semaphore;
  template <class, class> friend class basic_permit;
  basic_permit(Link s, std::ptrdiff_t n) noexcept : semaphore_(std::move(s)), count_(n) {}

  Link semaphore_ = nullptr;
  std::ptrdiff_t count_ = 0;
};

/// A permit, or none: what the acquires that may fail yield. It has all that std::optional<Permit> has, and converts to
/// one. But whether there is a permit can be asked of a named object only (I3), what is moved from is empty, and
/// reset(), emplace() and assignment keep I2, whichever C++ library is used.
template <class Permit> class [[nodiscard]] basic_optional_permit : public std::optional<Permit> {
  using base = std::optional<Permit>;

 public:
  basic_optional_permit() noexcept = default;
  basic_optional_permit(std::nullopt_t) noexcept {}
  basic_optional_permit(Permit&& p) noexcept : base(std::move(p)) {}
  basic_optional_permit(base&& other) noexcept : base(std::move(other)) { other.reset(); }
  basic_optional_permit(basic_optional_permit&& other) noexcept : base(std::move(other)) { other.base::reset(); }
  basic_optional_permit& operator=(basic_optional_permit&& other) noexcept {
    if (this == &other) return *this;
    Permit const given_back = take_out();  // at the end: I2
    if (other.base::has_value()) {
      base::emplace(std::move(*other));
      other.base::reset();
    }
    return *this;
  }
  basic_optional_permit& operator=(std::nullopt_t) noexcept { return *this = basic_optional_permit(); }
  ~basic_optional_permit() = default;

  /// Gives the permit back, if there is one.   Runs, Lifetime  as Permit::release().
  void reset() noexcept { Permit const given_back = take_out(); }
  /// As the assignment of Permit(args...): it is here before what was here is given back.
  template <class... Args>
    requires std::is_constructible_v<Permit, Args...>
  Permit& emplace(Args&&... args) {
    Permit taken(std::forward<Args>(args)...);
    Permit const given_back = take_out();  // at the end: I2
    return base::emplace(std::move(taken));
  }

  [[nodiscard]] explicit operator bool() const& noexcept { return base::has_value(); }
  explicit operator bool() const&& = delete;
  [[nodiscard]] bool has_value() const& noexcept { return base::has_value(); }
  /// Says the truth, of a permit that is given back at the end of the expression: a warning, not an error (I3).
  [[deprecated("give the result a name: this permit is given back at once")]] bool has_value() const&& noexcept {
    return base::has_value();
  }
  friend bool operator==(basic_optional_permit const& p, std::nullopt_t) noexcept { return !p.has_value(); }
  friend bool operator==(basic_optional_permit const&& p, std::nullopt_t) = delete;

 private:
  /// Leaves none here. A permit and not an optional of one, of which g++ 12 with -O1 says that it may be uninitialised.
  [[nodiscard]] Permit take_out() noexcept {
    Permit taken;
    if (base::has_value()) taken.swap(**this);
    base::reset();
    return taken;
  }
};

}  // namespace surewake

#if !defined(__clang__)
#pragma GCC diagnostic pop
#endif

#include <surewake/core/platform/macros_pop.hpp>
