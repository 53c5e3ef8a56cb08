// surewake/models/reclaim_chain.hpp: the deleter of an object retires the next one, and reads it through a hazard
// pointer. Does the chain end, each once?
// Shape      2 threads: writer cuts a chain of three off and retires its first; reader holds the first meanwhile.
// Must hold  what is read is alive; once nobody reads, one clean_up ends the whole chain.
#pragma once

#include <surewake/models/reclaim_node.hpp>

#include <array>

namespace surewake::models {

template <reclaimer R> class reclaim_chain {
  using P = typename R::platform_type;
  struct link;
  struct cut {
    reclaim_chain* model = nullptr;
    void operator()(link* l) const noexcept { model->end(l); }
  };
  struct link : R::template object<link, cut> {
    explicit link(link* n) noexcept : next(n) {}
    ~link() { alive.set(0); }
    typename P::template atomic<link*> next;
    typename P::template plain<int> alive{1};
  };

 public:
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"writer", "reader"};

  void thread(unsigned i) {
    if (i == 0) {
      head_.exchange(nullptr, P::acq_rel)->retire({this}, domain_);
    } else {
      typename R::guard g = R::make_guard(domain_);
      if (link* const l = g.protect(head_); l != nullptr && l->alive.get() != 1) P::broken("what is held is alive");
    }
  }

  void after() {
    domain_.clean_up();
    if (ended_.load(P::relaxed) != 3U) P::broken("the whole chain ends");
  }

 private:
  void end(link* l) noexcept {
    {
      typename R::guard g = R::make_guard(domain_);
      if (link* const next = g.protect(l->next)) {
        if (next->alive.get() != 1) P::broken("what is held is alive");
        next->retire({this}, domain_);
      }
    }
    platform_delete<P>{}(l);
    ended_.fetch_add(1U, P::relaxed);
  }

  typename P::template atomic<std::uint32_t> ended_{0U};
  typename R::domain domain_;
  typename P::template atomic<link*> head_{
      platform_new<link, P>(platform_new<link, P>(platform_new<link, P>(nullptr)))};
};

}  // namespace surewake::models
