#include <surewake/models/giving_up/several_withdrawn.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace several_withdrawn_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::several_withdrawn<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("several_withdrawn",
          "A request for two permits is withdrawn while both come: who gets which?")
        .over_strategies<models::several_withdrawn>({}, sampled(10'000))
        .over_strategies<models::several_withdrawn>({}, preemptions(3, 0.5))
        .add<model<mutex_deque, bank_lost<hand_off>>>(in_deque("bank_lost", verdict::broken_law))
        .add<model<intrusive_list, around_gate<forgets_fed>>>(in_list("forgets_fed", verdict::broken_law));

}  // namespace several_withdrawn_cases
