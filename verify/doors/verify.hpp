// surewake/verify.hpp: everything that a program needs to check a strategy, a discipline or a model of its own.
//
// The program links surewake::verify_main, which is its main(): list, run, trace, weaken and bugs over the cases that
// its files register. verify/README.md shows one, "Your own variation"; case.hpp says what a model and a case are.
// <surewake/verify/every_model.hpp> has every model that surewake ships, over one strategy or one discipline.
#pragma once

#include <surewake/verify/cases/strategies.hpp>
#include <surewake/verify/engine/case.hpp>
#include <surewake/verify/engine/your_sources.hpp>

// The folder below which the sources of the program are; surewake-config.cmake defines it.
#ifndef SUREWAKE_ROOT
#define SUREWAKE_ROOT ""
#endif

namespace surewake::verify {

namespace {

[[maybe_unused]] bool const sources_are_known = sources_are(__FILE__, SUREWAKE_ROOT, "GNU " __VERSION__);

}  // namespace

}  // namespace surewake::verify
