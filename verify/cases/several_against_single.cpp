#include <surewake/models/giving_up/several_against_single.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace several_against_single_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::several_against_single<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("several_against_single")
        .add<model<intrusive_list, around_gate<forgets_fed>>>(in_list("forgets_fed", verdict::broken_law))
        .add<model<mutex_deque, bank_lost<hand_off>>>(in_deque("bank_lost", verdict::deadlock))
        .add<model<intrusive_list, wake_one<barging>>>(in_list("wake_one", verdict::deadlock, "barging"))
        .add<model<never_looks_again<mutex_deque>::queue, barging>>(
            in_deque("never_looks_again", verdict::deadlock, "barging"), preemptions(2))
        .add<model<looks_too_early, barging>>(in_hybrid("looks_too_early", verdict::deadlock, "barging"));

}  // namespace several_against_single_cases
