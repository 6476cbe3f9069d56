/* Packing by the instructions that round to bfloat16, bit for bit as portable C does. */
#include "bf16/bf16.h"

#if BF16_INSTRUCTIONS
#include <immintrin.h>

#define DOTS __attribute__((target("avx512f,avx512bw,avx512vl,avx512bf16")))

static const float zeros[BF16_TILE];

DOTS static inline __mmask16 first_lanes(long count) {
  return count >= BF16_TILE ? 0xffff : (__mmask16)((1u << count) - 1);
}

DOTS static inline __m512 floats_at(const float *x, __mmask16 lanes) { return _mm512_maskz_loadu_ps(lanes, x); }

DOTS static inline __m256i rounded(__m512 x) { return (__m256i)_mm512_cvtneps_pbh(x); }

/* What is finite stays finite; then what that leaves over. */
DOTS static inline __m256i split(__m512 x, __m256i *rest) {
  const __m512i bits = _mm512_castps_si512(x), infinite = _mm512_set1_epi32(0x7f800000);
  const __m512i magnitude = _mm512_and_si512(bits, _mm512_set1_epi32(0x7fffffff));
  const __mmask16 finite = _mm512_cmplt_epi32_mask(magnitude, infinite);
  __m512i upper = _mm512_slli_epi32(_mm512_cvtepu16_epi32(rounded(x)), 16);
  const __mmask16 over =
      _mm512_mask_cmpge_epi32_mask(finite, _mm512_and_si512(upper, _mm512_set1_epi32(0x7fffffff)), infinite);
  upper = _mm512_mask_and_epi32(upper, over, bits, _mm512_set1_epi32((int)0xffff0000u));
  *rest = rounded(_mm512_maskz_sub_ps(finite, x, _mm512_castsi512_ps(upper)));
  return _mm512_cvtepi32_epi16(_mm512_srli_epi32(upper, 16));
}

DOTS static inline __m512i in_pairs(__m256i even, __m256i odd) {
  return _mm512_or_si512(_mm512_cvtepu16_epi32(even), _mm512_slli_epi32(_mm512_cvtepu16_epi32(odd), 16));
}

DOTS void bf16_pack_row_dots(const float *x, long columns, bf16 *to, long rest) {
  for (long j = 0; j < columns; j += BF16_TILE) {
    const __mmask16 lanes = first_lanes(columns - j);
    const __m512 floats = floats_at(x + j, lanes);
    if (!rest) {
      _mm256_mask_storeu_epi16(to + j, lanes, rounded(floats));
      continue;
    }
    __m256i left;
    _mm256_mask_storeu_epi16(to + j, lanes, split(floats, &left));
    _mm256_mask_storeu_epi16(to + j + rest, lanes, left);
  }
}

DOTS void bf16_pack_pairs_dots(const float *const *rows, long first, long count, long columns, bf16 *to, long rest) {
  const __mmask16 lanes = first_lanes(columns);
  for (long i = 0; i < count; i += 2, to += 2 * BF16_TILE) {
    const __m512 even = floats_at(rows[i] ? rows[i] + first : zeros, lanes);
    const __m512 odd = floats_at(rows[i + 1] ? rows[i + 1] + first : zeros, lanes);
    if (!rest) {
      _mm512_storeu_si512(to, in_pairs(rounded(even), rounded(odd)));
      continue;
    }
    __m256i low, high;
    const __m256i upper = split(even, &low);
    _mm512_storeu_si512(to, in_pairs(upper, split(odd, &high)));
    _mm512_storeu_si512(to + rest, in_pairs(low, high));
  }
}

#else
/* Never called: portable C packs then. */
void bf16_pack_row_dots(const float *x, long columns, bf16 *to, long rest) {
  (void)x, (void)columns, (void)to, (void)rest;
}
void bf16_pack_pairs_dots(const float *const *rows, long first, long count, long columns, bf16 *to, long rest) {
  (void)rows, (void)first, (void)count, (void)columns, (void)to, (void)rest;
}
#endif
