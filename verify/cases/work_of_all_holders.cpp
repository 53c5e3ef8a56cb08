#include <surewake/models/waking/work_of_all_holders.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace work_of_all_holders_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::work_of_all_holders<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("work_of_all_holders")
        .add<model<mutex_deque, release_relaxed<hand_off>>>(in_deque("release_relaxed", verdict::data_race))
        .add<model<intrusive_list, release_relaxed<barging>>>(in_list("release_relaxed", verdict::data_race, "barging"))
        .add<model<gate_unlock_relaxed>>(in_list("gate_unlock_relaxed", verdict::data_race));

}  // namespace work_of_all_holders_cases
