// surewake/core/platform/macros_push.hpp: takes macros of other libraries out of the way of a public header;
// macros_pop.hpp brings them back. A header includes macros_push.hpp last and macros_pop.hpp at its end, so that what a
// user's other headers define (Qt's `slots`, windows.h's `min` and `max`, curses' `move`) neither rewrites our code nor
// is lost after it.
//
// The names are those of verify/checks/macros_of_others.h that our code uses; check.headers says which name is missing.
#include <surewake/core/platform/compiler.hpp>

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
