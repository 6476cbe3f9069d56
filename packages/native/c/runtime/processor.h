/* What the processor has, and the operating system saves, beside the instructions that a file is compiled for. */
#ifndef STEPPE_PROCESSOR_H
#define STEPPE_PROCESSOR_H

#if defined(__x86_64__)
#include <cpuid.h>
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

/* The parts of a register that the operating system saves: bits 1 and 2 for AVX, 5 to 7 for AVX-512, 17 and 18 for
 * AMX. */
static inline unsigned processor_saves(void) {
  unsigned low, high;
  __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return low;
}

static inline int processor_has(unsigned word, unsigned bits) { return (word & bits) == bits; }

/* Whether there are dot products of pairs of bfloat16, for a processor that has AVX-512. */
static inline int processor_has_bf16(void) {
  unsigned a, b, c, d;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && a >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d) &&
         processor_has(a, 1u << 5);
}

/* Whether it makes more products by these dot products than by multiply-adds of float32: those of AMD make twice as
 * many. Intel's, which leave bfloat16 to matrix tiles, make a third. */
static inline int processor_favours_dots(void) {
  unsigned a, b, c, d;
  const unsigned auth = 0x68747541; /* AuthenticAMD */
  return __get_cpuid(0, &a, &b, &c, &d) && b == auth;
}

/* Whether there are matrix tiles of bfloat16, and Linux gives this process leave to use them: it may refuse. */
static inline int processor_lends_tiles(void) {
#if defined(__linux__) && defined(SYS_arch_prctl)
  unsigned a, b, c, d;
  const unsigned tiles = 1u << 22 | 1u << 24, state = 0x60000, ask = 0x1023, tile_data = 18;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !processor_has(d, tiles)) return 0;
  return processor_has(processor_saves(), state) && syscall(SYS_arch_prctl, ask, tile_data) == 0;
#else
  return 0;
#endif
}
#endif

#endif
