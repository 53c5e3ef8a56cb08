#include <surewake/bench/results/references.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace surewake::bench {
namespace {

constexpr std::array sources{
    source{"cqs2023", "article", "Koval, Nikita; Khalanskiy, Dmitry; Alistarh, Dan",
           "CQS: A Formally-Verified Framework for Fair and Abortable Synchronization",
           "Proceedings of the ACM on Programming Languages 7 (PLDI)", "2023", "https://doi.org/10.1145/3591230"},
    source{"michael1996", "inproceedings", "Michael, Maged M.; Scott, Michael L.",
           "Simple, Fast, and Practical Non-Blocking and Blocking Concurrent Queue Algorithms",
           "Proceedings of the 15th ACM Symposium on Principles of Distributed Computing", "1996",
           "https://doi.org/10.1145/248052.248106"},
    source{
        "michael2004", "article", "Michael, Maged M.", "Hazard Pointers: Safe Memory Reclamation for Lock-Free Objects",
        "IEEE Transactions on Parallel and Distributed Systems 15(6)", "2004", "https://doi.org/10.1109/TPDS.2004.8"},
    source{"treiber1986", "techreport", "Treiber, R. Kent", "Systems Programming: Coping with Parallelism",
           "IBM Almaden Research Center, RJ 5118", "1986", ""},
    source{"drepper2011", "misc", "Drepper, Ulrich", "Futexes Are Tricky", "", "2011",
           "https://www.akkadia.org/drepper/futex.pdf"},
    source{"vyukov2010", "misc", "Vyukov, Dmitry", "Intrusive MPSC Node-Based Queue", "1024cores", "2010",
           "https://www.1024cores.net"},
    source{"compiosync", "misc", "{The compio-sync authors}", "compio-sync", "", "", ""},
    source{"tokio", "misc", "{The Tokio contributors}", "Tokio: An Asynchronous Rust Runtime", "", "",
           "https://tokio.rs"},
    source{"asynclock", "misc", "Glavina, Stjepan", "async-lock and event-listener: Async Synchronization Primitives",
           "", "", "https://github.com/smol-rs/async-lock"},
    source{"parkinglot", "misc", "d'Antras, Amanieu", "parking_lot: Compact and Efficient Synchronization Primitives",
           "", "", "https://github.com/Amanieu/parking_lot"},
    source{"crossbeam", "misc", "{The Crossbeam contributors}", "Crossbeam: Tools for Concurrent Programming in Rust",
           "", "", "https://github.com/crossbeam-rs/crossbeam"},
    source{"moodycamel", "misc", "Desrochers, Cameron", "moodycamel::ConcurrentQueue: A Fast Lock-Free Queue for C++",
           "", "", "https://github.com/cameron314/concurrentqueue"},
    source{"libcds", "misc", "Khizhinsky, Maxim", "libcds: Concurrent Data Structures Library", "", "",
           "https://github.com/khizmax/libcds"},
    source{"onetbb", "misc", "{UXL Foundation}", "oneAPI Threading Building Blocks", "", "",
           "https://github.com/uxlfoundation/oneTBB"},
    source{"liburcu", "article",
           "Desnoyers, Mathieu; McKenney, Paul E.; Stern, Alan S.; Dagenais, Michel R.; Walpole, Jonathan",
           "User-Level Implementations of Read-Copy Update",
           "IEEE Transactions on Parallel and Distributed Systems 23(2)", "2012",
           "https://doi.org/10.1109/TPDS.2011.159"},
    source{"concurrencykit", "misc", "Al Bahra, Samy", "Concurrency Kit", "", "", "http://concurrencykit.org"},
    source{"boostfiber", "misc", "Kowalke, Oliver", "Boost.Fiber", "", "", "https://www.boost.org/libs/fiber"},
    source{"asio", "misc", "Kohlhoff, Christopher", "Asio C++ Library", "", "", "https://think-async.com/Asio"},
    source{"qt", "misc", "{The Qt Company}", "QSemaphore", "", "", "https://doc.qt.io/qt-5/qsemaphore.html"},
    source{"iso14882", "misc", "{ISO/IEC}", "ISO/IEC 14882:2020 Programming Languages: C++", "", "2020", ""},
    source{"posix2017", "misc", "{IEEE and The Open Group}", "IEEE Std 1003.1-2017 (POSIX.1-2017)", "", "2018", ""},
    source{"axboe2019", "misc", "Axboe, Jens", "Efficient IO with io_uring", "", "2019",
           "https://kernel.dk/io_uring.pdf"},
    source{"efron1979", "article", "Efron, Bradley", "Bootstrap Methods: Another Look at the Jackknife",
           "The Annals of Statistics 7(1)", "1979", "https://doi.org/10.1214/aos/1176344552"},
    source{"jain1984", "techreport", "Jain, Raj; Chiu, Dah-Ming; Hawe, William R.",
           "A Quantitative Measure of Fairness and Discrimination for Resource Allocation in Shared Computer Systems",
           "Digital Equipment Corporation, DEC-TR-301", "1984", ""},
    source{"gunther2007", "book", "Gunther, Neil J.", "Guerrilla Capacity Planning", "Springer", "2007",
           "https://doi.org/10.1007/978-3-540-31010-5"}};

/// A family of contestants, and the keys of its sources.
struct origin {
  std::string_view family;
  std::array<std::string_view, 3> keys;
};

constexpr std::array origins{origin{"intrusive_list", {"tokio", "cqs2023"}},
                             origin{"mutex_deque", {"compiosync", "cqs2023"}},
                             origin{"segmented_queue", {"cqs2023", "michael1996", "michael2004"}},
                             origin{"waker_hybrid", {"compiosync", "cqs2023"}},
                             origin{"uring_futex", {"compiosync", "axboe2019", "drepper2011"}},
                             origin{"uring_futex_per_waiter", {"compiosync", "axboe2019", "drepper2011"}},
                             origin{"spin_locked_list", {}},
                             origin{"stack_push_list", {"treiber1986"}},
                             origin{"exchange_push_list", {"vyukov2010"}},
                             origin{"futex", {"drepper2011"}},
                             origin{"tokio", {"tokio"}},
                             origin{"async-lock", {"asynclock"}},
                             origin{"event-listener", {"asynclock"}},
                             origin{"parking_lot", {"parkinglot"}},
                             origin{"crossbeam", {"crossbeam"}},
                             origin{"moodycamel", {"moodycamel"}},
                             origin{"libcds", {"libcds"}},
                             origin{"oneTBB", {"onetbb"}},
                             origin{"tbb", {"onetbb"}},
                             origin{"liburcu", {"liburcu"}},
                             origin{"urcu", {"liburcu"}},
                             origin{"Concurrency", {"concurrencykit"}},
                             origin{"ck", {"concurrencykit"}},
                             origin{"Vyukov", {"vyukov2010"}},
                             origin{"Boost.Fiber", {"boostfiber"}},
                             origin{"Asio", {"asio"}},
                             origin{"asio", {"asio"}},
                             origin{"QSemaphore", {"qt"}},
                             origin{"std", {"iso14882"}},
                             origin{"sem_t", {"posix2017"}}};

/// What the tables themselves stand on.
constexpr std::array method{std::string_view("efron1979"), std::string_view("jain1984"),
                            std::string_view("gunther2007")};

source const* find_source(std::string_view key) {
  auto const* const at = std::ranges::find(sources, key, &source::key);
  return at == sources.end() ? nullptr : at;
}

std::vector<std::string_view> names_in(std::string_view authors) {
  std::vector<std::string_view> names;
  while (!authors.empty()) {
    auto const end = authors.find("; ");
    names.push_back(authors.substr(0, end));
    authors = end == authors.npos ? std::string_view() : authors.substr(end + 2);
  }
  return names;
}

char const* venue_field(std::string_view type) {
  return type == "article"         ? "journal"
         : type == "inproceedings" ? "booktitle"
         : type == "techreport"    ? "institution"
         : type == "book"          ? "publisher"
                                   : "howpublished";
}

char const* cff_type(std::string_view type) {
  return type == "article"         ? "article"
         : type == "inproceedings" ? "conference-paper"
         : type == "techreport"    ? "report"
         : type == "book"          ? "book"
                                   : "generic";
}

std::string yaml(std::string_view text) {
  std::string out = "\"";
  for (char const c : text) out += c == '"' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return out + '"';
}

std::string cff_author(std::string_view name) {
  auto const comma = name.find(", ");
  if (comma == name.npos) {  // a group, in braces for BibTeX
    return fmt::format("      - name: {}\n", yaml(name.starts_with('{') ? name.substr(1, name.size() - 2) : name));
  }
  return fmt::format("      - family-names: {}\n        given-names: {}\n", yaml(name.substr(0, comma)),
                     yaml(name.substr(comma + 2)));
}

std::string cff_venue(source const& s) {
  if (s.venue.empty()) return "";
  if (s.type == "article") return fmt::format("    journal: {}\n", yaml(s.venue));
  if (s.type == "inproceedings") return fmt::format("    collection-title: {}\n", yaml(s.venue));
  return fmt::format("    {}:\n      name: {}\n", s.type == "techreport" ? "institution" : "publisher", yaml(s.venue));
}

}  // namespace

std::vector<source> sources_of(std::string_view contestant) {
  auto const end = contestant.find_first_of("/ :");
  auto const* const at = std::ranges::find(origins, contestant.substr(0, end), &origin::family);
  std::vector<source> all;
  if (at == origins.end()) return all;
  for (std::string_view const key : at->keys) {
    if (source const* const s = find_source(key)) all.push_back(*s);
  }
  return all;
}

std::vector<source> sources_of(results const& r) {
  std::vector<source> all;
  auto const add = [&](source const& s) {
    if (std::ranges::find(all, s.key, &source::key) == all.end()) all.push_back(s);
  };
  for (std::string const& workload : r.workloads()) {
    for (std::string const& scenario : r.scenarios(workload)) {
      for (std::string const& c : r.contestants(workload, scenario)) {
        for (source const& s : sources_of(c)) add(s);
      }
    }
  }
  for (std::string_view const key : method) {
    if (key != "gunther2007" || !r.scenarios("scale").empty()) add(*find_source(key));
  }
  return all;
}

std::string bibtex_of(std::vector<source> const& all, std::string_view version, std::string_view commit) {
  std::string out = fmt::format(
      "@misc{{surewake,\n  author = {{{{surewake authors}}}},\n  title = {{surewake: waiter-queue strategies behind "
      "one "
      "semaphore, model-checked and measured}},\n  note = {{version {}, commit {}}}\n}}\n",
      version, commit);
  for (source const& s : all) {
    std::string authors;
    for (std::string_view const name : names_in(s.authors))
      authors += (authors.empty() ? "" : " and ") + std::string(name);
    out += fmt::format("\n@{}{{{},\n  author = {{{}}},\n  title = {{{{{}}}}}", s.type, s.key, authors, s.title);
    if (!s.venue.empty()) out += fmt::format(",\n  {} = {{{}}}", venue_field(s.type), s.venue);
    if (!s.year.empty()) out += fmt::format(",\n  year = {{{}}}", s.year);
    if (!s.url.empty()) out += fmt::format(",\n  url = {{{}}}", s.url);
    out += "\n}\n";
  }
  return out;
}

std::string cff_of(std::vector<source> const& all, std::string_view version, std::string_view commit) {
  std::string out = fmt::format(
      "cff-version: 1.2.0\nmessage: {}\ntitle: {}\ntype: software\nauthors:\n  - name: surewake authors\nversion: "
      "{}\ncommit: {}\n",
      yaml("If you use these results, please cite surewake and the sources of the rows you use."),
      yaml("surewake: waiter-queue strategies behind one semaphore, model-checked and measured"), yaml(version),
      yaml(commit));
  if (!all.empty()) out += "references:\n";
  for (source const& s : all) {
    out += fmt::format("  - type: {}\n    title: {}\n    authors:\n", cff_type(s.type), yaml(s.title));
    for (std::string_view const name : names_in(s.authors)) out += cff_author(name);
    if (!s.year.empty()) out += fmt::format("    year: {}\n", s.year);
    out += cff_venue(s);
    if (!s.url.empty()) out += fmt::format("    url: {}\n", yaml(s.url));
  }
  return out;
}

}  // namespace surewake::bench
