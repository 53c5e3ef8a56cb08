#include <surewake/models/lifetime/semaphore_destroyed_by_closed.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace semaphore_destroyed_by_closed_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::semaphore_destroyed_by_closed<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("semaphore_destroyed_by_closed")
        .add<model<close_looks_back<mutex_deque>::queue>>(in_deque("close_looks_back", verdict::use_after_free))
        .add<model<intrusive_list, around_gate<closes_and_looks>>>(
            in_list("closes_and_looks", verdict::use_after_free));

}  // namespace semaphore_destroyed_by_closed_cases
