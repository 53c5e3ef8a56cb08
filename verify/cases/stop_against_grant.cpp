#include <surewake/models/giving_up/stop_against_grant.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace stop_against_grant_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::stop_against_grant<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("stop_against_grant")
        .add<models::stop_against_grant<relacy_platform, intrusive_list, hand_off,
                                        models::hasty_signal<relacy_platform>>>(
            in_list("hasty_canceller", verdict::use_after_free))
        .add<model<mutex_deque, drop_on_cancel<hand_off>>>(in_deque("drop_on_cancel", verdict::broken_law))
        .add<model<mutex_deque, no_refusal<hand_off>>>(in_deque("no_refusal", verdict::broken_law));

}  // namespace stop_against_grant_cases
