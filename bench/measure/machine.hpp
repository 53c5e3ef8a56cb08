// surewake/bench/measure/machine.hpp: where and with what a measurement was made; goes into the first line of
// results.jsonl.
#pragma once

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string>

namespace surewake::bench {

/// Returns CPU, cores, governor, kernel, compiler, flags, versions of what is linked and compared with, commit.
[[nodiscard]] nlohmann::ordered_json describe_machine();

/// Returns the three load averages.
[[nodiscard]] nlohmann::ordered_json load_average();

}  // namespace surewake::bench
