// surewake/models/reclaim/reclaim_slot_passes.hpp: a slot goes from one thread to the next, which looks for the same
// object. Does the next one know that the slot holds nothing any more?
// Shape      3 threads: two readers, each with two hazard pointers, of which a thread keeps one and the domain gets one
//            back; the writer replaces the object.
// Must hold  what is read is alive.
#pragma once

#include <surewake/models/fixture/facts.hpp>
#include <surewake/models/reclaim/reclaim_node.hpp>

#include <array>

namespace surewake::models {

template <reclaimer R, unsigned Readers = 2> class reclaim_slot_passes {
  using P = typename R::platform_type;
  using node = reclaim_node<R>;

 public:
  static constexpr model_facts facts{
      .question = "A slot goes to a thread that looks for the same object: is that one protected?",
      .law = "a slot that changes hands holds nothing"};
  static constexpr unsigned threads = Readers + 1;

  void thread(unsigned i) {
    if (i == 0) {
      source_.exchange(node::make(1), P::acq_rel)->retire(domain_);
    } else {
      typename R::guard spare = R::make_guard(domain_);
      typename R::guard g = R::make_guard(domain_);
      static_cast<void>(g.protect(source_)->value());
      std::swap(g, spare);
      node* n = source_.load(P::relaxed);
      while (!spare.try_protect(n, source_)) {
      }
      static_cast<void>(n->value());
    }
  }

  void after() { source_.load(P::acquire)->retire(domain_); }

 private:
  typename R::domain domain_;
  typename P::template atomic<node*> source_{node::make(0)};
};

}  // namespace surewake::models
