// surewake/verify/engine/your_sources.hpp: where the sources of a program's cases are, for its traces.
#pragma once

#include <string_view>

namespace surewake::verify {

/// Says where sources are now: ours in the folder of `header`, those of a user below `root`; neither, if it is empty.
/// Traces name the former as they are in that folder, and the latter as they are below that root. `compiler`: which one
/// built the cases, where that need not be the one that built the engine. Returns true.
bool sources_are(std::string_view header, std::string_view root, std::string_view compiler = {});

}  // namespace surewake::verify
