#include <surewake/models/giving_up/withdraw_against_grant.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace withdraw_against_grant_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::withdraw_against_grant<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("withdraw_against_grant")
        .add<model<intrusive_list, around_gate<drops_on_cancel>>>(in_list("drop_on_cancel", verdict::broken_law))
        .add<model<intrusive_list, around_gate<gives_twice>>>(in_list("gives_twice", verdict::broken_law))
        .add<model<mutex_deque, drop_on_cancel<hand_off>>>(in_deque("drop_on_cancel", verdict::broken_law))
        .add<model<mutex_deque, no_refusal<hand_off>>>(in_deque("no_refusal", verdict::broken_law))
        .add<model<grant_twice<mutex_deque>::queue>>(in_deque("grant_twice", verdict::broken_law))
        .add<model<leaves_after_grant>>(in_hybrid("leaves_after_grant", verdict::broken_law));

}  // namespace withdraw_against_grant_cases
