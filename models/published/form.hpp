// surewake/models/published/form.hpp: every published mistake is modelled twice, with one difference.
#pragma once

#include <cstdint>

namespace surewake::models::published {

enum class form : std::uint8_t { as_published, repaired };

}  // namespace surewake::models::published
