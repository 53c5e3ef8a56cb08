#include <surewake/models/giving_up/withdraw_after_paid.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace withdraw_after_paid_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::withdraw_after_paid<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("withdraw_after_paid")
        .add<model<refund_late<mutex_deque>::queue>>(in_deque("refund_late", verdict::broken_law), preemptions(2))
        .add<model<mutex_deque, no_refusal<hand_off>>>(in_deque("no_refusal", verdict::broken_law))
        .add<model<refunds_unclaimed>>(in_hybrid("refunds_unclaimed", verdict::broken_law))
        .add<model<forgets_bank>>(in_hybrid("forgets_bank", verdict::broken_law));

}  // namespace withdraw_after_paid_cases
