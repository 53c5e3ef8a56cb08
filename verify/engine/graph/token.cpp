#include <surewake/verify/engine/graph/frontier.hpp>
#include <surewake/verify/engine/graph/token.hpp>

#include <stdexcept>

namespace surewake::verify::graph {

namespace {

constexpr std::string_view prefix = "graph.";
constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr unsigned char version = 2;
constexpr std::size_t header = 8;
constexpr unsigned reuses = 128;  // beside the memory model
constexpr std::size_t checksum_bytes = 2;
constexpr unsigned most_in_a_row = 31;

using bytes = std::vector<unsigned char>;

[[noreturn]] void damaged() { throw std::invalid_argument("the token is damaged: it was cut off, or mistyped"); }

/// Fletcher's checksum, which sees digits that changed places.
[[nodiscard]] unsigned checksum(bytes const& of, std::size_t n) noexcept {
  unsigned a = 1;
  unsigned b = 0;
  for (std::size_t i = 0; i != n; ++i) {
    a = (a + of[i]) % 251;
    b = (b + a) % 251;
  }
  return b << 8 | a;
}

[[nodiscard]] std::string encoded(bytes const& all) {
  std::string text;
  unsigned held = 0;
  unsigned bits = 0;
  for (unsigned const byte : all) {
    held = held << 8 | byte;
    for (bits += 8; bits >= 6; bits -= 6) text += digits[held >> (bits - 6) & 63];
  }
  if (bits != 0) text += digits[held << (6 - bits) & 63];
  return text;
}

[[nodiscard]] bytes decoded(std::string_view text) {
  bytes all;
  unsigned held = 0;
  unsigned bits = 0;
  for (char const c : text) {
    auto const digit = digits.find(c);
    if (digit == std::string_view::npos)
      throw std::invalid_argument(std::string("the token has a character that no token has: ") + c);
    held = held << 6 | static_cast<unsigned>(digit);
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    all.push_back(static_cast<unsigned char>(held >> bits & 255));
  }
  return all;
}

void put(bytes& to, std::uint32_t n) {
  for (; n >= 128; n >>= 7) to.push_back(static_cast<unsigned char>(n | 128));
  to.push_back(static_cast<unsigned char>(n));
}

/// Returns how many writes of the location are after `place`, among those that were there before event `e`.
[[nodiscard]] std::uint32_t newer(execution const& g, event_id e, std::int32_t place) {
  std::vector<event_id> const& co = g.writes(g[e].asked.where);
  std::uint32_t n = 0;
  for (auto p = static_cast<std::size_t>(place) + 1; p != co.size(); ++p) n += co[p] < e ? 1U : 0U;
  return n;
}

void put_decisions(bytes& to, std::vector<decision> const& all) {
  for (std::size_t i = 0; i != all.size();) {
    auto const thread = static_cast<unsigned>(all[i].thread) << 5;
    unsigned n = 0;
    while (i + n != all.size() && n != most_in_a_row && all[i + n] == decision{all[i].thread, 0}) ++n;
    to.push_back(static_cast<unsigned char>(thread | n));
    if (n == 0) put(to, all[i].which);
    i += n == 0 ? 1 : n;
  }
}

[[nodiscard]] std::vector<decision> take_decisions(bytes const& from, std::size_t end) {
  std::vector<decision> all;
  for (std::size_t i = header; i != end;) {
    auto const thread = static_cast<std::uint8_t>(from[i] >> 5);
    unsigned const n = from[i++] & most_in_a_row;
    all.insert(all.end(), n, decision{thread, 0});
    if (n != 0) continue;
    std::uint32_t which = 0;
    for (unsigned shift = 0;; shift += 7) {
      if (i == end || shift > 28) damaged();
      which |= static_cast<std::uint32_t>(from[i] & 127) << shift;
      if (from[i++] < 128) break;
    }
    all.push_back({thread, which});
  }
  return all;
}

}  // namespace

std::vector<decision> decisions_of(execution const& g) {
  std::vector<decision> all;
  for (event_id e = 0; e != g.size(); ++e) {
    event const& it = g[e];
    if (it.what == kind::initial || (it.what == kind::write && it.half)) continue;
    std::uint32_t which = 0;
    if (it.what == kind::choice) which = static_cast<std::uint32_t>(it.seen);
    if (it.what == kind::read) which = newer(g, e, g[it.reads].place);
    if (it.what == kind::write) which = newer(g, e, it.place);
    all.push_back({it.thread, which});
  }
  return all;
}

std::uint32_t print_of(execution const& g) noexcept { return static_cast<std::uint32_t>(fingerprint(g) & 0xFF'FFFF); }

bool is_token(std::string_view text) noexcept { return text.substr(0, prefix.size()) == prefix; }

std::string to_text(token const& t) {
  auto const memory = static_cast<unsigned>(t.memory) | (t.reuse ? reuses : 0U);
  bytes all{version, static_cast<unsigned char>(memory), static_cast<unsigned char>(t.rare),
            static_cast<unsigned char>(t.yields), static_cast<unsigned char>(t.threads)};
  for (unsigned const shift : {16U, 8U, 0U}) all.push_back(static_cast<unsigned char>(t.print >> shift & 255));
  put_decisions(all, t.decisions);
  unsigned const sum = checksum(all, all.size());
  all.push_back(static_cast<unsigned char>(sum >> 8));
  all.push_back(static_cast<unsigned char>(sum & 255));
  return std::string(prefix) + encoded(all);
}

token parse_token(std::string_view text) {
  if (!is_token(text)) throw std::invalid_argument("a token begins with \"graph.\"");
  bytes const all = decoded(text.substr(prefix.size()));
  if (all.empty()) damaged();
  if (all[0] != version) throw std::invalid_argument("the token is of another version of surewake");
  if (all.size() < header + checksum_bytes) damaged();
  std::size_t const end = all.size() - checksum_bytes;
  if (checksum(all, end) != static_cast<unsigned>(all[end] << 8 | all[end + 1])) damaged();
  auto const memory = static_cast<unsigned char>(all[1] & ~reuses);
  if (memory > static_cast<unsigned char>(memory_model::cpp20) || all[4] > max_threads) damaged();
  std::uint32_t const print = std::uint32_t{all[5]} << 16 | std::uint32_t{all[6]} << 8 | all[7];
  return {static_cast<memory_model>(memory), all[2], all[3], all[4], take_decisions(all, end),
          (all[1] & reuses) != 0, print};
}

}  // namespace surewake::verify::graph
