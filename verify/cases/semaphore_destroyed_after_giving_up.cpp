#include <surewake/models/semaphore_destroyed_after_giving_up.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace semaphore_destroyed_after_giving_up_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::semaphore_destroyed_after_giving_up<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("semaphore_destroyed_after_giving_up",
          "One who gave up gets the last permit from a try, and destroys the semaphore: are all through with it?")
        .over_strategies<models::semaphore_destroyed_after_giving_up>({}, sampled(40'000))
        .over_strategies<models::semaphore_destroyed_after_giving_up>({}, preemptions(3))
        .add<model<mutex_deque, no_refusal<hand_off>>>(in_deque("no_refusal", verdict::use_after_free))
        .add<model<intrusive_list, around_gate<looks_back>>>(in_list("looks_back", verdict::use_after_free));

}  // namespace semaphore_destroyed_after_giving_up_cases
