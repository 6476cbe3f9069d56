/* Numbers as elements: what JavaScript's typed arrays make of a number that is stored in them. */
#ifndef STEPPE_WRAP_H
#define STEPPE_WRAP_H

#include <math.h>
#include <stdint.h>

/* Truncates modulo 2^32; NaN and infinity give 0. */
static inline int32_t as_int32_t(double x) {
  if (fabs(x) < 9.2e18) return (int32_t)(uint32_t)(int64_t)x;
  return isfinite(x) ? (int32_t)(uint32_t)(int64_t)fmod(x, 4294967296.0) : 0;
}

static inline uint8_t as_uint8_t(double x) { return (uint8_t)as_int32_t(x); }

static inline float as_float(double x) { return (float)x; }

#endif
