// surewake/models/reclaim/reclaim_node.hpp: a node whose data tell whether it was still alive when they were read.
#pragma once

#include <surewake/core/reclaim/reclaimer.hpp>

namespace surewake::models {

/// Writes its data when it is destroyed: a reader that nothing orders before that is a data race, and a reader after it
/// reads what is dead.
template <reclaimer R, class D = platform_delete<typename R::platform_type>>
class reclaim_node : public R::template object<reclaim_node<R, D>, D> {
  using P = typename R::platform_type;

 public:
  explicit reclaim_node(int v) noexcept : value_(v) {}
  reclaim_node(reclaim_node const&) = delete;
  reclaim_node& operator=(reclaim_node const&) = delete;
  ~reclaim_node() { value_.set(dead); }

  [[nodiscard]] static reclaim_node* make(int v) { return platform_new<reclaim_node, P>(v); }
  /// Destroys a node that no other thread ever saw.
  static void destroy(reclaim_node* n) noexcept { platform_delete<P>{}(n); }

  [[nodiscard]] int value() const noexcept {
    int const v = value_.get();
    if (v == dead) P::broken("an object is read after its end");
    return v;
  }

 private:
  static constexpr int dead = -1;
  typename P::template plain<int> value_;
};

/// Scans when three objects wait: what a deleter retires is not scanned at once.
template <platform P> struct patient : P {
  [[nodiscard]] static constexpr std::size_t scaled(std::size_t, std::size_t few) noexcept { return few + 2; }
};

/// A deleter that counts what it ended.
template <platform P> struct counting_delete {
  typename P::template atomic<std::uint32_t>* ended = nullptr;
  template <class T> void operator()(T* object) const noexcept {
    platform_delete<P>{}(object);
    ended->fetch_add(1U, P::relaxed);
  }
};

template <reclaimer R> using counted_node = reclaim_node<R, counting_delete<typename R::platform_type>>;

}  // namespace surewake::models
