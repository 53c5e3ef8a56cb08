#include <surewake/models/waking/release_of_several.hpp>
#include <surewake/models/bugs/others.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace release_of_several_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::release_of_several<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("release_of_several")
        .add<model<one_per_grant<mutex_deque>::queue>>(in_deque("one_per_grant", verdict::broken_law))
        .add<model<intrusive_list, wake_one<barging>>>(in_list("wake_one", verdict::broken_law, "barging"))
        .add<model<peeks_after_enqueue<mutex_deque>::queue>>(in_deque("peeks_after_enqueue", verdict::data_race))
        .add<model<intrusive_list, around_gate<peeks_after_wait>>>(in_list("peeks_after_wait", verdict::data_race));

}  // namespace release_of_several_cases
