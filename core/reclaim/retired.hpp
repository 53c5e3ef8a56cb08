// surewake/core/reclaim/retired.hpp: an object that is unlinked and waits until no thread can be looking at it.
//
//   in use --retire--> in one list (a thread's, or the domain's) --reclaim--> gone, by its deleter
//
// The links are P::plain because each list has one owner. A checker reports a list for which that is not so.
#pragma once

#include <surewake/core/platform/platform_new.hpp>

#include <cstddef>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

template <platform P> class retired_list;

/// What a domain knows of an object. Two words.
template <platform P> class retired {
 public:
  /// Runs the deleter; nothing touches the object afterwards.
  void reclaim() noexcept { reclaim_.get()(this); }

  /// Returns the object after this one, for lists of the caller's own.
  [[nodiscard]] retired* next() const noexcept { return next_.get(); }
  void link_to(retired* behind) noexcept { next_.set(behind); }

 protected:
  using reclaim_function = void (*)(retired*);

  retired() = default;
  retired(retired const&) noexcept {}  // a copy is not retired
  retired& operator=(retired const&) noexcept { return *this; }
  ~retired() = default;

  void reclaim_by(reclaim_function f) noexcept { reclaim_.set(f); }

 private:
  typename P::template plain<retired*> next_{nullptr};
  typename P::template plain<reclaim_function> reclaim_{nullptr};  // set by retire()
};

/// The part that every base of retirable objects shares: T is the object's type, D destroys it.
template <class T, platform P, class D> class retirable : public retired<P> {
 protected:
  retirable() = default;
  retirable(retirable const&) = default;
  retirable& operator=(retirable const&) = default;
  ~retirable() = default;

  /// Sets how the object will end. The `deleter` is kept in the object until then.
  retired<P>& ends_by(D deleter) noexcept {
    deleter_ = std::move(deleter);
    this->reclaim_by([](retired<P>* r) {
      T* const object = static_cast<T*>(r);
      D own = std::move(static_cast<retirable*>(r)->deleter_);  // it must outlive the object
      own(object);
    });
    return *this;
  }

 private:
  [[no_unique_address]] D deleter_{};
};

/// A list with one owner.
template <platform P> class retired_list {
 public:
  [[nodiscard]] bool empty() const noexcept { return first_.get() == nullptr; }
  [[nodiscard]] std::size_t size() const noexcept { return size_.get(); }

  void push(retired<P>& r) noexcept {
    r.link_to(first_.get());
    first_.set(&r);
    size_.set(size_.get() + 1);
  }

  [[nodiscard]] retired<P>* pop() noexcept {
    retired<P>* const r = first_.get();
    if (r != nullptr) {
      first_.set(r->next());
      size_.set(size_.get() - 1);
    }
    return r;
  }

  /// Takes over all that `from` has; O(1) if this list is empty, otherwise linear in what is taken.
  void take(retired_list& from) noexcept {
    if (empty()) {
      first_.set(from.first_.get());
      size_.set(from.size_.get());
      from.first_.set(nullptr);
      from.size_.set(0);
    } else {
      while (retired<P>* const r = from.pop()) push(*r);
    }
  }

 private:
  typename P::template plain<retired<P>*> first_{nullptr};
  typename P::template plain<std::size_t> size_{0};
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
