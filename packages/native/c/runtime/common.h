/* Arithmetic of whole numbers that most kernels need. */
#ifndef STEPPE_COMMON_H
#define STEPPE_COMMON_H

static inline long least(long a, long b) { return a < b ? a : b; }
static inline long most(long a, long b) { return a > b ? a : b; }

/* `a`, rounded up to a multiple of `to`. */
static inline long up(long a, long to) { return (a + to - 1) / to * to; }

#endif
