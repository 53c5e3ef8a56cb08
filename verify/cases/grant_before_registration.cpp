#include <surewake/models/waking/grant_before_registration.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace grant_before_registration_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue> using model = models::grant_before_registration<relacy_platform, Queue>;

suite const cases =
    suite("grant_before_registration")
        .add<model<forget_early<intrusive_list>::queue>>(in_list("forget_early", verdict::deadlock, ""))
        .add<model<grant_twice<mutex_deque>::queue>>(in_deque("grant_twice", verdict::broken_law, ""))
        .add<model<lock_relaxed>>(in_list("lock_relaxed", verdict::data_race, ""))
        .add<model<unlock_relaxed>>(in_list("unlock_relaxed", verdict::data_race, ""));

}  // namespace grant_before_registration_cases
