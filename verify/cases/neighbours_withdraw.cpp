#include <surewake/models/order/neighbours_withdraw.hpp>
#include <surewake/models/bugs/others.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace neighbours_withdraw_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::neighbours_withdraw<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("neighbours_withdraw")
        .add<model<coalesced_withdrawal<mutex_deque>::queue>>(in_deque("coalesced_withdrawal", verdict::broken_law));

}  // namespace neighbours_withdraw_cases
