// surewake/core/uring/liburing.hpp: <liburing.h> without the macros of <linux/fs.h>, which rewrite what is included
// later.
//
// liburing's header (2.3 to 2.15) includes <linux/fs.h> for one type, __kernel_rwf_t. With it come BLOCK_SIZE and other
// short names. For example, moodycamel's ConcurrentQueue has a member BLOCK_SIZE, and no longer compiled after
// loop.hpp. So the type is declared here, and <linux/fs.h> is not read. A program that wants <linux/fs.h> includes it,
// before or after this header. verify/checks/headers.py shows both.
#pragma once

#include <surewake/core/platform/compiler.hpp>

#ifdef _LINUX_FS_H
#include <liburing.h>
#else
#define _LINUX_FS_H
typedef int __kernel_rwf_t;
#include <liburing.h>
#undef _LINUX_FS_H
#endif

#include <surewake/core/platform/macros_push.hpp>

#include <surewake/core/platform/macros_pop.hpp>
