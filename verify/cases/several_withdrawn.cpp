#include <surewake/models/giving_up/several_withdrawn.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace several_withdrawn_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::several_withdrawn<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("several_withdrawn")
        .add<model<mutex_deque, bank_lost<hand_off>>>(in_deque("bank_lost", verdict::broken_law))
        .add<model<intrusive_list, around_gate<forgets_fed>>>(in_list("forgets_fed", verdict::broken_law));

}  // namespace several_withdrawn_cases
