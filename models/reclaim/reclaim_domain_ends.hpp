// surewake/models/reclaim/reclaim_domain_ends.hpp: a domain ends as a thread that used it does. Which of them frees
// what they shared?
// Shape      2 threads: user retires an object, says that it is done, and ends; or it uses another domain, and a
//            second one. Owner destroys the first domain meanwhile, and makes the second where that was, or elsewhere.
// Must hold  all that was retired has ended with its domain; nothing is freed twice or never.
#pragma once

#include <surewake/models/fixture/facts.hpp>
#include <surewake/models/reclaim/reclaim_node.hpp>

#include <array>

namespace surewake::models {

template <reclaimer R, bool Second = false> class reclaim_domain_ends {
  using P = typename R::platform_type;
  using node = counted_node<R>;
  using domain = typename R::domain;

 public:
  static constexpr model_facts facts{
      .question = "A domain ends as a thread that used it does: who frees what they shared?",
      .law = "a domain and a thread that used it end in any order"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"user", "owner"};

  void thread(unsigned i) {
    if (i == 0) {
      use(*first_);
      // release: nothing of ours in the domain comes after it.
      done_.store(1U, P::release);
      if constexpr (Second) {
        use(other_);
        use(*P::await(second_, [](domain* d) { return d != nullptr; }, P::acquire));
      }
    } else {
      P::await(done_, [](std::uint32_t d) { return d == 1U; }, P::acquire);
      platform_delete<P>{}(first_);
      if (ended_.load(P::relaxed) != 1U) P::broken("a domain's end reclaims all that is left");
      if constexpr (Second) second_.store(platform_new<domain, P>(), P::release);
    }
  }

  void after() {
    if constexpr (Second) {
      platform_delete<P>{}(second_.load(P::acquire));
      if (ended_.load(P::relaxed) != 2U) P::broken("the second domain's end too");
    }
  }

 private:
  /// Leaves an object that is held while it is retired.
  void use(domain& d) {
    node* const n = node::make(0);
    typename P::template atomic<node*> source{n};
    typename R::guard g = R::make_guard(d);
    static_cast<void>(g.protect(source));
    n->retire({&ended_}, d);
  }

  typename P::template atomic<std::uint32_t> ended_{0U};
  domain other_;
  domain* first_ = platform_new<domain, P>();
  typename P::template atomic<domain*> second_{nullptr};
  typename P::template atomic<std::uint32_t> done_{0U};
};

}  // namespace surewake::models
