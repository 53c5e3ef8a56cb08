#include <surewake/models/giving_up/reentrant_withdraw.hpp>
#include <surewake/models/bugs/others.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace reentrant_withdraw_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::reentrant_withdraw<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("reentrant_withdraw")
        .add<model<mutex_deque, bank_lost<hand_off>>>(in_deque("bank_lost", verdict::broken_law))
        .add<model<mutex_deque, part_lost<hand_off>>>(in_deque("part_lost", verdict::broken_law));

template <template <class> class Queue, class Discipline = hand_off>
using drop = models::reentrant_drop<relacy_platform, Queue, Discipline>;

suite const dropped =
    suite("reentrant_drop")
        .add<drop<intrusive_list>>(hand_off_of("intrusive_list"), preemptions(3))
        .add<drop<mutex_deque>>(hand_off_of("mutex_deque"), preemptions(3))
        .add<drop<waker_hybrid>>(hand_off_of("waker_hybrid"), preemptions(3))
        .add<drop<segmented_queue>>(hand_off_of("segmented_queue"), preemptions(2))
        .add<drop<intrusive_list, around_gate<withdraws_locked>>>(in_list("withdraws_locked", verdict::deadlock))
        .add<drop<intrusive_list, around_gate<forgets_fed>>>(in_list("forgets_fed", verdict::broken_law));

}  // namespace reentrant_withdraw_cases
