# Writes OUT, which holds the text of the sources that traces quote: FILES, a list of paths below ROOT in a file.
file(STRINGS ${FILES} names)
file(WRITE ${OUT}.new "#include <surewake/verify/engine/source_text.hpp>

namespace surewake::verify {

namespace {

using namespace std::string_view_literals;  // whose length is known: to count it is more than g++ 12 evaluates

constexpr source_file files[] = {
")
foreach(name ${names})
  file(READ ${ROOT}/${name} text)
  file(APPEND ${OUT}.new "{\"${name}\", R\"surewake_text(${text})surewake_text\"sv},\n")
endforeach()
file(APPEND ${OUT}.new "};

}  // namespace

std::span<source_file const> built_sources() noexcept { return files; }

}  // namespace surewake::verify
")
file(RENAME ${OUT}.new ${OUT})
