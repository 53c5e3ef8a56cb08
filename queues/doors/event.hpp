// surewake/event.hpp: a front door: events with the default strategy, and all that waits for one.
#pragma once

#include <surewake/core/coroutine/deadline_source.hpp>
#include <surewake/core/primitives/event.hpp>
#include <surewake/coroutine.hpp>
#include <surewake/queues/intrusive_list.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// An event that ends one wait for each set(), or stores one.
using auto_reset_event = basic_auto_reset_event<intrusive_list>;
/// An event that stays set until it is reset.
using manual_reset_event = basic_manual_reset_event<intrusive_list>;

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
