#include <surewake/models/waking/grants_at_once.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace grants_at_once_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue> using model = models::grants_at_once<relacy_platform, Queue>;

suite const cases =
    suite("grants_at_once")
        .add<model<forget_early<mutex_deque>::queue>>(in_deque("forget_early", verdict::deadlock, ""))
        .add<model<grants_unseen>>(in_hybrid("grants_unseen", verdict::data_race, ""));

}  // namespace grants_at_once_cases
