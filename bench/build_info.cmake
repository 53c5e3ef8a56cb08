# Writes OUT, a header that says what was built; leaves it alone when nothing changed. Run at every build.
execute_process(COMMAND git -C ${SOURCE} rev-parse --short=12 HEAD
  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed)
  set(commit "unknown (not a git checkout)")
else()
  execute_process(COMMAND git -C ${SOURCE} status --porcelain --untracked-files=no
    OUTPUT_VARIABLE changes OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(changes)
    string(APPEND commit " with local changes")
  endif()
endif()
set(text "#pragma once

namespace surewake::bench {

inline constexpr char const* build_commit = \"${commit}\";
inline constexpr char const* build_compiler = \"${COMPILER}\";
inline constexpr char const* build_flags = \"${FLAGS}\";

}  // namespace surewake::bench
")
set(old "")
if(EXISTS ${OUT})
  file(READ ${OUT} old)
endif()
if(NOT text STREQUAL old)
  file(WRITE ${OUT} "${text}")
endif()
