// surewake/verify/engine/graph/active.hpp: the search that this process is in.
#pragma once

namespace surewake::verify::graph {

class runtime;
class watch;

/// The search under way, if any: it runs the models of this process (runtime.hpp).
inline runtime* active = nullptr;
/// The watch of its run, if that has one (watch.hpp).
inline watch* watched = nullptr;

}  // namespace surewake::verify::graph
