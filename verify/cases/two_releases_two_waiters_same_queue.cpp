#include <surewake/models/waking/two_releases_two_waiters_same_queue.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace two_releases_two_waiters_same_queue_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::two_releases_two_waiters_same_queue<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("two_releases_two_waiters_same_queue")
        .add<model<intrusive_list, around_gate<coalesces>>>(in_list("coalesces", verdict::broken_law))
        .add<model<coalesce<mutex_deque>::queue>>(in_deque("coalesce", verdict::broken_law))
        .add<model<coalesce<intrusive_list>::queue, barging>>(in_list("coalesce", verdict::broken_law, "barging"))
        .add<model<mutex_deque, torn_release<hand_off>>>(in_deque("torn_release", verdict::broken_law));

}  // namespace two_releases_two_waiters_same_queue_cases
