// surewake/models/progress/progress_open.hpp: permits are free and nobody waits. Does every call end, however the other
// threads stall?
// Shape      2 threads; each acquires, tries to acquire, reduces the permits and gives them back; 4 permits.
// Must hold  the progress guarantees of take and of what gives back: that a free permit costs the claimed number of
//            steps; conservation.
// Claims     of fewer steps and of more steps are cases of engine/progress, which must be refused.
#pragma once

#include <surewake/models/fixture/facts.hpp>
#include <surewake/models/progress/progress.hpp>

namespace surewake::models {

template <platform P, template <class> class Queue, class Discipline = hand_off> class progress_open {
  using tested = named_synchronizer<P, Queue, Discipline>;

 public:
  static constexpr model_facts facts{
      .question = "Permits are free: does each operation come to its end, in as many steps as claimed?",
      .law = "permits that are free cost as many steps as claimed, whichever thread stalls",
      .unfit = "a checker counts the steps of each call, and lets threads stall"};
  static constexpr unsigned threads = 2;
  static constexpr std::array<char const*, 4> operations{"take", tested::counted ? "put" : "give_back", "try_take",
                                                         "reduce"};

  void thread(unsigned) {
    if (!synchronizer_.take(1).is_granted()) P::broken("a free permit cannot be taken");
    synchronizer_.give_back(1);
    if (!synchronizer_.try_take(1)) P::broken("a free permit cannot be taken");
    synchronizer_.give_back(synchronizer_.reduce(1) + 1);
  }

  void after() {
    if (synchronizer_.available() != 4) P::broken("conservation: a permit was lost or invented");
  }

 private:
  tested synchronizer_{4};
};

}  // namespace surewake::models
