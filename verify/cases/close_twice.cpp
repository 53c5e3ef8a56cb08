#include <surewake/models/closing/close_twice.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace close_twice_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::close_twice<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("close_twice")
        .add<model<mutex_deque, second_close_opens>>(in_deque("second_close_opens", verdict::broken_law));

}  // namespace close_twice_cases
