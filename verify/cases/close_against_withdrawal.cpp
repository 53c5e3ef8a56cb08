#include <surewake/models/closing/close_against_withdrawal.hpp>
#include <surewake/verify/cases/seeded.hpp>

namespace close_against_withdrawal_cases {

using namespace surewake;
using namespace surewake::verify;
using namespace surewake::models::bugs;

suite const cases =
    suite("close_against_withdrawal")
        .add<models::close_against_withdrawal<relacy_platform, mutex_deque, refuses_when_closed>>(
            in_deque("refuses_when_closed", verdict::livelock, "barging"));

}  // namespace close_against_withdrawal_cases
