/* A small pool of threads that runs one loop at a time.
 *
 * A loop is cut into chunks by `grain` alone, never by the number of threads, and a chunk is run whole by one thread.
 * What a task computes for a chunk must depend on [begin, end) only: then the result has the same bits for any number
 * of threads. */
#ifndef STEPPE_THREADS_H
#define STEPPE_THREADS_H

/* Computes the part [begin, end) of a loop. */
typedef void (*steppe_task)(void *context, long begin, long end);

/* Runs task over [0, count) in chunks of `grain` (the last may be shorter) and returns when all are done. The caller
 * takes part. A call from inside a task, or while another thread of the process uses the pool, runs on the caller
 * alone. */
void steppe_parallel(long count, long grain, steppe_task task, void *context);

/* How many threads take part in a loop, the caller included. */
int steppe_threads(void);

/* Sets that number; at least 1, at most STEPPE_MAX_THREADS. Takes effect with the next loop. */
void steppe_set_threads(int threads);

#define STEPPE_MAX_THREADS 256

#endif
