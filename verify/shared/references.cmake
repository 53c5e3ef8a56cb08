# Writes OUT: the bibliography, and which of its entries each header of ours cites as its source ([@key] in its text).
# FILES: a list of paths below ROOT, in a file.
file(READ ${ROOT}/verify/shared/references.bib bibliography)
set(text "#include <surewake/verify/shared/references.hpp>

namespace surewake::program::detail {

std::string_view bibliography() noexcept { return R\"bib(${bibliography})bib\"; }

std::span<citing const> citing_headers() noexcept {
  static constexpr citing all[] = {
")
file(STRINGS ${FILES} names)
foreach(name ${names})
  file(READ ${ROOT}/${name} header)
  string(REGEX MATCHALL "\\[@[a-z0-9]+\\]" keys "${header}")
  foreach(key ${keys})
    string(REGEX REPLACE "[^a-z0-9]" "" key "${key}")
    string(APPEND text "      {\"${name}\", \"${key}\"},\n")
  endforeach()
endforeach()
string(APPEND text "  };
  return all;
}

}  // namespace surewake::program::detail
")
file(WRITE ${OUT} "${text}")
