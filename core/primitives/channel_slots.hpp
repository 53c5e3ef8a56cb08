// surewake/core/primitives/channel_slots.hpp: room for the values of a channel: slots that are free, full, or in the
// hand of a thread that moves a value.
//
//   free (a stack) --take_free--> in hand --put_full--> full (a list) --take_full--> in hand --put_free--> free
//
// Invariants
//   I1  A slot in hand is in no list, so its value is that thread's alone, which needs no lock for it.
//   I2  The full slots are in the order of put_full, but for those that were put back: these are first.
// Not more than one thread is inside at a time: the channel's lock.   Errors  of the constructor, std::bad_alloc.
// Cost      the slots, allocated once.
#pragma once

#include <surewake/core/platform/platform.hpp>

#include <cstddef>
#include <memory>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

/// The slots of a channel of T.
template <class T, platform P> class channel_slots {
 public:
  struct slot {
    union {
      T value;
    };
    typename P::template plain<slot*> next{nullptr};
    slot() noexcept {}  // the value is made by the sender
    ~slot() {}
  };

  explicit channel_slots(std::size_t n)
      : capacity_(n), slots_(static_cast<slot*>(P::allocate(n * sizeof(slot), alignof(slot)))) {
    for (std::size_t i = n; i-- != 0;) put_free(*std::construct_at(slots_ + i));
  }
  channel_slots(channel_slots const&) = delete;
  channel_slots& operator=(channel_slots const&) = delete;
  ~channel_slots() {
    while (slot* const s = take_full()) std::destroy_at(std::addressof(s->value));
    std::destroy_n(slots_, capacity_);
    P::deallocate(slots_, capacity_ * sizeof(slot), alignof(slot));
  }

  [[nodiscard]] std::size_t capacity() const noexcept { return capacity_; }
  [[nodiscard]] std::size_t full() const noexcept { return full_count_.get(); }

  [[nodiscard]] slot& take_free() noexcept {
    slot& s = *free_.get();
    free_.set(s.next.get());
    return s;
  }
  void put_free(slot& s) noexcept {
    s.next.set(free_.get());
    free_.set(&s);
  }
  /// Returns the slot that has been full for longest, or null.
  [[nodiscard]] slot* take_full() noexcept {
    slot* const s = first_.get();
    if (s == nullptr) return nullptr;
    first_.set(s->next.get());
    full_count_.set(full_count_.get() - 1);
    return s;
  }
  void put_full(slot& s) noexcept {
    s.next.set(nullptr);
    if (first_.get() == nullptr) first_.set(&s);
    else last_.get()->next.set(&s);
    last_.set(&s);
    full_count_.set(full_count_.get() + 1);
  }
  /// As if it had not been taken.
  void put_back(slot& s) noexcept {
    if (first_.get() == nullptr) last_.set(&s);
    s.next.set(first_.get());
    first_.set(&s);
    full_count_.set(full_count_.get() + 1);
  }

 private:
  std::size_t const capacity_;
  slot* const slots_;
  typename P::template plain<slot*> free_{nullptr};   // a stack
  typename P::template plain<slot*> first_{nullptr};  // of the full ones, in the order in which they became full
  typename P::template plain<slot*> last_{nullptr};
  typename P::template plain<std::size_t> full_count_{std::size_t{0}};
};

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
