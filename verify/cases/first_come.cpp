#include <surewake/models/order/first_come.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace first_come_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::first_come<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("first_come")
        .add<model<last_come_first>>(in_list("last_come_first", verdict::broken_law))
        .add<model<last_come_first_in_gate>>(in_list("last_come_first_in_gate", verdict::broken_law))
        .add<model<smallest_first>>(in_list("smallest_first", verdict::broken_law))
        .add<model<smallest_first_in_gate>>(in_list("smallest_first_in_gate", verdict::broken_law))
        .add<model<empties_without_lock>>(in_hybrid("empties_without_lock", verdict::broken_law));

}  // namespace first_come_cases
