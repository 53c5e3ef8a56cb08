// surewake/channel.hpp: a front door: channels with the default strategy, and all that sends and receives.
#pragma once

#include <surewake/core/coroutine/deadline_source.hpp>
#include <surewake/core/primitives/channel.hpp>
#include <surewake/coroutine.hpp>
#include <surewake/queues/intrusive_list.hpp>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

/// A bounded channel of values of type T, first in, first out.
template <class T> using channel = basic_channel<T, intrusive_list>;

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
