#include <surewake/models/closing/close_against_release.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace close_against_release_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::close_against_release<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("close_against_release")
        .add<model<intrusive_list, around_gate<keeps_fed>>>(in_list("keeps_fed", verdict::broken_law))
        .add<model<mutex_deque, close_keeps_debts>>(in_deque("close_keeps_debts", verdict::broken_law));

}  // namespace close_against_release_cases
