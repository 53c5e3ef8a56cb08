// surewake/verify/engine/graph/saved_search.hpp: a search in a file, from which another process goes on.
//
// The file is JSON. It names its format and version, what it is the search of, what was counted so far and what is left
// (frontier.hpp), and ends with a checksum. It has no addresses, so another machine can go on with it. A file that is
// not whole, of another version or of another search is refused with the reason; the program itself is compared too,
// when its graphs are brought back (does_not_fit).
#pragma once

#include <surewake/verify/engine/graph/frontier.hpp>
#include <surewake/verify/engine/graph/limits.hpp>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace surewake::verify::graph {

/// What decides which executions there are.
struct search_identity {
  std::string program{};     // its name
  std::string built_from{};  // a digest of the sources, or whatever the caller tells builds apart by
  memory_model memory = memory_model::cpp20;
  unsigned threads = 0;
  unsigned rare = 0;
  unsigned yields = 0;
  bool reuse = false;
  bool operator==(search_identity const&) const = default;
};

struct saved_search {
  search_identity of{};
  search_outcome so_far{};  // its counts, seconds and share
  std::vector<frontier> left{};
};

[[nodiscard]] std::string to_text(saved_search const& s);
/// Errors  std::runtime_error, which says what is wrong with the text, or in what it is not the search `of`
[[nodiscard]] saved_search from_text(std::string_view text, search_identity const& of);

/// Writes it to the file, where an earlier one stays until the new one is whole.
///
/// Errors  std::runtime_error, which names the file
void save(std::filesystem::path const& file, saved_search const& s);
/// Errors  std::runtime_error, which names the file, and says as above what is wrong with it
[[nodiscard]] saved_search load(std::filesystem::path const& file, search_identity const& of);

}  // namespace surewake::verify::graph
