/* The bandwidth that a thread's share of memory allows: the least milliseconds of c = a + k b over N floats on THREADS
 * threads.
 *   cc -O3 -march=native triad.c -lpthread -o triad && ./triad N THREADS */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static float *a, *b, *c;
static long n, threads;
static pthread_barrier_t barrier;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1e3 + t.tv_nsec * 1e-6;
}

static void *work(void *number) {
  const long from = n * (long)number / threads, to = n * ((long)number + 1) / threads;
  for (long i = from; i < to; i++) a[i] = b[i] = c[i] = 1;
  double least = 1e9;
  for (int round = 0; round < 300; round++) {
    pthread_barrier_wait(&barrier);
    const double begin = now();
    for (long i = from; i < to; i++) c[i] = a[i] + 0.5f * b[i];
    pthread_barrier_wait(&barrier);
    const double taken = now() - begin;
    if (taken < least) least = taken;
  }
  if (number == 0) printf("%.4f\n", least);
  return NULL;
}

int main(int count, char **arguments) {
  if (count != 3) return 1;
  n = atol(arguments[1]), threads = atol(arguments[2]);
  a = malloc(4 * n), b = malloc(4 * n), c = malloc(4 * n);
  pthread_barrier_init(&barrier, NULL, threads);
  pthread_t *handles = malloc(threads * sizeof(pthread_t));
  for (long i = 1; i < threads; i++) pthread_create(handles + i, NULL, work, (void *)i);
  work(0);
  for (long i = 1; i < threads; i++) pthread_join(handles[i], NULL);
  return 0;
}
