// surewake/core/coroutine/io_result.hpp: the result of an I/O operation, a number or an error; it throws only if asked
// to.
//
//   if (io_result n = co_await loop.read(fd, buffer)) use(*n); else report(n.error());
//   int const fd = (co_await loop.openat(AT_FDCWD, path, O_RDONLY)).value();     // throws std::system_error
//
// A file that is not there is an ordinary result, so it is a value here. A caller that has no use for the error calls
// value().
#pragma once

#include <surewake/core/platform/canceled.hpp>

#include <cassert>
#include <system_error>

#include <surewake/core/platform/macros_push.hpp>

namespace [[gnu::visibility("default")]] surewake {

class io_result {
 public:
  /// Takes `raw` as the kernel says it: a number from 0 on, or minus its error (Linux: an errno; Windows: an error of
  /// GetLastError()).
  constexpr explicit io_result(int raw) noexcept : raw_(raw) {}

  [[nodiscard]] constexpr explicit operator bool() const noexcept { return raw_ >= 0; }
  [[nodiscard]] constexpr bool has_value() const noexcept { return raw_ >= 0; }

  /// Returns the number: bytes, a descriptor, how many were woken, or 0 for success. There must be a number.
  [[nodiscard]] constexpr int operator*() const noexcept {
    assert(has_value());
    return raw_;
  }
  /// Returns the number.   Errors   std::system_error with error().
  [[nodiscard]] int value() const {
    if (raw_ < 0) throw std::system_error(error(), "surewake");
    return raw_;
  }

  /// Returns what went wrong, of std::system_category() and comparable with std::errc; empty if there is a value.
  [[nodiscard]] std::error_code error() const noexcept {
    return raw_ < 0 ? std::error_code(-raw_, std::system_category()) : std::error_code();
  }
  /// Returns whether the operation was given up, by its stop_token or because its loop is gone.
  [[nodiscard]] bool canceled() const noexcept { return raw_ == -detail::canceled_error; }

 private:
  int raw_;
};

}  // namespace surewake

#include <surewake/core/platform/macros_pop.hpp>
