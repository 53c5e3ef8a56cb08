// surewake/verify/engine/graph/whole_search.hpp: a search as a user asks for it: with limits, in several processes, and
// in several sittings.
//
// What a limit left is saved to a file, and now and then so is what is left of a search under way. A later call goes on
// from the file, with limits of its own, on this machine or another one. Its outcome counts what the earlier ones did:
// it is that of one search without a limit.
#pragma once

#include <surewake/verify/engine/graph/limits.hpp>
#include <surewake/verify/engine/graph/saved_search.hpp>
#include <surewake/verify/engine/graph/worker.hpp>
#include <surewake/verify/engine/model.hpp>

#include <filesystem>
#include <string>

namespace surewake::verify::graph {

struct search_options {
  search_limits limits{};
  search_control control{};
  unsigned processes = 0;          // that search, beside this one; 0: this one does
  std::string built_from{};        // search_identity
  std::filesystem::path resume{};  // to go on from; empty: from the beginning
  std::filesystem::path save{};    // for what is left; empty: nowhere. It may be the same file
  double save_every = 60;          // seconds of each process's processor time
};

/// Searches a program. Where it finds something or visits everything, nothing is saved. Where a file cannot be written
/// after all, the search goes on, and its outcome says so (search_outcome::unsaved).
///
/// Errors  std::runtime_error: a file cannot be read or opened, or is of another search; a process died;
///         std::logic_error: the program is not deterministic
[[nodiscard]] search_outcome search_program(make_runnable const& make, search_identity const& of,
                                            search_options const& options);
/// Does the same for a model, whose name tells it from others.
[[nodiscard]] search_outcome search_model(model_type const& model, std::string const& name,
                                          search_options const& options);

}  // namespace surewake::verify::graph
