// surewake/models/reclaim/reclaim_stack.hpp: a node leaves a stack, comes back at the same address, and a pop that
// began before takes it for the one it saw (ABA). Can that happen?
// Shape      2 threads on a stack of two: one pops; the other pops twice and pushes, which may reuse an address.
// Must hold  one order of all calls explains what each pop got (models/fixture/last_in_first_out.hpp): no value is
//            popped twice, none is lost, and the last one in is the first one out.
// Source     R. K. Treiber, "Systems programming: coping with parallelism", IBM RJ 5118, 1986.
#pragma once

#include <surewake/core/reclaim/reclaimer.hpp>
#include <surewake/models/fixture/facts.hpp>
#include <surewake/models/fixture/history.hpp>
#include <surewake/models/fixture/last_in_first_out.hpp>

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
      .law = "no pop takes a node for the one it saw (ABA); pushes and pops have an order that explains their answers"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"slow", "quick"};

  reclaim_stack() {
    push(1);
    push(2);
    first_ = calls_.call({});
  }

  void thread(unsigned i) {
    typename R::guard g = R::make_guard(domain_);
    if (i == 0) return calls_.returned(first_, pop_unseen(g));
    static_cast<void>(pop(g));
    static_cast<void>(pop(g));
    push(3);
  }

  void after() {
    typename R::guard g = R::make_guard(domain_);
    for (unsigned at_most = 4; at_most != 0 && pop(g) != 0; --at_most) {}
    calls_.check();
  }

 private:
  void push(int v) {
    unsigned const i = calls_.call({.pushes = true, .got = v});
    push_unseen(v);
    calls_.returned(i);
  }
  [[nodiscard]] int pop(typename R::guard& g) {
    unsigned const i = calls_.call({});
    int const v = pop_unseen(g);
    calls_.returned(i, v);
    return v;
  }

  void push_unseen(int v) {
    node* const n = platform_new<node, P>(v);
    node* first = head_.load(P::relaxed);
    do {
      n->next.store(first, P::relaxed);
    } while (!head_.compare_exchange_strong(first, n, P::release, P::relaxed));
  }

  [[nodiscard]] int pop_unseen(typename R::guard& g) {
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

  typename R::domain domain_;
  typename P::template atomic<node*> head_{nullptr};
  history<P, last_in_first_out> calls_{{}};
  unsigned first_;  // the slow thread's pop: nothing orders it after a call of the other one, however late it comes
};

}  // namespace surewake::models
