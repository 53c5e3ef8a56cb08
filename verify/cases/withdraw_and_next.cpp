#include <surewake/models/giving_up/withdraw_and_next.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace withdraw_and_next_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::withdraw_and_next<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("withdraw_and_next")
        .add<model<intrusive_list, around_gate<drops_on_cancel>>>(in_list("drop_on_cancel", verdict::deadlock))
        .add<model<mutex_deque, drop_on_cancel<hand_off>>>(in_deque("drop_on_cancel", verdict::deadlock))
        .add<model<stays_in_line>>(in_hybrid("stays_in_line", verdict::use_after_free))
        .add<model<empties_anothers_slot>>(in_hybrid("empties_anothers_slot", verdict::deadlock));

}  // namespace withdraw_and_next_cases
