/* Vectors of floats, as wide as the instruction set that this file is compiled for. */
#ifndef STEPPE_VEC_H
#define STEPPE_VEC_H

#include <stdint.h>

#if defined(__AVX512F__)
#define VL 16
#elif defined(__AVX2__)
#define VL 8
#else
#define VL 4
#endif

/* aligned(4): a tensor may start at any element, and unaligned loads of aligned addresses cost nothing. */
typedef float vf __attribute__((vector_size(4 * VL), aligned(4), may_alias));
typedef int32_t vi __attribute__((vector_size(4 * VL), aligned(4), may_alias));

static inline vf load(const float *p) { return *(const vf *)p; }
static inline void store(float *p, vf x) { *(vf *)p = x; }
static inline vf splat(float x) { return x - (vf){0}; } /* x + 0 would be a sum: it turns -0 into 0 */

/* mask ? a : b, lane by lane; a comparison of vectors is such a mask (all ones or zero). */
static inline vf choose(vi mask, vf a, vf b) { return (vf)((mask & (vi)a) | (~mask & (vi)b)); }

/* Before a loop whose output may be one of its inputs, but only element by element. */
#if defined(__clang__)
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define INDEPENDENT _Pragma("GCC ivdep")
#define UNROLL _Pragma("GCC unroll 32")
#endif
#define RESTRICT __restrict__

/* Elements that a thread should have at least, so that handing them out costs little. */
#define GRAIN 16384

#endif
