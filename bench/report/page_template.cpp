#include <surewake/bench/report/page_template.hpp>

// The assembler reads the file, so that no compiler has to parse some hundred kilobytes of text.
asm(".pushsection .rodata,\"a\",@progbits\n"
    ".hidden surewake_page_begin\n"
    ".global surewake_page_begin\n"
    "surewake_page_begin:\n"
    ".incbin \"" SUREWAKE_PAGE_TEMPLATE "\"\n"
    ".hidden surewake_page_end\n"
    ".global surewake_page_end\n"
    "surewake_page_end:\n"
    ".byte 0\n"
    ".popsection\n");

extern "C" {
extern char const surewake_page_begin[];
extern char const surewake_page_end[];
}

namespace surewake::bench {

std::string_view page_template() noexcept { return {surewake_page_begin, surewake_page_end}; }

}  // namespace surewake::bench
