// surewake/core/platform/windows.hpp: the calls of Windows that the platform makes, declared without <windows.h>, whose
// macros would reach every user of a semaphore. On Linux it is empty.
//
// Each declaration is that of <windows.h>, which a program may include before or after. surewake::core links
// `synchronization`, the library of the first three.
#pragma once

#include <surewake/core/platform/compiler.hpp>

#include <surewake/core/platform/macros_push.hpp>

#if defined(_WIN32)

struct HINSTANCE__;

namespace [[gnu::visibility("default")]] surewake { namespace detail { namespace windows {

extern "C" {
int __stdcall WaitOnAddress(void volatile* word, void* compared, unsigned long long size, unsigned long milliseconds);
void __stdcall WakeByAddressSingle(void* word);
void __stdcall WakeByAddressAll(void* word);
__declspec(dllimport) void __stdcall FlushProcessWriteBuffers(void);
__declspec(dllimport) void __stdcall Sleep(unsigned long milliseconds);
__declspec(dllimport) unsigned long __stdcall GetLastError(void);
__declspec(dllimport) void __stdcall SetLastError(unsigned long error);
__declspec(dllimport) unsigned long __stdcall TlsAlloc(void);
__declspec(dllimport) void* __stdcall TlsGetValue(unsigned long index);
__declspec(dllimport) int __stdcall TlsSetValue(unsigned long index, void* value);
__declspec(dllimport) HINSTANCE__* __stdcall GetModuleHandleA(char const* name);
__declspec(dllimport) long long(__stdcall* __stdcall GetProcAddress(HINSTANCE__* module, char const* name))(void);
}

/// Returns whether this is Wine, which is not Windows in all that a caller may think.
[[nodiscard]] inline bool is_wine() noexcept {
  HINSTANCE__* const ntdll = GetModuleHandleA("ntdll.dll");
  return ntdll != nullptr && GetProcAddress(ntdll, "wine_get_version") != nullptr;
}

/// Keeps the calling thread's last error as it is.
class keeps_last_error {
 public:
  keeps_last_error() noexcept : last_(GetLastError()) {}
  keeps_last_error(keeps_last_error const&) = delete;
  keeps_last_error& operator=(keeps_last_error const&) = delete;
  ~keeps_last_error() { SetLastError(last_); }

 private:
  unsigned long last_;
};

}}}  // namespace surewake::detail::windows

#endif

#include <surewake/core/platform/macros_pop.hpp>
