#include <surewake/models/closing/close_against_share.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace close_against_share_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::close_against_share<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("close_against_share")
        .add<model<mutex_deque, refunds_when_closed>>(in_deque("refunds_when_closed", verdict::broken_law))
        .add<model<mutex_deque, close_keeps_debts>>(in_deque("close_keeps_debts", verdict::broken_law))
        .add<model<intrusive_list, around_gate<keeps_fed>>>(in_list("keeps_fed", verdict::broken_law));

}  // namespace close_against_share_cases
