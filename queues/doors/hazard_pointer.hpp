// surewake/hazard_pointer.hpp: a front door: hazard pointers, after the standard's [saferecl.hp].
#pragma once

#include <surewake/core/reclaim/hazard_pointer.hpp>
