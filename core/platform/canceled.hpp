// surewake/core/platform/canceled.hpp: the system's number for an operation that was given up.
#pragma once

#include <surewake/core/platform/compiler.hpp>

#if !defined(_WIN32)
#include <cerrno>
#endif

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake { namespace detail {

#if defined(_WIN32)
inline constexpr int canceled_error = 995;  // ERROR_OPERATION_ABORTED, which libstdc++ 12 maps to no std::errc
#else
inline constexpr int canceled_error = ECANCELED;
#endif

}}  // namespace surewake::detail

#include <surewake/core/platform/macros_pop.hpp>
