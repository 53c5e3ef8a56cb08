#include <surewake/models/closing/close_twice.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace close_twice_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::close_twice<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("close_twice",
          "Two close the semaphore at once, and then try to get in: is it closed when a close() returns?")
        .over_strategies<models::close_twice>({}, sampled(5'000))
        .over_strategies<models::close_twice>({}, preemptions(3, 0.5))
        .add<model<mutex_deque, second_close_opens>>(in_deque("second_close_opens", verdict::broken_law));

}  // namespace close_twice_cases
