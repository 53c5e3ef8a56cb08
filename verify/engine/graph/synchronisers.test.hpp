// surewake/verify/engine/graph/synchronisers.test.hpp: twelve synchronisers of the literature with mistakes to choose,
// whose executions other tools have counted. Not installed.
//
// Bug 0 is the correct program. A wait is one read that satisfies.
#pragma once

#include <surewake/verify/engine/graph/graph_platform.hpp>
#include <surewake/verify/engine/graph/runtime.hpp>

#include <array>
#include <memory>

namespace surewake::verify::graph::synchronisers {

using P = graph_platform;
template <class T> using atomic = P::atomic<T>;
template <class T> using plain = P::plain<T>;
constexpr order rlx = order::relaxed;
constexpr order acq = order::acquire;
constexpr order rel = order::release;
constexpr order ar = order::acq_rel;
constexpr order sc = order::seq_cst;

/// Returns `weak` for the bug of that number.
template <unsigned Bug> constexpr order unless(unsigned bug, order o) { return Bug == bug ? rlx : o; }
/// Leaves executions out in which the condition does not hold.
inline void assume(bool condition) {
  if (!condition) active->drop();
}
inline void require(bool condition, char const* law) {
  if (!condition) P::broken(law);
}

/// A semaphore with a negative count for the waiters, and one grant.
template <unsigned Bug> struct sem_sub {
  static constexpr unsigned threads = 2;
  void thread(unsigned) {
    if (count.fetch_sub(1, acq) <= 0) {
      P::await(grant, [](int v) { return v == 1; }, unless<Bug>(2, acq));
      grant.store(0, rlx);
    }
    data.set(data.get() + 1);
    if (count.fetch_add(1, rel) < 0 && Bug != 3) grant.store(1, unless<Bug>(1, rel));
  }
  void after() { require(data.get() == 2, "an increment was lost"); }
  atomic<int> count{1}, grant{0};
  plain<int> data{0};
};

template <unsigned Bug> struct parker {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    if (i == 0) {
      P::await(token, [](int v) { return v == 1; }, rlx);
      token.exchange(0, unless<Bug>(2, acq));
      require(payload.get() == 42, "the payload is not seen");
    } else {
      payload.set(42);
      if (Bug != 3) token.store(1, unless<Bug>(1, rel));
    }
  }
  void after() {}
  atomic<int> token{0};
  plain<int> payload{0};
};

template <unsigned Bug> struct eventcount {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    if (i == 0) {
      waiters.fetch_add(1, Bug == 3 ? ar : rlx);
      int const seen = epoch.load(rlx);
      if (Bug != 2 && Bug != 3) P::fence(sc);
      if (condition.load(rlx) == 0) P::await(epoch, [seen](int v) { return v != seen; }, acq);
      waiters.fetch_sub(1, rlx);
    } else {
      condition.store(1, rlx);
      if (Bug != 1 && Bug != 3) P::fence(sc);
      if (waiters.load(rlx) > 0) epoch.fetch_add(1, rel);
    }
  }
  void after() {}
  atomic<int> waiters{0}, epoch{0}, condition{0};
};

template <unsigned Bug, unsigned N> struct mcs {
  struct node {
    atomic<node*> next{nullptr};
    atomic<int> locked{0};
  };
  static constexpr unsigned threads = N;
  void thread(unsigned i) {
    node* const me = &nodes[i];
    me->next.store(nullptr, rlx);
    me->locked.store(1, rlx);
    if (node* const before = tail.exchange(me, unless<Bug>(2, ar))) {
      before->next.store(me, rel);
      P::await(me->locked, [](int v) { return v == 0; }, acq);
    }
    data.set(data.get() + 1);
    node* next = me->next.load(acq);
    if (next == nullptr) {
      node* expected = me;
      if (tail.compare_exchange_strong(expected, nullptr, unless<Bug>(3, rel), rlx)) return;
      next = P::await(me->next, [](node* n) { return n != nullptr; }, acq);
    }
    next->locked.store(0, unless<Bug>(1, rel));
  }
  void after() { require(data.get() == static_cast<int>(N), "an increment was lost"); }
  std::array<node, N> nodes{};
  atomic<node*> tail{nullptr};
  plain<int> data{0};
};

template <unsigned Bug, unsigned N> struct refcount {
  struct object {
    atomic<int> owners{N};
    std::array<plain<int>, N> fields{};
  };
  static constexpr unsigned threads = N;
  refcount() : shared(std::construct_at(static_cast<object*>(P::allocate(sizeof(object), alignof(object))))) {}
  void thread(unsigned i) {
    shared->fields[i].set(1);
    if (shared->owners.fetch_sub(1, unless<Bug>(1, rel)) != 1) return;
    if (Bug != 2) P::fence(acq);
    std::destroy_at(shared);
    P::deallocate(shared, sizeof(object), alignof(object));
  }
  void after() {}
  object* shared;
};

template <unsigned Bug> struct hazard {
  struct object {
    plain<int> v{1};
  };
  static constexpr unsigned threads = 2;
  hazard() {
    void* const memory = P::allocate(sizeof(object), alignof(object));
    pointer.store(std::construct_at(static_cast<object*>(memory)), rlx);
  }
  void thread(unsigned i) {
    if (i == 0) {
      object* const p = pointer.load(acq);
      protects.store(p, rlx);
      if (Bug != 1) P::fence(sc);
      if ((Bug == 3 || pointer.load(acq) == p) && p != nullptr) require(p->v.get() == 1, "the object is not seen");
      protects.store(nullptr, rel);
    } else {
      object* const p = pointer.exchange(nullptr, rlx);
      if (Bug != 2) P::fence(sc);
      if (protects.load(acq) != p) {
        free(p);
      } else {
        kept = p;
      }
    }
  }
  void after() {
    if (kept != nullptr) free(kept);
  }
  static void free(object* p) {
    std::destroy_at(p);
    P::deallocate(p, sizeof(object), alignof(object));
  }
  atomic<object*> pointer{nullptr}, protects{nullptr};
  object* kept = nullptr;  // a ghost
};

template <unsigned Bug> struct spsc {
  static constexpr unsigned threads = 2;
  static constexpr int items = 3;
  void thread(unsigned t) {
    for (int i = 0; i != items; ++i) {
      auto& slot = ring[static_cast<unsigned>(i) % 2];
      if (t == 0) {
        P::await(head, [i](int v) { return i - v < 2; }, acq);
        slot.set(i + 1);
        tail.store(i + 1, unless<Bug>(1, rel));
      } else {
        P::await(tail, [i](int v) { return v > i; }, unless<Bug>(2, acq));
        require(slot.get() == i + 1, "an item was lost");
        head.store(i + 1, unless<Bug>(3, rel));
      }
    }
  }
  void after() {}
  std::array<plain<int>, 2> ring{plain<int>(0), plain<int>(0)};
  atomic<int> head{0}, tail{0};
};

/// Michael and Scott's queue without reclamation: N enqueue, one tries N times to dequeue.
template <unsigned Bug, unsigned N> struct msq {
  struct node {
    plain<int> v{0};
    atomic<node*> next{nullptr};
  };
  static constexpr unsigned threads = N + 1;
  void thread(unsigned i) { i == N ? dequeue() : enqueue(&nodes[i]); }
  void after() {}
  void enqueue(node* n) {
    n->v.set(1);
    n->next.store(nullptr, rlx);
    for (;;) {
      node* t = tail.load(acq);
      node* const next = t->next.load(acq);
      if (next != nullptr) {
        tail.compare_exchange_strong(t, next, rel, rlx);
        continue;
      }
      node* expected = nullptr;
      if (!t->next.compare_exchange_strong(expected, n, unless<Bug>(1, rel), rlx)) continue;
      tail.compare_exchange_strong(t, n, rel, rlx);
      return;
    }
  }
  void dequeue() {
    int got = 0;
    for (unsigned i = 0; i != N; ++i) {
      for (;;) {
        node* h = head.load(acq);
        node* const next = h->next.load(unless<Bug>(2, acq));
        if (next == nullptr) break;
        if (!head.compare_exchange_strong(h, next, rel, rlx)) continue;
        got += next->v.get();
        break;
      }
    }
    require(got <= static_cast<int>(N), "an item came twice");
  }
  std::array<node, N + 1> nodes{};
  atomic<node*> head{&nodes[N]}, tail{&nodes[N]};
};

template <unsigned Bug> struct seqlock {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    if (i == 0) {
      s.store(1, rlx);
      if (Bug != 1) P::fence(rel);
      a.store(1, rlx);
      b.store(1, rlx);
      s.store(2, rel);
    } else {
      int const before = s.load(acq);
      assume(before % 2 == 0);
      int const x = a.load(rlx);
      int const y = b.load(rlx);
      if (Bug != 2) P::fence(acq);
      assume(s.load(rlx) == before);
      require(x == y, "a torn read");
    }
  }
  void after() {}
  atomic<int> s{0}, a{0}, b{0};
};

/// Drepper's mutex2, whose futex is a count of wakes.
template <unsigned Bug, unsigned N> struct futex_mutex {
  static constexpr unsigned threads = N;
  void thread(unsigned) {
    lock();
    data.set(data.get() + 1);
    unlock();
  }
  void after() { require(data.get() == static_cast<int>(N), "an increment was lost"); }
  void lock() {
    int expected = 0;
    if (word.compare_exchange_strong(expected, 1, acq, rlx)) return;
    for (;;) {
      int const seen = wakes.load(acq);
      if (word.exchange(2, acq) == 0) return;
      P::await(wakes, [seen](int v) { return v != seen; }, rlx);
    }
  }
  void unlock() {
    if (Bug == 2) {
      if (word.load(rlx) == 2) wakes.fetch_add(1, rel);
      word.store(0, rel);
    } else if (word.exchange(0, unless<Bug>(1, rel)) == 2) {
      wakes.fetch_add(1, rel);
    }
  }
  atomic<int> word{0}, wakes{0};
  plain<int> data{0};
};

template <unsigned Bug> struct async_cancel {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    int expected = 0;
    if (i == 1) {
      payload.set(3);
      if (!state.compare_exchange_strong(expected, 1, unless<Bug>(2, rel), rlx)) tokens.fetch_add(1, rlx);
    } else if (Bug == 1 && state.load(acq) == 0) {
      state.store(2, rlx);
    } else if (Bug == 1 || !state.compare_exchange_strong(expected, 2, acq, acq)) {
      require(payload.get() == 3, "the payload is not seen");
      got.fetch_add(1, rlx);
    }
  }
  void after() { require(got.load(rlx) + tokens.load(rlx) == 1, "a token was lost"); }
  atomic<int> state{0}, tokens{0}, got{0};
  plain<int> payload{0};
};

/// Treiber's stack of the nodes 1 and 2, which are used again; the head has a version, but for bug 1.
template <unsigned Bug> struct tagged_aba {
  static constexpr unsigned threads = 2;
  void thread(unsigned i) {
    if (i == 0) {
      own(pop());
      own(pop());
    } else {
      unsigned const a = pop();
      own(pop());
      if (a != 0) push(a);
    }
  }
  void after() {}
  static std::uint64_t tag(std::uint64_t head, unsigned i) { return Bug == 1 ? i : ((head >> 8) + 1) << 8 | i; }
  static unsigned index(std::uint64_t head) { return static_cast<unsigned>(Bug == 1 ? head : head & 0xff); }
  unsigned pop() {
    std::uint64_t h = head.load(acq);
    for (;;) {
      unsigned const i = index(h);
      if (i == 0) return 0;
      unsigned const n = next[i].load(rlx);
      if (head.compare_exchange_strong(h, tag(h, n), ar, acq)) return i;
    }
  }
  void push(unsigned i) {
    std::uint64_t h = head.load(rlx);
    do {
      next[i].store(index(h), rlx);
    } while (!head.compare_exchange_strong(h, tag(h, i), rel, rlx));
  }
  void own(unsigned i) {
    if (i != 0) require(owned[i].exchange(1, rlx) == 0, "a node was popped twice");
  }
  atomic<std::uint64_t> head{1U};
  std::array<atomic<unsigned>, 3> next{atomic<unsigned>(0U), atomic<unsigned>(2U), atomic<unsigned>(0U)};
  std::array<atomic<int>, 3> owned{atomic<int>(0), atomic<int>(0), atomic<int>(0)};
};

}  // namespace surewake::verify::graph::synchronisers
