// surewake/queues/zero_cost_code.test.hpp: the functions of zero_cost_code.cpp: each acquires one free permit and gives
// it back.
#pragma once

namespace surewake::zero_cost {

void hand_written();
void awaited();   // what co_await does where it need not suspend
void blocking();
void awaited_barging();
void blocking_barging();

void slow_path();  // where a permit lacks or somebody waits; never reached

}  // namespace surewake::zero_cost
