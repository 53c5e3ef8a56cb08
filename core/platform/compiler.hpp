// surewake/core/platform/compiler.hpp: what surewake requires of a compiler and its library, refused in words where it
// is missing.
//
// Every header of surewake includes it, at least through another one, so that a user reads one sentence instead of
// pages about templates. It defines no macro.
#pragma once

#include <version>

#if defined(__clang__)
#if __clang_major__ < 14
#error "surewake needs clang 14 or newer (or g++ 12 or newer)"
#endif
#elif defined(__GNUC__)
#if __GNUC__ < 12
#error "surewake needs g++ 12 or newer (or clang 14 or newer)"
#endif
#else
#error "surewake needs g++ (12 or newer) or clang (14 or newer)"
#endif

#if __cplusplus < 202002L
#error "surewake needs C++20: compile with -std=c++20 or newer"
#endif

#if !defined(__cpp_exceptions)
#error "surewake reports misuse and closing by exceptions: compile without -fno-exceptions"
#endif

#if defined(_WIN32) && (!defined(__MINGW32__) || !defined(_WIN64))
#error "surewake runs on 64-bit Windows by MinGW-w64"
#endif

#if defined(_WIN32) && defined(__GLIBCXX__) && !defined(_GLIBCXX_HAS_GTHREADS)
#error "surewake needs MinGW-w64 with POSIX threads (Debian: g++-mingw-w64-x86-64-posix)"
#endif

#if !defined(__cpp_lib_jthread)
#error "surewake needs std::stop_token: libstdc++ 12, libc++ 20, or an older libc++ with -fexperimental-library"
#endif

#if !defined(__linux__) && !defined(_WIN32)
#error "surewake runs on Linux, and on Windows by MinGW-w64"
#endif
