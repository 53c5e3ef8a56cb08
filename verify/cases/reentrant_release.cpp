#include <surewake/models/waking/reentrant_release.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace reentrant_release_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::reentrant_release<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("reentrant_release")
        .add<model<intrusive_list, around_gate<hands_over_locked>>>(in_list("hands_over_locked", verdict::deadlock))
        .add<model<hand_over_locked<mutex_deque>::queue>>(in_deque("hand_over_locked", verdict::deadlock));

}  // namespace reentrant_release_cases
