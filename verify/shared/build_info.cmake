# Writes OUT, a header that says what was built; leaves it alone when nothing changed. Run at every build, so that a
# commit made after the configuration counts. Without git, or where the sources are not the top of a checkout (an
# archive, also one unpacked inside of another project's checkout), it says so.
set(commit "unknown (the sources are no git checkout)")
execute_process(COMMAND git -C ${SOURCE} rev-parse --show-toplevel
  OUTPUT_VARIABLE top OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_VARIABLE why RESULT_VARIABLE failed)
if(NOT failed)
  file(REAL_PATH ${SOURCE} source)
  file(REAL_PATH ${top} top)
  if(top STREQUAL source)
    execute_process(COMMAND git -C ${SOURCE} rev-parse --short=12 HEAD
      OUTPUT_VARIABLE head OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
    if(NOT failed)
      set(commit ${head})
      execute_process(COMMAND git -C ${SOURCE} status --porcelain --untracked-files=no
        OUTPUT_VARIABLE changes OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
      if(changes)
        string(APPEND commit "+dirty")
      endif()
    endif()
  endif()
elseif(why MATCHES "dubious ownership")
  set(commit "unknown (git does not trust the checkout's owner)")
endif()
set(text "#pragma once

namespace surewake::program {

inline constexpr char const* build_version = \"${VERSION}\";
inline constexpr char const* build_commit = \"${commit}\";
inline constexpr char const* build_compiler = \"${COMPILER}\";
inline constexpr char const* build_flags = \"${FLAGS}\";

}  // namespace surewake::program
")
set(old "")
if(EXISTS ${OUT})
  file(READ ${OUT} old)
endif()
if(NOT text STREQUAL old)
  file(WRITE ${OUT} "${text}")
endif()
