// The workers of a thread pool: how they share work, sleep and end.
#include <surewake/models/waking/pool.hpp>
#include <surewake/verify/cases/bounds.hpp>

namespace cases_of_pool {

using namespace surewake;
using namespace surewake::verify;
using P = checked_platform;

labels const over{.variant = "work_shards"};

suite const wakes =
    suite("pool_wakes").add<models::pool_wakes<P>>(over).add<models::pool_wakes<P>>(over, preemptions(2));

suite const shares =
    suite("pool_shares").add<models::pool_shares<P>>(over).add<models::pool_shares<P>>(over, preemptions(2));

suite const withdraws =
    suite("pool_withdraws").add<models::pool_withdraws<P>>(over).add<models::pool_withdraws<P>>(over, preemptions(2));

suite const closes =
    suite("pool_closes").add<models::pool_closes<P>>(over).add<models::pool_closes<P>>(over, preemptions(2));

}  // namespace cases_of_pool
