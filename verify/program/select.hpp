// surewake/verify/program/select.hpp: which cases a command line means.
#pragma once

#include <surewake/verify/engine/case.hpp>
#include <surewake/verify/shared/program.hpp>

namespace surewake::verify {

using program::usage_error;

/// Returns true where `pattern` names `name`: `*` matches any characters and `?` any single one; a pattern without them
/// is a part of the name.   Cost  at most the product of the two lengths, however many stars there are.
[[nodiscard]] bool matches(std::string_view pattern, std::string_view name);

/// Part `index` of `count`, counted from 1.
struct shard {
  unsigned index = 1;
  unsigned count = 1;
};
/// Reads "2/3".   Errors  usage_error, which names the text and what is allowed.
[[nodiscard]] shard parse_shard(std::string_view text);

/// Returns the cases that one of the patterns matches (all, where there is none), in their order; of those, every
/// count-th. A pattern that is the whole name of a case means that case alone.
///
/// Errors  usage_error where a pattern is empty or matches nothing, or the shard is empty; it names the nearest cases.
[[nodiscard]] std::vector<test_case const*> select(std::vector<test_case> const& all,
                                                   std::vector<std::string> const& patterns, shard part = {});

/// Returns the case of that name.   Errors  usage_error, which names the nearest cases.
[[nodiscard]] test_case const& find_case(std::vector<test_case> const& all, std::string_view name);

}  // namespace surewake::verify
