// The entry points of the C++ runtime that Bun links to. Bun is built without exceptions, so whatever
// would throw ends the program with a word on standard error. Everything that can be taken from
// GCC's archive as it is comes from there (cxx_symbols.txt).
#include <pthread.h>
#include <time.h>

extern "C" {
void abort() __attribute__((noreturn));
long write(int, const void *, unsigned long);
unsigned long strlen(const char *);
}

[[noreturn]] static void die(const char *reason) {
  write(2, "C++ runtime: ", 13);
  write(2, reason, strlen(reason));
  write(2, "\n", 1);
  abort();
}

namespace std {
typedef void (*terminate_handler)();
typedef void (*new_handler)();
static terminate_handler handler;

terminate_handler set_terminate(terminate_handler next) noexcept {
  terminate_handler previous = handler;
  handler = next;
  return previous;
}
terminate_handler get_terminate() noexcept { return handler; }
[[noreturn]] void terminate() noexcept {
  if (handler) handler();
  abort();
}
new_handler get_new_handler() noexcept { return 0; }

void __throw_bad_alloc() { die("bad_alloc"); }
void __throw_bad_array_new_length() { die("bad_array_new_length"); }
void __throw_bad_cast() { die("bad_cast"); }
void __throw_bad_function_call() { die("bad_function_call"); }
void __throw_length_error(const char *reason) { die(reason); }
void __throw_logic_error(const char *reason) { die(reason); }
void __throw_out_of_range(const char *reason) { die(reason); }
void __throw_out_of_range_fmt(const char *reason, ...) { die(reason); }
void __throw_system_error(int) { die("system_error"); }
void __glibcxx_assert_fail(const char *, int, const char *, const char *reason) noexcept {
  die(reason);
}
} // namespace std

extern "C" {
// What the archive's members ask for. 0: there may be other threads, so use atomics.
char __libc_single_threaded = 0;
void *__dso_handle = 0;

void __cxa_bad_cast() { die("bad_cast"); }
void __cxa_bad_typeid() { die("bad_typeid"); }
void __cxa_pure_virtual() { die("pure virtual call"); }

int __gxx_personality_v0(...) { die("exception personality"); }
void _Unwind_Resume(void *) { die("unwind"); }
void *__cxa_allocate_exception(unsigned long) { die("exception"); }
void __cxa_free_exception(void *) {}
void __cxa_throw(void *, void *, void (*)(void *)) { die("throw"); }
void __cxa_rethrow() { die("rethrow"); }
void *__cxa_begin_catch(void *) { die("catch"); }
void __cxa_end_catch() {}

// Guards of function-local statics (Itanium C++ ABI): byte 0 says initialised, byte 1 in progress.
static pthread_mutex_t guard_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t guard_changed = PTHREAD_COND_INITIALIZER;

int __cxa_guard_acquire(unsigned long *guard) {
  char *byte = (char *)guard;
  if (__atomic_load_n(byte, __ATOMIC_ACQUIRE)) return 0;
  pthread_mutex_lock(&guard_mutex);
  while (byte[1] && !byte[0]) pthread_cond_wait(&guard_changed, &guard_mutex);
  int mine = !byte[0];
  if (mine) byte[1] = 1;
  pthread_mutex_unlock(&guard_mutex);
  return mine;
}

static void leave_guard(char *byte, char initialised) {
  pthread_mutex_lock(&guard_mutex);
  __atomic_store_n(byte, initialised, __ATOMIC_RELEASE);
  byte[1] = 0;
  pthread_cond_broadcast(&guard_changed);
  pthread_mutex_unlock(&guard_mutex);
}
void __cxa_guard_release(unsigned long *guard) { leave_guard((char *)guard, 1); }
void __cxa_guard_abort(unsigned long *guard) { leave_guard((char *)guard, 0); }

// std::call_once. musl.patch gives these two variables their place.
#define INITIAL_EXEC __attribute__((tls_model("initial-exec"))) __thread
INITIAL_EXEC void *once_callable asm("_ZSt15__once_callable");
INITIAL_EXEC void (*once_call)() asm("_ZSt11__once_call");
void __once_proxy() {
  void (*call)() = once_call;
  once_call = 0;
  call();
}

long steady_clock_now() asm("_ZNSt6chrono3_V212steady_clock3nowEv");
long steady_clock_now() {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000L + now.tv_nsec;
}

// std::condition_variable is a pthread_cond_t, std::unique_lock a pointer to a mutex first.
struct unique_lock {
  pthread_mutex_t *mutex;
  bool owns;
};
void condition_make(pthread_cond_t *) asm("_ZNSt18condition_variableC1Ev");
void condition_make(pthread_cond_t *condition) { pthread_cond_init(condition, 0); }
void condition_end(pthread_cond_t *) asm("_ZNSt18condition_variableD1Ev");
void condition_end(pthread_cond_t *condition) { pthread_cond_destroy(condition); }
void condition_one(pthread_cond_t *) asm("_ZNSt18condition_variable10notify_oneEv");
void condition_one(pthread_cond_t *condition) { pthread_cond_signal(condition); }
void condition_all(pthread_cond_t *) asm("_ZNSt18condition_variable10notify_allEv");
void condition_all(pthread_cond_t *condition) { pthread_cond_broadcast(condition); }
void condition_wait(pthread_cond_t *, unique_lock *)
    asm("_ZNSt18condition_variable4waitERSt11unique_lockISt5mutexE");
void condition_wait(pthread_cond_t *condition, unique_lock *lock) {
  pthread_cond_wait(condition, lock->mutex);
}
}
