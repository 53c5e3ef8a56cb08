#include <surewake/models/counting/resize_against_acquire.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace resize_against_acquire_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::resize_against_acquire<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("resize_against_acquire")
        .add<model<mutex_deque, reduce_blindly>>(in_deque("reduce_blindly", verdict::broken_law));

}  // namespace resize_against_acquire_cases
