#include <surewake/verify/engine/graph/wide.hpp>
#include <surewake/verify/engine/graph/words.hpp>

#include <fmt/format.h>

namespace surewake::verify::graph {

char const* in_words(order o) noexcept {
  switch (o) {
    case order::plain: return "plain";
    case order::relaxed: return "relaxed";
    case order::acquire: return "acquire";
    case order::release: return "release";
    case order::acq_rel: return "acq_rel";
    case order::seq_cst: break;
  }
  return "seq_cst";
}

namespace {

std::string fence_in_words(request const& r) {
  if (r.with_fences == reach::full) return fmt::format("{} fence", in_words(r.with));
  return r.with_fences == reach::light ? "light fence" : "heavy fence";
}

std::string modification_in_words(request const& r, char const* what) {
  return fmt::format("{} {} of {} to location {}", in_words(r.with), what, text_of_value(r.operand, r.bytes),
                     r.where);
}

}  // namespace

std::string in_words(request const& r) {
  switch (r.what) {
    case operation::load: return fmt::format("{} load of location {}", in_words(r.with), r.where);
    case operation::store: return modification_in_words(r, "store");
    case operation::exchange: return modification_in_words(r, "exchange");
    case operation::add: return modification_in_words(r, "fetch_add");
    case operation::sub: return modification_in_words(r, "fetch_sub");
    case operation::bit_and: return modification_in_words(r, "fetch_and");
    case operation::bit_or: return modification_in_words(r, "fetch_or");
    case operation::compare_exchange:
      return fmt::format("{} compare-exchange of location {} from {} to {}, {} on failure", in_words(r.with), r.where,
                         text_of_value(r.expected, r.bytes), text_of_value(r.operand, r.bytes), in_words(r.failure));
    case operation::fence: return fence_in_words(r);
    case operation::allocate: return fmt::format("allocation of {} bytes, aligned to {}", r.operand, r.expected);
    case operation::choice: break;
  }
  return fmt::format("{}choice of one of {}", r.is_rare ? "rare " : "", r.operand);
}

}  // namespace surewake::verify::graph
