// surewake/models/reclaim/reclaim_two_domains.hpp: one domain's readers hold what they like. Does the other domain
// notice?
// Shape      2 threads: reader holds an object of domain a while it reads; writer replaces that one, and retires an
//            object of its own to b.
// Must hold  what is retired to b ends at once, though the reader of a announces it too; what is retired to a does not
//            end under the reader.
#pragma once

#include <surewake/models/fixture/facts.hpp>
#include <surewake/models/reclaim/reclaim_node.hpp>

#include <array>

namespace surewake::models {

template <reclaimer R> class reclaim_two_domains {
  using P = typename R::platform_type;
  using node = counted_node<R>;

 public:
  static constexpr model_facts facts{
      .question = "The readers of one domain hold what they like: does the other one notice?",
      .law = "the slots of one domain hold nothing of another",
      .unfit = "its law holds where every retire scans, as under a checker"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"reader", "writer"};

  void thread(unsigned i) {
    if (i == 0) {
      typename R::guard held = R::make_guard(a_);
      static_cast<void>(held.protect(source_)->value());
      typename R::guard other = R::make_guard(a_);
      other.reset_protection(of_b_);  // in a slot of a: protects nothing
      static_cast<void>(held.protect(source_)->value());
    } else {
      source_.exchange(node::make(1), P::acq_rel)->retire({&ended_in_a_}, a_);
      of_b_->retire({&ended_in_b_}, b_);
      if (ended_in_b_.load(P::relaxed) != 1U) P::broken("the slots of another domain delay nothing");
    }
  }

  void after() {
    a_.clean_up();
    if (ended_in_a_.load(P::relaxed) != 1U) P::broken("what nobody holds any more is reclaimed");
    source_.load(P::acquire)->retire({&ended_in_a_}, a_);
  }

 private:
  typename P::template atomic<std::uint32_t> ended_in_a_{0U};
  typename P::template atomic<std::uint32_t> ended_in_b_{0U};
  typename R::domain a_;
  typename R::domain b_;
  typename P::template atomic<node*> source_{node::make(0)};
  node* of_b_ = node::make(0);
};

}  // namespace surewake::models
