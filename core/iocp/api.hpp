// surewake/core/iocp/api.hpp: <windows.h>, without the macros that it need not define. On Linux it is empty.
#pragma once

#include <surewake/core/platform/compiler.hpp>

#if defined(_WIN32)
#if !defined(NOMINMAX)
#define NOMINMAX
#define SUREWAKE_NOMINMAX
#endif
#if !defined(WIN32_LEAN_AND_MEAN)
#define WIN32_LEAN_AND_MEAN
#define SUREWAKE_LEAN
#endif
#include <windows.h>
#if defined(SUREWAKE_NOMINMAX)
#undef NOMINMAX
#undef SUREWAKE_NOMINMAX
#endif
#if defined(SUREWAKE_LEAN)
#undef WIN32_LEAN_AND_MEAN
#undef SUREWAKE_LEAN
#endif
#endif
