#include <surewake/models/bugs/locks.hpp>
#include <surewake/models/waking/turns_under_lock.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace turns_under_lock_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

template <template <class> class Lock> using model = models::turns_under_lock<relacy_platform, Lock>;

labels in_futex_lock(std::string bug, verdict by) { return caught(std::move(bug), by, "futex_lock", ""); }

suite const cases =
    suite("turns_under_lock")
        .add<model<futex_lock_relaxed>>(in_futex_lock("lock_relaxed", verdict::data_race))
        .add<model<futex_unlock_relaxed>>(in_futex_lock("unlock_relaxed", verdict::data_race))
        .add<model<forgets_others>>(in_futex_lock("forgets_others", verdict::deadlock))
        .add<model<never_wakes>>(in_futex_lock("never_wakes", verdict::deadlock))
        .add<model<looks_after>>(in_futex_lock("looks_after", verdict::use_after_free));

}  // namespace turns_under_lock_cases
