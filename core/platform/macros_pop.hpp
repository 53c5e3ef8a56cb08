// surewake/core/platform/macros_pop.hpp: the end of what macros_push.hpp began.

#pragma pop_macro("I")
#pragma pop_macro("bit")
#pragma pop_macro("box")
#pragma pop_macro("check")
#pragma pop_macro("current")
#pragma pop_macro("erase")
#pragma pop_macro("likely")
#pragma pop_macro("max")
#pragma pop_macro("min")
#pragma pop_macro("move")
#pragma pop_macro("noreturn")
#pragma pop_macro("raw")
#pragma pop_macro("slots")
#pragma pop_macro("unlikely")
#pragma pop_macro("word")

#undef SUREWAKE_LOCK
#undef SUREWAKE_LOCK_HOLD
#undef SUREWAKE_GUARDED_BY
#undef SUREWAKE_NEEDS
#undef SUREWAKE_LOCKS
#undef SUREWAKE_TRIES_TO_LOCK
#undef SUREWAKE_UNLOCKS
#undef SUREWAKE_WITHOUT_LOCK
