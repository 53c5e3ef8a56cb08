// surewake/core/platform/macros_push.hpp: takes macros of other libraries out of the way of a public header;
// macros_pop.hpp brings them back. A header includes macros_push.hpp last and macros_pop.hpp at its end, so that what a
// user's other headers define (Qt's `slots`, windows.h's `min` and `max`, curses' `move`) neither rewrites our code nor
// is lost after it.
//
// The names are those of verify/checks/macros_of_others.h that our code uses; check.headers says which name is missing.
//
// Between the two, SUREWAKE_… say which thread may do what with a lock. clang's -Wthread-safety holds the code to it
// (check.locks shows that it does); for g++ they are nothing.
//   SUREWAKE_LOCK             the class is a lock: lock(), try_lock(), unlock()
//   SUREWAKE_LOCK_HOLD        the class holds a lock for a scope
//   SUREWAKE_GUARDED_BY(l)    the member is used by the holder of l only
//   SUREWAKE_NEEDS(l)         the caller holds l, and holds it afterwards
//   SUREWAKE_LOCKS(l)         the caller holds l afterwards, and did not before; of a lock itself: ()
//   SUREWAKE_TRIES_TO_LOCK    the same where it returns true
//   SUREWAKE_UNLOCKS(l)       the caller holds l, and does not afterwards
//   SUREWAKE_WITHOUT_LOCK     the function uses what is guarded without the lock, for the reason beside it
#include <surewake/core/platform/compiler.hpp>

#if defined(__clang__)
#define SUREWAKE_LOCK __attribute__((capability("lock")))
#define SUREWAKE_LOCK_HOLD __attribute__((scoped_lockable))
#define SUREWAKE_GUARDED_BY(l) __attribute__((guarded_by(l)))
#define SUREWAKE_NEEDS(l) __attribute__((requires_capability(l)))
#define SUREWAKE_LOCKS(...) __attribute__((acquire_capability(__VA_ARGS__)))
#define SUREWAKE_TRIES_TO_LOCK __attribute__((try_acquire_capability(true)))
#define SUREWAKE_UNLOCKS(...) __attribute__((release_capability(__VA_ARGS__)))
#define SUREWAKE_WITHOUT_LOCK __attribute__((no_thread_safety_analysis))
#else
#define SUREWAKE_LOCK
#define SUREWAKE_LOCK_HOLD
#define SUREWAKE_GUARDED_BY(l)
#define SUREWAKE_NEEDS(l)
#define SUREWAKE_LOCKS(...)
#define SUREWAKE_TRIES_TO_LOCK
#define SUREWAKE_UNLOCKS(...)
#define SUREWAKE_WITHOUT_LOCK
#endif

#pragma push_macro("I")
#undef I
#pragma push_macro("bit")
#undef bit
#pragma push_macro("box")
#undef box
#pragma push_macro("check")
#undef check
#pragma push_macro("current")
#undef current
#pragma push_macro("erase")
#undef erase
#pragma push_macro("likely")
#undef likely
#pragma push_macro("max")
#undef max
#pragma push_macro("min")
#undef min
#pragma push_macro("move")
#undef move
#pragma push_macro("noreturn")
#undef noreturn
#pragma push_macro("raw")
#undef raw
#pragma push_macro("slots")
#undef slots
#pragma push_macro("unlikely")
#undef unlikely
#pragma push_macro("word")
#undef word
