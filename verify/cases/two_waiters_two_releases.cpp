#include <surewake/models/waking/two_waiters_two_releases.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace two_waiters_two_releases_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::two_waiters_two_releases<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("two_waiters_two_releases")
        .add<model<forget_early<mutex_deque>::queue>>(in_deque("forget_early", verdict::deadlock))
        .add<model<intrusive_list, wake_on_first<barging>>>(in_list("wake_on_first", verdict::deadlock, "barging"))
        .add<model<mutex_deque, wake_on_first<barging>>>(in_deque("wake_on_first", verdict::deadlock, "barging"))
        .add<model<says_many_late>>(in_hybrid("says_many_late", verdict::data_race))
        .add<model<empties_over_grants, barging>>(in_hybrid("empties_over_grants", verdict::deadlock, "barging"))
        .add<model<stores_after_taking>>(in_hybrid("stores_after_taking", verdict::deadlock));

}  // namespace two_waiters_two_releases_cases
