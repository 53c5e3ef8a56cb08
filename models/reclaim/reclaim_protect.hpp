// surewake/models/reclaim/reclaim_protect.hpp: an object is unlinked and retired while others read it. Does it live as
// long as a reader looks?
// Shape      2 or 3 threads: the writer replaces the object `Changes` times, each reader reads `Reads` times through
//            one hazard pointer; where the reader does not reset it, the slot may already hold the right object the
//            second time.
// Must hold  what is read is alive, and older objects are never seen after newer ones; all of them end.
#pragma once

#include <surewake/models/fixture/facts.hpp>
#include <surewake/models/reclaim/reclaim_node.hpp>

#include <array>

namespace surewake::models {

enum class between_reads { keep, reset };

template <reclaimer R, unsigned Readers = 1, int Changes = 1, int Reads = 1,
          between_reads Between = between_reads::keep>
class reclaim_protect {
  using P = typename R::platform_type;
  using node = reclaim_node<R>;

 public:
  static constexpr model_facts facts{
      .question = "An object is unlinked and retired while somebody reads it: does it live long enough?",
      .law = "what a hazard pointer holds is alive"};
  static constexpr unsigned threads = Readers + 1;

  void thread(unsigned i) {
    if (i == 0) {
      for (int n = 1; n <= Changes; ++n) replace_by(n);
    } else {
      typename R::guard g = R::make_guard(domain_);
      int last = 0;
      for (int n = 0; n != Reads; ++n) {
        int const now = g.protect(source_)->value();
        if (now < last) P::broken("an older object is found after a newer one");
        last = now;
        if constexpr (Between == between_reads::reset) g.reset_protection();
      }
    }
  }

  void after() {
    node* const n = source_.exchange(nullptr, P::acquire);
    if (n->value() != Changes) P::broken("the last object stays");
    n->retire(domain_);
  }

 private:
  void replace_by(int v) {
    node* const fresh = node::make(v);
    source_.exchange(fresh, P::acq_rel)->retire(domain_);
  }

  typename R::domain domain_;
  typename P::template atomic<node*> source_{node::make(0)};
};

}  // namespace surewake::models
