#include <surewake/models/waking/release_in_window.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace release_in_window_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::release_in_window<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("release_in_window")
        .add<model<forget_early<mutex_deque>::queue>>(in_deque("forget_early", verdict::deadlock))
        .add<model<forget_early<intrusive_list>::queue, barging>>(in_list("forget_early", verdict::deadlock, "barging"))
        .add<model<mutex_deque, torn_release<hand_off>>>(in_deque("torn_release", verdict::deadlock))
        .add<model<empties_over_claim, barging>>(in_hybrid("empties_over_claim", verdict::deadlock, "barging"));

}  // namespace release_in_window_cases
