#include <surewake/models/lifetime/semaphore_destroyed_after_release.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace semaphore_destroyed_after_release_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Queue, class Discipline = hand_off>
using model = models::semaphore_destroyed_after_release<relacy_platform, Queue, Discipline>;

suite const cases =
    suite("semaphore_destroyed_after_release")
        .add<model<look_back<mutex_deque>::queue>>(in_deque("look_back", verdict::use_after_free));

}  // namespace semaphore_destroyed_after_release_cases
