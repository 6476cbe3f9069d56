/* Which of the builds in this folder the processor can run; compiled for every x86-64 or arm64 processor. */
#include "runtime/processor.h"

/* 0: baseline x86-64, 1: AVX2 with FMA, 2: AVX-512 with BW, DQ and VL, 3: NEON; 4: AVX-512 with dot products of
 * bfloat16, 5: the same and AMX's tiles of bfloat16. */
int steppe_probe(void) {
#if defined(__x86_64__)
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !processor_has(c, bit_OSXSAVE | bit_FMA) ||
      !processor_has(processor_saves(), 0x06))
    return 0;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !processor_has(b, bit_AVX2 | bit_BMI2)) return 0;
  if (!processor_has(b, bit_AVX512F | bit_AVX512DQ | bit_AVX512BW | bit_AVX512VL) ||
      !processor_has(processor_saves(), 0xe6))
    return 1;
  return !processor_has_bf16() ? 2 : processor_lends_tiles() ? 5 : 4;
#elif defined(__aarch64__)
  return 3;
#else
  return 0;
#endif
}
