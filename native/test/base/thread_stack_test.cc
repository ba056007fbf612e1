#include <gtest/gtest.h>
#include <pthread.h>

#include <cstddef>
#include <future>

namespace {

constexpr size_t kStackOfMusl = 128 * 1024;
constexpr size_t kEnough = size_t{1} << 20;

void* measure_stack(void* result) {
  pthread_attr_t attributes;
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return nullptr;
  pthread_attr_getstacksize(&attributes, static_cast<size_t*>(result));
  pthread_attr_destroy(&attributes);
  return nullptr;
}

size_t stack_of_thread_with(const pthread_attr_t* attributes) {
  size_t size = 0;
  pthread_t thread;
  if (pthread_create(&thread, attributes, measure_stack, &size) != 0) return 0;
  pthread_join(thread, nullptr);
  return size;
}

/// The C library's default is musl's, for as long as this lives: on musl it is so anyway.
class SmallDefaultStack {
 public:
  SmallDefaultStack() {
    pthread_getattr_default_np(&before_);
    pthread_attr_t small;
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, kStackOfMusl);
    pthread_setattr_default_np(&small);
    pthread_attr_destroy(&small);
  }
  ~SmallDefaultStack() {
    pthread_setattr_default_np(&before_);
    pthread_attr_destroy(&before_);
  }

 private:
  pthread_attr_t before_;
};

TEST(ThreadStack, IsEnoughForCodecsWhereTheCLibraryGivesLess) {
  const SmallDefaultStack small;
  EXPECT_GE(stack_of_thread_with(nullptr), kEnough);
}

TEST(ThreadStack, IsEnoughForCodecsWhereALibraryAsksForLess) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackOfMusl);
  EXPECT_GE(stack_of_thread_with(&attributes), kEnough);
  pthread_attr_destroy(&attributes);
}

TEST(ThreadStack, IsWhatALibraryAsksForWhereThatIsMore) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 4 * kEnough);
  EXPECT_GE(stack_of_thread_with(&attributes), 4 * kEnough);
  pthread_attr_destroy(&attributes);
}

void* tell_detach_state(void* told) {
  pthread_attr_t attributes;
  int state = -1;
  if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
    pthread_attr_getdetachstate(&attributes, &state);
    pthread_attr_destroy(&attributes);
  }
  static_cast<std::promise<int>*>(told)->set_value(state);
  return nullptr;
}

TEST(ThreadStack, OtherAttributesStayWhereItIsEnlarged) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, kStackOfMusl);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  // Not on the stack: a detached thread may still be in set_value() when this has its answer.
  static std::promise<int> state;
  pthread_t thread;
  ASSERT_EQ(pthread_create(&thread, &attributes, tell_detach_state, &state), 0);
  pthread_attr_destroy(&attributes);
  EXPECT_EQ(state.get_future().get(), PTHREAD_CREATE_DETACHED);
}

}  // namespace
