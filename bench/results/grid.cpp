#include <surewake/bench/results/grid.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace surewake::bench {
namespace {

std::string padded(std::string_view s, std::size_t width, bool right) {
  std::size_t const shown = shown_width(s);
  std::string const space(width > shown ? width - shown : 0, ' ');
  return right ? space + std::string(s) : std::string(s) + space;
}

std::string_view cell(std::vector<std::string> const& line, std::size_t column) {
  return column < line.size() ? std::string_view(line[column]) : std::string_view();
}

std::string text_table(grid const& g) {
  std::vector<std::size_t> widths;
  for (std::string const& h : g.head) widths.push_back(shown_width(h));
  for (auto const& line : g.lines) {
    for (std::size_t c = 0; c < widths.size(); ++c) widths[c] = std::max(widths[c], shown_width(cell(line, c)));
  }
  std::string text = g.title + '\n';
  auto const add = [&](std::vector<std::string> const& line) {
    std::string all = "  " + padded(cell(line, 0), widths[0], false);
    for (std::size_t c = 1; c < widths.size(); ++c) all += "  " + padded(cell(line, c), widths[c], true);
    all.erase(all.find_last_not_of(' ') + 1);
    text += all + '\n';
  };
  add(g.head);
  for (auto const& line : g.lines) add(line);
  for (std::string const& note : g.notes) text += "  " + note + '\n';
  return text + '\n';
}

std::string markdown_cell(std::string_view text) {
  std::string out;
  for (char const c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

std::string markdown_table(grid const& g) {
  std::string text = fmt::format("### {}\n\n", g.title);
  auto const add = [&](std::vector<std::string> const& line) {
    text += '|';
    for (std::size_t c = 0; c < g.head.size(); ++c) text += fmt::format(" {} |", markdown_cell(cell(line, c)));
    text += '\n';
  };
  add(g.head);
  for (std::size_t c = 0; c < g.head.size(); ++c) text += c == 0 ? "| --- |" : " ---: |";
  text += '\n';
  for (auto const& line : g.lines) add(line);
  for (std::string const& note : g.notes) text += '\n' + note + '\n';
  return text + '\n';
}

std::string latex_table(grid const& g) {
  std::string text = fmt::format("\\begin{{table}}\n\\caption{{{}}}\n\\begin{{tabular}}{{l{}}}\n\\hline\n",
                                 latex_of(g.title), std::string(g.head.size() - 1, 'r'));
  auto const add = [&](std::vector<std::string> const& line) {
    for (std::size_t c = 0; c < g.head.size(); ++c) text += (c == 0 ? "" : " & ") + latex_of(cell(line, c));
    text += " \\\\\n";
  };
  add(g.head);
  text += "\\hline\n";
  for (auto const& line : g.lines) add(line);
  text += "\\hline\n\\end{tabular}\n";
  for (std::string const& note : g.notes) text += fmt::format("\n{{\\footnotesize {}}}\n", latex_of(note));
  return text + "\\end{table}\n\n";
}

}  // namespace

std::size_t shown_width(std::string_view text) noexcept {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

std::string latex_of(std::string_view text) {
  static constexpr std::array commands{
      std::pair{std::string_view("\\"), "\\textbackslash{}"}, std::pair{std::string_view("&"), "\\&"},
      std::pair{std::string_view("%"), "\\%"},                std::pair{std::string_view("$"), "\\$"},
      std::pair{std::string_view("#"), "\\#"},                std::pair{std::string_view("_"), "\\_"},
      std::pair{std::string_view("{"), "\\{"},                std::pair{std::string_view("}"), "\\}"},
      std::pair{std::string_view("~"), "\\textasciitilde{}"}, std::pair{std::string_view("^"), "\\textasciicircum{}"},
      std::pair{std::string_view("×"), "$\\times$"},          std::pair{std::string_view("µ"), "\\textmu{}"},
      std::pair{std::string_view("–"), "--"},                 std::pair{std::string_view("−"), "$-$"},
      std::pair{std::string_view("≥"), "$\\geq$"},            std::pair{std::string_view("≤"), "$\\leq$"},
      std::pair{std::string_view("…"), "\\dots{}"}};
  std::string out;
  while (!text.empty()) {
    auto const* const at = std::ranges::find_if(commands, [&](auto const& c) { return text.starts_with(c.first); });
    out += at == commands.end() ? std::string(1, text.front()) : std::string(at->second);
    text.remove_prefix(at == commands.end() ? 1 : at->first.size());
  }
  return out;
}

std::string written(std::vector<grid> const& grids, table_format format) {
  std::string all;
  for (grid const& g : grids) {
    all += format == table_format::markdown ? markdown_table(g)
           : format == table_format::latex  ? latex_table(g)
                                            : text_table(g);
  }
  return all;
}

}  // namespace surewake::bench
