#include <dlfcn.h>
#include <fcntl.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>

// Linked without --wrap: no glibc is asked first, and what stands in for it is what runs.
extern "C" {
int __wrap__dl_find_object(void* address, dl_find_object* result);
int __wrap_pthread_cond_clockwait(pthread_cond_t*, pthread_mutex_t*, clockid_t, const timespec*);
}

namespace {

timespec in_ms(int64_t ms) {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  const int64_t nanoseconds = time.tv_nsec + ms % 1'000 * 1'000'000;
  return {time.tv_sec + ms / 1'000 + nanoseconds / 1'000'000'000, nanoseconds % 1'000'000'000};
}

bool is_past(const timespec& time) {
  const timespec now = in_ms(0);
  return now.tv_sec > time.tv_sec || (now.tv_sec == time.tv_sec && now.tv_nsec >= time.tv_nsec);
}

struct Waiting {
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
  bool is_ready = false;
};

TEST(OlderGlibc, WaitingEndsAtItsDeadlineAndNotBefore) {
  Waiting waiting;
  pthread_mutex_lock(&waiting.mutex);
  for (const int ms : {-5, 30, 1'100}) {
    const timespec deadline = in_ms(ms);
    int result = 0;
    while (result == 0) {
      result = __wrap_pthread_cond_clockwait(&waiting.condition, &waiting.mutex, CLOCK_MONOTONIC, &deadline);
    }
    EXPECT_EQ(result, ETIMEDOUT);
    EXPECT_TRUE(is_past(deadline)) << ms;
  }
  pthread_mutex_unlock(&waiting.mutex);
}

TEST(OlderGlibc, WaitingIsWokenUp) {
  Waiting waiting;
  std::thread other([&] {
    pthread_mutex_lock(&waiting.mutex);
    waiting.is_ready = true;
    pthread_cond_signal(&waiting.condition);
    pthread_mutex_unlock(&waiting.mutex);
  });
  const timespec deadline = in_ms(3'600'000);
  pthread_mutex_lock(&waiting.mutex);
  int result = 0;
  while (result == 0 && !waiting.is_ready) {
    result = __wrap_pthread_cond_clockwait(&waiting.condition, &waiting.mutex, CLOCK_MONOTONIC, &deadline);
  }
  pthread_mutex_unlock(&waiting.mutex);
  other.join();
  EXPECT_EQ(result, 0);
}

TEST(OlderGlibc, UnwindTablesAreFoundOfCodeOfEachObject) {
  int ours = 0;
  for (void* address :
       {reinterpret_cast<void*>(&is_past), reinterpret_cast<void*>(&abort), static_cast<void*>(&ours)}) {
    dl_find_object expected{};
    dl_find_object found{};
    EXPECT_EQ(__wrap__dl_find_object(address, &found), _dl_find_object(address, &expected));
    EXPECT_EQ(found.dlfo_eh_frame, expected.dlfo_eh_frame);
  }
}

TEST(OlderGlibc, FilesAreDescribed) {
  std::string folder = "/tmp/peerwire-glibc-XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  const std::string file = folder + "/file";
  const std::string link = folder + "/link";
  const int descriptor = open(file.c_str(), O_RDWR | O_CREAT, 0600);
  ASSERT_GE(descriptor, 0);
  EXPECT_EQ(write(descriptor, "abc", 3), 3);
  EXPECT_EQ(symlink("file", link.c_str()), 0);

  struct stat result {};
  EXPECT_EQ(stat(link.c_str(), &result), 0);
  EXPECT_TRUE(S_ISREG(result.st_mode));
  EXPECT_EQ(result.st_size, 3);
  EXPECT_EQ(lstat(link.c_str(), &result), 0);
  EXPECT_TRUE(S_ISLNK(result.st_mode));
  result = {};
  EXPECT_EQ(fstat(descriptor, &result), 0);
  EXPECT_EQ(result.st_size, 3);
  EXPECT_EQ(stat((folder + "/other").c_str(), &result), -1);
  EXPECT_EQ(errno, ENOENT);
  EXPECT_EQ(fstat(-1, &result), -1);
  EXPECT_EQ(errno, EBADF);

  close(descriptor);
  unlink(link.c_str());
  unlink(file.c_str());
  rmdir(folder.c_str());
}

}  // namespace
