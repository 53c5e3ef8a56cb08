// surewake/models/published/protected_while_read.hpp: a pop protects the top of a stack while it reads what is below,
// and not until its exchange. Is the top that it exchanges the one that it read?
//
// Shape      2 threads, a stack of two nodes: the slow one pops once; the quick one pops both, frees each as soon as it
//            is not protected, and pushes a new node, which may be given the memory of an old one.
// Must hold  whatever is at the top is in the stack, and no value is popped twice (otherwise: broken law).
// Fails      as published, under sequential consistency, where freed memory is given again: the slow thread has read
//            the node below the top and ends its protection; the others go, and the new node gets the address of the
//            old top; the exchange succeeds, as the top looks the same, and puts on top a node that was freed.
// In words   Holding on to a thing keeps it from being replaced by one that looks the same, while one holds on to it.
// Repair     the protection ends after the exchange; or the top has a version beside it, in one atomic of 16 bytes.
// Source     the ABA of Treiber's stack [@treiber1986]; that a protection must last until the exchange: M. M. Michael,
//            "Hazard pointers", TPDS 2004 [@michael2004]. Our code.
#pragma once

#include <surewake/core/platform/platform.hpp>
#include <surewake/core/platform/platform_new.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace surewake::models::published {

/// How a pop keeps the top the same: by a protection that ends before the exchange, or after it; or by a version.
enum class keeping : std::uint8_t { while_read, until_exchange, versioned };

template <platform P, keeping Keeping> class protected_while_read {
 public:
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"slow", "quick"};

  protected_while_read() {
    shown_as<P>(head_, "top");
    shown_as<P>(protected_, "protection");
    node* const top = make(1);
    push(make(2));
    push(top);
  }

  void thread(unsigned i) {
    if (i == 0) return pop_slowly();
    for (int times = 0; times != 2; ++times) pop_and_free();
    push(make(3));
  }
  void after() {
    // relaxed: nothing else runs
    for (node* n = top_of(head_.load(P::relaxed)); n != nullptr; n = n->below.load(P::relaxed)) {
      if (!is_live(n)) P::broken("a node of the stack has left it");
      ++seen_[index(n)];
    }
    for (int const times : seen_) {
      if (times != 1) P::broken("a value came twice, or not at all");
    }
    for (node* n : live_) platform_delete<P>{}(n);
  }

 private:
  struct node {
    explicit node(int v) noexcept : value(v) { shown_as<P>(*this, "node"); }
    typename P::template atomic<node*> below{nullptr};
    typename P::template plain<int> value;
  };
  struct versioned_top {
    node* top = nullptr;
    std::uint64_t version = 0;
    bool operator==(versioned_top const&) const = default;
  };
  using head = std::conditional_t<Keeping == keeping::versioned, versioned_top, node*>;

  [[nodiscard]] static node* top_of(head const& h) noexcept {
    if constexpr (Keeping == keeping::versioned) return h.top;
    else return h;
  }
  [[nodiscard]] static head with_top([[maybe_unused]] head const& before, node* top) noexcept {
    if constexpr (Keeping == keeping::versioned) return {top, before.version + 1};
    else return top;
  }
  [[nodiscard]] static std::size_t index(node* n) noexcept { return static_cast<std::size_t>(n->value.get() - 1); }
  [[nodiscard]] bool is_live(node* n) const noexcept {
    for (node const* const other : live_) {
      if (n == other) return true;
    }
    return false;
  }

  [[nodiscard]] node* make(int v) {
    return live_[static_cast<std::size_t>(v - 1)] = platform_new<node, P>(v);
  }
  void push(node* n) {
    head before = head_.load(P::relaxed);  // relaxed: a guess for the exchange
    do {
      n->below.store(top_of(before), P::relaxed);  // relaxed: published by [T1]
      // release [T1]: the node, pairs with [T3], [T5], [T6]. On failure relaxed: the next guess.
    } while (!head_.compare_exchange_strong(before, with_top(before, n), P::release, P::relaxed));
  }

  /// What it pops is kept until after(), because the quick thread protects nothing.
  void pop_slowly() {
    for (;;) {
      head before = head_.load(P::relaxed);  // relaxed: a guess that [T3] checks
      node* const top = top_of(before);
      // seq_cst [T2]: comes before [T3], so either the quick thread sees it or this one sees its pop, pairs with [T8].
      protected_.store(top, P::seq_cst);
      if (top == nullptr) return;
      // seq_cst [T3]: sees the node, and every pop that has missed the protection, pairs with [T1], [T7].
      if (head_.load(P::seq_cst) != before) continue;
      node* const below = top->below.load(P::relaxed);  // relaxed: published by [T1]
      // release [T4]: the read of the node comes before its free, pairs with [T8].
      if (Keeping != keeping::until_exchange) protected_.store(nullptr, P::release);
      // acquire [T5]: sees the node, which may be another one by now, pairs with [T1]. On failure relaxed: a new guess.
      bool const popped = head_.compare_exchange_strong(before, with_top(before, below), P::acquire, P::relaxed);
      // release: as [T4]
      if (Keeping == keeping::until_exchange) protected_.store(nullptr, P::release);
      if (popped) return static_cast<void>(++seen_[index(top)]);
    }
  }

  void pop_and_free() {
    // acquire [T6]: sees the node, pairs with [T1].
    head before = head_.load(P::acquire);
    node* top = top_of(before);
    for (; top != nullptr; top = top_of(before)) {
      node* const below = top->below.load(P::relaxed);  // relaxed: published by [T1]
      // seq_cst [T7]: comes before [T8], pairs with [T3]. On failure acquire, as [T6].
      if (head_.compare_exchange_strong(before, with_top(before, below), P::seq_cst, P::acquire)) break;
    }
    if (top == nullptr) return;
    // seq_cst [T8]: sees the protection, or that the reads under it are over, pairs with [T2], [T4].
    P::await(protected_, [top](node* n) { return n != top; }, P::seq_cst);
    std::size_t const i = index(top);
    ++seen_[i];
    live_[i] = nullptr;
    platform_delete<P>{}(top);
  }

  typename P::template atomic<head> head_{head{}};
  typename P::template atomic<node*> protected_{nullptr};
  // Of each value, from 1 on; no steps of a schedule, and for after():
  std::array<node*, 3> live_{};
  std::array<int, 3> seen_{};
};

}  // namespace surewake::models::published
