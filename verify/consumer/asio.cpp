// Acquires by Asio, or by Boost.Asio where Asio alone is not there.
#if defined(SUREWAKE_BOOST_ASIO)
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
namespace net = boost::asio;
#else
#include <asio/bind_executor.hpp>
#include <asio/io_context.hpp>
namespace net = asio;
#endif
#include <surewake/asio.hpp>
#include <surewake/semaphore.hpp>

#include <cstdio>

int main() {
  net::io_context context;
  surewake::semaphore limit(0);
  int had = 0, refused = 0;
  auto const handler = [&](auto why, surewake::permit held) {
    if (!why) ++had;
    if (why == surewake::acquire_error::closed && !held) ++refused;
  };
  surewake::async_acquire(limit, net::bind_executor(context, handler));
  surewake::async_acquire(limit, 2, net::bind_executor(context, handler));
  limit.add_permits(1);
  context.poll();
  limit.close();
  context.run();
  std::printf("consumer: %d had a permit, %d was refused\n", had, refused);
  return had == 1 && refused == 1 && limit.available_permits() == 1 ? 0 : 1;
}
