#include <surewake/models/order/order_after_withdrawal.hpp>
#include <surewake/models/bugs/others.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace order_after_withdrawal_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::order_after_withdrawal<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("order_after_withdrawal")
        .add<model<next_to_the_back>>(in_list("next_to_the_back", verdict::broken_law))
        .add<model<next_to_the_back_in_gate>>(in_list("next_to_the_back_in_gate", verdict::broken_law));

}  // namespace order_after_withdrawal_cases
