// The main function that every test program links. A program may be several test files, one of which --source-file
// names; a run that finds no test case there is a failure, since it would pass whatever is broken. What is skipped for
// a reason (core/platform/emulator.test.hpp) is said.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <cstring>
#include <string_view>

namespace {

std::string_view wanted;  // what the path of the test cases' file ends with; empty: any
int seen = 0;             // test cases of it: run, or skipped because of this machine

struct counter : doctest::IReporter {
  explicit counter(doctest::ContextOptions const&) {}
  void report_query(doctest::QueryData const&) override { ++seen; }
  void test_run_start() override {}
  void test_run_end(doctest::TestRunStats const&) override {}
  void test_case_start(doctest::TestCaseData const&) override { ++seen; }
  void test_case_reenter(doctest::TestCaseData const&) override {}
  void test_case_end(doctest::CurrentTestCaseStats const&) override {}
  void test_case_exception(doctest::TestCaseException const&) override {}
  void subcase_start(doctest::SubcaseSignature const&) override {}
  void subcase_end() override {}
  void log_assert(doctest::AssertData const&) override {}
  void log_message(doctest::MessageData const&) override {}
  void test_case_skipped(doctest::TestCaseData const& t) override {
    if (!t.m_skip || !std::string_view(t.m_file.c_str()).ends_with(wanted)) return;
    ++seen;
    if (t.m_description != nullptr) std::printf("not run: %s: %s\n", t.m_name, t.m_description);
  }
};

}  // namespace

REGISTER_LISTENER("counter", 1, counter);

int main(int count, char** arguments) {
  constexpr std::string_view file = "--source-file=*";
  for (int i = 1; i != count; ++i) {
    if (std::string_view const a = arguments[i]; a.starts_with(file)) wanted = a.substr(file.size());
  }
  doctest::Context context(count, arguments);
  int const result = context.run();
  if (result == 0 && seen == 0) {
    std::fprintf(stderr, "%s: no test case of %s was found\n", arguments[0], count > 1 ? arguments[1] : "any file");
    return 1;
  }
  return result;
}
