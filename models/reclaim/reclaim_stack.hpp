// surewake/models/reclaim/reclaim_stack.hpp: a node leaves a stack, comes back at the same address, and a pop that
// began before takes it for the one it saw (ABA). Can that happen?
// Shape      2 threads on a stack of two: one pops; the other pops twice and pushes, which may reuse an address.
// Must hold  each value is popped at most once, and none is lost.
// Source     R. K. Treiber, "Systems programming: coping with parallelism", IBM RJ 5118, 1986.
#pragma once

#include <surewake/core/reclaim/reclaimer.hpp>
#include <surewake/models/fixture/facts.hpp>

#include <array>

namespace surewake::models {

template <reclaimer R> class reclaim_stack {
  using P = typename R::platform_type;

  /// The link is atomic: where memory is recycled, a late reader may look at it while the next owner writes it.
  struct node : R::template object<node> {
    explicit node(int v) noexcept : value(v) {}
    typename P::template atomic<node*> next{nullptr};
    typename P::template plain<int> value;
  };

 public:
  static constexpr model_facts facts{
      .question = "A node comes back at the address where a pop saw it: does that pop go wrong?",
      .law = "no pop takes a node for the one it saw (ABA)"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"slow", "quick"};

  reclaim_stack() {
    push(1);
    push(2);
  }

  void thread(unsigned i) {
    typename R::guard g = R::make_guard(domain_);
    count(pop(g));
    if (i == 0) return;
    count(pop(g));
    push(3);
  }

  void after() {
    typename R::guard g = R::make_guard(domain_);
    while (int const v = pop(g)) count(v);
    for (auto& n : popped_) {
      if (n.load(P::relaxed) != 1U) P::broken("each value is popped once");
    }
  }

 private:
  void push(int v) {
    node* const n = platform_new<node, P>(v);
    node* first = head_.load(P::relaxed);
    do {
      n->next.store(first, P::relaxed);
    } while (!head_.compare_exchange_strong(first, n, P::release, P::relaxed));
  }

  [[nodiscard]] int pop(typename R::guard& g) {
    for (;;) {
      node* const first = g.protect(head_);
      if (first == nullptr) return 0;
      node* expected = first;
      if (!head_.compare_exchange_strong(expected, first->next.load(P::relaxed), P::acquire, P::relaxed)) continue;
      int const v = first->value.get();
      first->retire(domain_);
      return v;
    }
  }

  void count(int v) noexcept {
    if (v != 0) popped_[static_cast<std::size_t>(v - 1)].fetch_add(1U, P::relaxed);
  }

  typename R::domain domain_;
  typename P::template atomic<node*> head_{nullptr};
  std::array<typename P::template atomic<std::uint32_t>, 3> popped_{};
};

}  // namespace surewake::models
