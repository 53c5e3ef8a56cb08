#include <surewake/models/closing/reentrant_close.hpp>
#include <surewake/models/bugs/others.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace reentrant_close_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::reentrant_close<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("reentrant_close")
        .add<model<closes_locked<mutex_deque>::queue>>(in_deque("closes_locked", verdict::deadlock))
        .add<model<mutex_deque, reduce_reopens>>(in_deque("reduce_reopens", verdict::broken_law));

}  // namespace reentrant_close_cases
