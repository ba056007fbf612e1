/**
 * The stacks of threads. Who starts a thread and says nothing of its stack gets what the C library has for that: with
 * glibc 8 MiB (`ulimit -s`), with musl (Alpine) 128 KiB, less than one function of dav1d takes. Neither std::thread nor
 * libvpx and OpenH264 can be told a size. So what starts threads in us, and in the libraries that are linked into us,
 * comes here (--wrap).
 */
#include <pthread.h>

#include <cstddef>

namespace {

// What Windows gives each thread, for which the libraries are made, too. What is never touched takes no memory.
constexpr size_t kLeastStackBytes = size_t{1} << 20;

}  // namespace

extern "C" {

int __real_pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*), void* argument);

int __wrap_pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*run)(void*), void* argument) {
  pthread_attr_t usual;
  pthread_attr_init(&usual);
  pthread_attr_t enlarged = attributes ? *attributes : usual;
  size_t stack_bytes = 0;
  pthread_attr_getstacksize(&enlarged, &stack_bytes);
  if (stack_bytes < kLeastStackBytes) {
    pthread_attr_setstacksize(&enlarged, kLeastStackBytes);
    attributes = &enlarged;
  }
  const int result = __real_pthread_create(thread, attributes, run, argument);
  pthread_attr_destroy(&usual);
  return result;
}

}  // extern "C"
