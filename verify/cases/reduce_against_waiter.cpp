#include <surewake/models/counting/reduce_against_waiter.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace reduce_against_waiter_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::reduce_against_waiter<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("reduce_against_waiter")
        .add<model<mutex_deque, reduce_blindly>>(in_deque("reduce_blindly", verdict::broken_law));

}  // namespace reduce_against_waiter_cases
