#include <surewake/models/giving_up/several_and_one_leaves.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace several_and_one_leaves_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::several_and_one_leaves<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("several_and_one_leaves")
        .add<model<mutex_deque, wake_one<barging>>>(in_deque("wake_one", verdict::broken_law, "barging"));

}  // namespace several_and_one_leaves_cases
