/**
 * What we and the libraries in the addon use of glibc and glibc 2.28 has not. Part of addons that have to run with it
 * (cmake/glibc.cmake), where references to some functions lead here (--wrap): the glibc that is there is asked first.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

namespace {

constexpr int64_t kNanosecondsPerSecond = 1'000'000'000;

int64_t nanoseconds(const timespec& time) {
  return time.tv_sec * kNanosecondsPerSecond + time.tv_nsec;
}

int64_t now(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return nanoseconds(time);
}

/** Code at an address, in which of the loaded objects? */
struct Search {
  uintptr_t address;
  const void* unwind_tables = nullptr;
};

int look_into(dl_phdr_info* object, size_t, void* opaque) {
  auto& search = *static_cast<Search*>(opaque);
  const void* tables = nullptr;
  bool is_inside = false;
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const auto& segment = object->dlpi_phdr[i];
    const uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
    if (segment.p_type == PT_LOAD && search.address - begin < segment.p_memsz) is_inside = true;
    if (segment.p_type == PT_GNU_EH_FRAME) tables = reinterpret_cast<const void*>(begin);
  }
  if (is_inside) search.unwind_tables = tables;
  return is_inside ? 1 : 0;
}

int stat_at(int folder, const char* path, struct stat* result, int flags) {
  return static_cast<int>(syscall(SYS_newfstatat, folder, path, result, flags));
}

}  // namespace

// What the glibc that is there has of these, if anything.
extern "C" {
[[gnu::weak, gnu::visibility("default")]] int __real__dl_find_object(void*, dl_find_object*);
[[gnu::weak, gnu::visibility("default")]] int __real_pthread_cond_clockwait(pthread_cond_t*, pthread_mutex_t*,
                                                                            clockid_t, const timespec*);
}

#pragma GCC visibility push(hidden)
extern "C" {

// 2.32, of libstdc++: whether counters need no atomic operations. In Node.js there is always more than one thread.
extern char __libc_single_threaded;
char __libc_single_threaded = 0;

// 2.33; inline before.
int stat(const char* path, struct stat* result) noexcept {
  return stat_at(AT_FDCWD, path, result, 0);
}
int lstat(const char* path, struct stat* result) noexcept {
  return stat_at(AT_FDCWD, path, result, AT_SYMLINK_NOFOLLOW);
}
int fstat(int descriptor, struct stat* result) noexcept {
  return stat_at(descriptor, "", result, AT_EMPTY_PATH);
}
int fstat64(int descriptor, struct stat64* result) noexcept {
  return fstat(descriptor, reinterpret_cast<struct stat*>(result));
}

// 2.35, of libgcc's unwinder. Of what it finds, that reads the address of the tables alone.
int __wrap__dl_find_object(void* address, dl_find_object* result) {
  if (__real__dl_find_object) return __real__dl_find_object(address, result);
  Search search{reinterpret_cast<uintptr_t>(address)};
  dl_iterate_phdr(look_into, &search);
  if (!search.unwind_tables) return -1;
  result->dlfo_eh_frame = const_cast<void*>(search.unwind_tables);
  return 0;
}

// 2.30, of std::condition_variable. Before, there is waiting by the time of day, which can be set: so for a second at
// most, and woken up for no reason, as waiting may be.
int __wrap_pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                                  const timespec* deadline) {
  if (__real_pthread_cond_clockwait) return __real_pthread_cond_clockwait(condition, mutex, clock, deadline);
  const int64_t left = nanoseconds(*deadline) - now(clock);
  const int64_t until = now(CLOCK_REALTIME) + std::clamp<int64_t>(left, 0, kNanosecondsPerSecond);
  const timespec time{until / kNanosecondsPerSecond, until % kNanosecondsPerSecond};
  const int result = pthread_cond_timedwait(condition, mutex, &time);
  return result == ETIMEDOUT && now(clock) < nanoseconds(*deadline) ? 0 : result;
}

}  // extern "C"
#pragma GCC visibility pop
