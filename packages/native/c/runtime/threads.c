#include "runtime/threads.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

#if defined(__x86_64__)
#define relax() __builtin_ia32_pause()
#elif defined(__aarch64__)
#define relax() __asm__ volatile("isb" ::: "memory")
#else
#define relax() ((void)0)
#endif

/* How long an idle worker looks for the next loop before it sleeps. A gradient starts a loop every few tens of
 * microseconds, so its workers stay awake; a program that does something else loses no more than this. */
#define SPIN_NANOSECONDS 200000

/* The running loop. `ticket` holds the loop's number (high half) and its next chunk (low half). The number is odd, and
 * the chunk past every end, while the fields change: a worker that read fields of another loop than its ticket's cannot
 * take a chunk, because its compare-and-swap of the ticket fails. */
static struct {
  _Alignas(128) _Atomic uint64_t ticket;
  _Atomic(uint32_t) chunks;
  _Atomic(long) count, grain;
  _Atomic(steppe_task) task;
  _Atomic(void *) context;
  _Alignas(128) _Atomic uint32_t done;
  _Alignas(128) _Atomic int sleepers;
} loop;

static pthread_mutex_t owner = PTHREAD_MUTEX_INITIALIZER, bed = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t bell = PTHREAD_COND_INITIALIZER;
static atomic_int wanted; /* threads that take part; 0: not set yet */
static int started;       /* workers that exist; guarded by owner */
static _Thread_local int inside;

static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

/* Takes and runs chunks of the loop that `ticket` belongs to, until none is left. */
static void work(void) {
  uint64_t ticket = atomic_load_explicit(&loop.ticket, memory_order_acquire);
  for (;;) {
    uint32_t chunk = (uint32_t)ticket;
    steppe_task task = atomic_load_explicit(&loop.task, memory_order_acquire);
    void *context = atomic_load_explicit(&loop.context, memory_order_acquire);
    long count = atomic_load_explicit(&loop.count, memory_order_acquire);
    long grain = atomic_load_explicit(&loop.grain, memory_order_acquire);
    if (chunk >= atomic_load_explicit(&loop.chunks, memory_order_acquire)) return;
    if (!atomic_compare_exchange_weak_explicit(&loop.ticket, &ticket, ticket + 1, memory_order_acq_rel,
                                               memory_order_acquire))
      continue;
    long begin = chunk * grain, end = begin + grain;
    task(context, begin, end < count ? end : count);
    atomic_fetch_add_explicit(&loop.done, 1, memory_order_release);
    ticket = atomic_load_explicit(&loop.ticket, memory_order_acquire);
  }
}

static void *worker(void *argument) {
  int index = (int)(intptr_t)argument;
  uint32_t seen = 0;
  inside = 1;
  for (;;) {
    uint32_t number;
    int64_t until = 0;
    for (int spins = 0; (number = (uint32_t)(atomic_load_explicit(&loop.ticket, memory_order_acquire) >> 32)) == seen;
         spins++) {
      if (spins < 64) {
        relax();
        continue;
      }
      spins = 0;
      if (!until) until = now() + SPIN_NANOSECONDS;
      if (now() < until) continue;
      pthread_mutex_lock(&bed);
      atomic_fetch_add(&loop.sleepers, 1);
      while ((uint32_t)(atomic_load(&loop.ticket) >> 32) == seen) pthread_cond_wait(&bell, &bed);
      atomic_fetch_sub(&loop.sleepers, 1);
      pthread_mutex_unlock(&bed);
    }
    seen = number;
    if (index < atomic_load_explicit(&wanted, memory_order_relaxed)) work();
  }
  return 0;
}

static void start_workers(int threads) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  while (started < threads - 1) {
    pthread_t thread;
    if (pthread_create(&thread, &attributes, worker, (void *)(intptr_t)(started + 1))) break;
    started++;
  }
  pthread_attr_destroy(&attributes);
}

int steppe_threads(void) {
  int threads = atomic_load(&wanted);
  if (threads) return threads;
  long cores = sysconf(_SC_NPROCESSORS_ONLN);
  return cores < 1 ? 1 : cores > STEPPE_MAX_THREADS ? STEPPE_MAX_THREADS : (int)cores;
}

void steppe_set_threads(int threads) {
  atomic_store(&wanted, threads < 1 ? 1 : threads > STEPPE_MAX_THREADS ? STEPPE_MAX_THREADS : threads);
}

void steppe_parallel(long count, long grain, steppe_task task, void *context) {
  if (count <= 0) return;
  if (grain < 1) grain = 1;
  if (count / grain >= INT32_MAX) grain = count / INT32_MAX + 1;
  long chunks = (count + grain - 1) / grain;
  int threads = steppe_threads();
  if (chunks == 1 || threads == 1 || inside || pthread_mutex_trylock(&owner)) {
    for (long begin = 0; begin < count; begin += grain)
      task(context, begin, begin + grain < count ? begin + grain : count);
    return;
  }
  if (!atomic_load(&wanted)) steppe_set_threads(threads);
  if (started < threads - 1) start_workers(threads);
  uint64_t closed = ((atomic_load_explicit(&loop.ticket, memory_order_relaxed) >> 32) + 1) << 32 | UINT32_MAX;
  atomic_store(&loop.ticket, closed);
  atomic_store_explicit(&loop.task, task, memory_order_release);
  atomic_store_explicit(&loop.context, context, memory_order_release);
  atomic_store_explicit(&loop.count, count, memory_order_release);
  atomic_store_explicit(&loop.grain, grain, memory_order_release);
  atomic_store_explicit(&loop.chunks, (uint32_t)chunks, memory_order_release);
  atomic_store_explicit(&loop.done, 0, memory_order_release);
  atomic_store(&loop.ticket, closed + 1); /* the carry makes the number even and the chunk 0 */
  if (atomic_load(&loop.sleepers)) {
    pthread_mutex_lock(&bed);
    pthread_cond_broadcast(&bell);
    pthread_mutex_unlock(&bed);
  }
  inside = 1;
  work();
  inside = 0;
  for (int spins = 0; atomic_load_explicit(&loop.done, memory_order_acquire) < (uint32_t)chunks; spins++) {
    if (spins < 4096) relax();
    else sched_yield();
  }
  pthread_mutex_unlock(&owner);
}
