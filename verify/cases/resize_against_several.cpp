#include <surewake/models/counting/resize_against_several.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace resize_against_several_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::resize_against_several<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("resize_against_several",
          "Permits are added and taken away while requests of several sizes come: who gets what exists?")
        .over_strategies<models::resize_against_several>({}, sampled(5'000))
        .over_strategies<models::resize_against_several>({}, preemptions(2, 0.5))
        .add<model<mutex_deque, reduce_blindly>>(in_deque("reduce_blindly", verdict::broken_law));

}  // namespace resize_against_several_cases
