// surewake/models/reclaim/reclaim_chain.hpp: the deleter of an object retires the next one, and reads it through a
// hazard pointer. Does the chain end, each once, and on a stack of one deleter?
// Shape      2 threads: writer cuts a chain of three off and retires its first, or does so when its storage ends, after
//            its record; reader holds the first meanwhile.
// Must hold  what is read is alive; no deleter runs within another; once no thread reads, one clean_up ends the whole
//            chain, or the end of the domain does.
#pragma once

#include <surewake/models/fixture/facts.hpp>
#include <surewake/models/reclaim/reclaim_node.hpp>

#include <array>

namespace surewake::models {

enum class chain_from { thread, late_storage };
enum class chain_until { clean_up, domain_ends };

template <reclaimer R, chain_from From = chain_from::thread, chain_until Until = chain_until::clean_up>
class reclaim_chain {
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
  static constexpr model_facts facts{
      .question = "A deleter retires the next object and reads it: does the chain end, each once?",
      .law = "deleters may retire and read, late too; none runs within another; one `clean_up()`, or the domain's "
             "end, ends all",
      .unfit = "its law holds where every retire scans, as under a checker"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"writer", "reader"};

  void thread(unsigned i) {
    if (i == 0) {
      if constexpr (From == chain_from::late_storage) {
        typename R::guard(std::move(handed_on_));  // made by another thread: this one has no record yet
        P::template local<pocket>().model = this;  // older than the thread's record: goes after it
        static_cast<void>(R::make_guard(*domain_));
      } else {
        retire_chain();
      }
    } else {
      typename R::guard g = R::make_guard(*domain_);
      if (link* const l = g.protect(head_); l != nullptr && l->alive.get() != 1) P::broken("what is held is alive");
    }
  }

  void after() {
    if constexpr (Until == chain_until::clean_up) {
      domain_->clean_up();
      if (ended_.load(P::relaxed) != 3U) P::broken("the whole chain ends");
    }
    platform_delete<P>{}(domain_);
    if (ended_.load(P::relaxed) != 3U) P::broken("the whole chain ends with its domain");
  }

 private:
  struct pocket {
    ~pocket() {
      if (model != nullptr) model->retire_chain();
    }
    reclaim_chain* model = nullptr;
  };
  struct deleting {
    bool now = false;
  };

  void retire_chain() { head_.exchange(nullptr, P::acq_rel)->retire({this}, *domain_); }

  void end(link* l) noexcept {
    if (std::exchange(P::template local<deleting>().now, true)) P::broken("no deleter runs within another");
    link* next = nullptr;
    {
      typename R::guard g = R::make_guard(*domain_);
      next = g.protect(l->next);
      if (next != nullptr && next->alive.get() != 1) P::broken("what is held is alive");
    }
    if (next != nullptr) next->retire({this}, *domain_);  // not held any more: a scan within this deleter would end it
    platform_delete<P>{}(l);
    ended_.fetch_add(1U, P::relaxed);
    P::template local<deleting>().now = false;
  }

  typename P::template atomic<std::uint32_t> ended_{0U};
  typename R::domain* domain_ = platform_new<typename R::domain, P>();
  typename R::guard handed_on_ = From == chain_from::late_storage ? R::make_guard(*domain_) : typename R::guard();
  typename P::template atomic<link*> head_{
      platform_new<link, P>(platform_new<link, P>(platform_new<link, P>(nullptr)))};
};

}  // namespace surewake::models
