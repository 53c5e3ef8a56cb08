#include <surewake/models/lifetime/waiter_destroyed_after_grant.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace waiter_destroyed_after_grant_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::waiter_destroyed_after_grant<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("waiter_destroyed_after_grant")
        .add<model<intrusive_list, around_gate<looks_back>>>(in_list("looks_back", verdict::use_after_free))
        .add<model<look_back<mutex_deque>::queue>>(in_deque("look_back", verdict::use_after_free))
        .add<model<look_at_waiter<intrusive_list>::queue, barging>>(
            in_list("look_at_waiter", verdict::use_after_free, "barging"));

}  // namespace waiter_destroyed_after_grant_cases
