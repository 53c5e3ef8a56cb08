#include <surewake/models/closing/close_against_acquire.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace close_against_acquire_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::close_against_acquire<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("close_against_acquire")
        .add<model<intrusive_list, around_gate<misses_arriving>>>(in_list("misses_arriving", verdict::deadlock))
        .add<model<close_misses_arriving<mutex_deque>::queue>>(in_deque("close_misses_arriving", verdict::deadlock))
        .add<model<close_wakes_nobody<mutex_deque>::queue, barging>>(
            in_deque("close_wakes_nobody", verdict::broken_law, "barging"))
        .add<model<mutex_deque, close_keeps_debts>>(in_deque("close_keeps_debts", verdict::broken_law))
        .add<model<empties_when_closed>>(in_hybrid("empties_when_closed", verdict::broken_law));

}  // namespace close_against_acquire_cases
