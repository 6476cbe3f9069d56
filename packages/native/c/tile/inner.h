/* What the tiles' inner loops are made of. */
#ifndef STEPPE_TILE_INNER_H
#define STEPPE_TILE_INNER_H

#include "tile/tile.h"

#if defined(__AVX__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__)
/* Why assembly: GCC loads a scalar and then copies it into all lanes, which takes one of the two ports that
 * multiply-adds need on Intel; a broadcasting load does not. Clang makes that load by itself. The sanitizer cannot see
 * into assembly, so it gets the plain form. */
static inline vf broadcast(const float *p) {
  vf all;
  __asm__("vbroadcastss %1, %0" : "=v"(all) : "m"(*p));
  return all;
}
#else
static inline vf broadcast(const float *p) { return splat(*p); }
#endif

/* Makes the compiler forget where an integer or a pointer comes from: its sum with another then stays an address of two
 * registers, where the compiler would rather keep one more pointer, and spill it. */
#define FORGET(value) __asm__("" : "+r"(value))

#define INLINE static inline __attribute__((always_inline))

#endif
