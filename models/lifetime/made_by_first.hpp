// surewake/models/lifetime/made_by_first.hpp: two threads need an object that all threads share, and none has made it
// (core/platform/first_made.hpp). Do they use the same one, and see it made?
// Shape      2 threads, which do the same: look, and make the object if there is none.
// Must hold  both use one object, see what is in it, and what was made in vain is freed.
#pragma once

#include <surewake/core/platform/first_made.hpp>
#include <surewake/models/fixture/law.hpp>

#include <array>

namespace surewake::models {

template <platform P> struct made_by_first {
  static constexpr model_facts facts{
      .question = "Two threads make what they share at their first use: do both use one, and see it made?",
      .law = "all threads use the object that was made first (`core/platform/first_made.hpp`)"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 2> names{"first", "second"};

  void thread(unsigned i) {
    object* seen = shared_.look();
    if (seen == nullptr) {
      auto* const mine = std::construct_at(static_cast<object*>(P::allocate(sizeof(object), alignof(object))));
      mine->made.set(1);
      if (shared_.offer(seen, mine)) {
        seen = mine;
      } else {
        free(mine);
      }
    }
    if (seen->made.get() != 1) P::broken("an object is used that is not made");
    used_[i] = seen;
  }

  void after() {
    if (used_[0] != used_[1] || used_[0] != shared_.look()) P::broken("two threads use two objects");
    free(used_[0]);
  }

 private:
  struct object {
    typename P::template plain<int> made{0};
  };
  static void free(object* o) noexcept {
    std::destroy_at(o);
    P::deallocate(o, sizeof(object), alignof(object));
  }

  surewake::detail::first_made<P, object> shared_{};
  std::array<object*, 2> used_{};
};

}  // namespace surewake::models
