#include <surewake/models/waking/try_acquire_against_waiter.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace try_acquire_against_waiter_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::try_acquire_against_waiter<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("try_acquire_against_waiter")
        .add<model<intrusive_list, around_gate<takes_then_looks>>>(in_list("takes_then_looks", verdict::broken_law))
        .add<model<intrusive_list, uncounted>>(in_list("uncounted", verdict::broken_law, "barging"))
        .add<model<mutex_deque, below_zero>>(in_deque("below_zero", verdict::broken_law));

}  // namespace try_acquire_against_waiter_cases
