#include <surewake/models/waking/mutual_exclusion.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace mutual_exclusion_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::mutual_exclusion<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("mutual_exclusion")
        .add<model<mutex_deque, release_relaxed<hand_off>>>(in_deque("release_relaxed", verdict::data_race))
        .add<model<intrusive_list, release_relaxed<barging>>>(in_list("release_relaxed", verdict::data_race, "barging"))
        .add<model<mutex_deque, acquire_relaxed<hand_off>>>(in_deque("acquire_relaxed", verdict::data_race))
        .add<model<intrusive_list, acquire_relaxed<barging>>>(in_list("acquire_relaxed", verdict::data_race, "barging"))
        .add<model<lock_relaxed, barging>>(in_list("lock_relaxed", verdict::data_race, "barging"))
        .add<model<unlock_relaxed, barging>>(in_list("unlock_relaxed", verdict::data_race, "barging"))
        .add<model<gate_lock_relaxed>>(in_list("gate_lock_relaxed", verdict::data_race))
        .add<model<gate_unlock_relaxed>>(in_list("gate_unlock_relaxed", verdict::data_race));

}  // namespace mutual_exclusion_cases
