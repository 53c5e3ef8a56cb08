// surewake/condition_variable.hpp: a front door: an async condition variable with its default strategy, and its mutex.
#pragma once

#include <surewake/core/primitives/condition_variable.hpp>
#include <surewake/mutex.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// The default: first come, first served over intrusive_list. No wait allocates, but those with a predicate in a
/// coroutine, which have a frame, and, as a mutex's, those with a time limit.
using condition_variable = basic_condition_variable<intrusive_list>;

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
