#include <surewake/bench/report/packed.hpp>
#include <surewake/bench/report/unpacked.test.hpp>

#include <doctest/doctest.h>

#include <string>

namespace surewake::bench::packed_test {

TEST_CASE("what is packed is the same when it is unpacked") {
  for (std::string const text : {"", "a", "ab", "abc", "{\"a\": [1, 2, 3]}"}) CHECK(unpacked(packed(text)) == text);
  std::string all;
  for (int i = 0; i < 100'000; ++i) all += static_cast<char>(i * i % 251);
  CHECK(unpacked(packed(all)) == all);
}

TEST_CASE("what is packed is small, and needs no escape") {
  std::string const text(100'000, 'x');
  CHECK(packed(text).size() < 1'000);
  CHECK(packed("surewake").find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=") ==
        std::string::npos);
}

}  // namespace surewake::bench::packed_test
