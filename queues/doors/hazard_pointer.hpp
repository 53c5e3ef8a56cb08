// surewake/hazard_pointer.hpp: a front door: hazard pointers as C++26's <hazard_pointer> has them, and, for another
// platform or a domain of one's own, the templates that they are made of.
#pragma once

#include <surewake/core/reclaim/standard_hazard_pointer.hpp>
