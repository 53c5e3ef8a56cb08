// surewake/models/reclaim/reclaim_thread_ends.hpp: a thread ends with an object that it retired and holds, in storage
// that goes after its record, and retires another one there. Which thread reclaims them, and which gets the slot?
// Shape      2 or 3 threads: leaving; scanning retires another object meanwhile; late uses the domain for the first
//            time, and may become the owner of what was left.
// Must hold  once all is quiet every retired object ends by one clean_up, whichever thread runs it; there are as many
//            slots as were held at one time.
#pragma once

#include <surewake/models/fixture/facts.hpp>
#include <surewake/models/reclaim/reclaim_node.hpp>

#include <array>

namespace surewake::models {

template <reclaimer R, unsigned Threads = 2> class reclaim_thread_ends {
  using P = typename R::platform_type;
  using node = counted_node<R>;

 public:
  static constexpr model_facts facts{
      .question = "A thread ends with an object that it retired and holds: who reclaims it?",
      .law = "what a thread retired and held does not end with it, nor last for ever",
      .unfit = "its threads end in each round, and real ones serve all rounds"};
  static constexpr unsigned threads = Threads;

  void thread(unsigned i) {
    if (i == 0) {
      typename R::guard(std::move(handed_on_));  // made by another thread: this one has no record yet
      pocket& mine = P::template local<pocket>();  // older than the thread's record: goes after it
      mine.model = this;
      mine.guard = R::make_guard(domain_);
      static_cast<void>(mine.guard.protect(source_));
      replace_by(node::make(1));
    } else if (i == 1) {
      retire(*kept_);
      domain_.clean_up();
    } else {
      typename R::guard g = R::make_guard(domain_);
      static_cast<void>(g.protect(source_)->value());
      retire(*late_);
    }
  }

  void after() {
    if (Threads < 3) retire(*late_);
    domain_.clean_up();
    if (ended_.load(P::relaxed) != 4U) P::broken("what a thread left behind is reclaimed");
    if (domain_.slots() > threads - 1) P::broken("the slots of a thread that ended are used again");
    retire(*source_.load(P::acquire));
  }

 private:
  struct pocket {
    ~pocket() {
      if (model == nullptr) return;
      guard.reset_protection(model->last_);
      model->retire(*model->last_);
    }
    reclaim_thread_ends* model = nullptr;
    typename R::guard guard;
  };

  void retire(node& n) { n.retire({&ended_}, domain_); }
  void replace_by(node* n) { retire(*source_.exchange(n, P::acq_rel)); }

  typename P::template atomic<std::uint32_t> ended_{0U};
  typename R::domain domain_;
  typename P::template atomic<node*> source_{node::make(0)};
  node* kept_ = node::make(2);
  node* late_ = node::make(3);
  node* last_ = node::make(4);
  typename R::guard handed_on_ = R::make_guard(domain_);
};

}  // namespace surewake::models
