/* What backs the memory of tensors. */
#include <sys/mman.h>

#include "runtime/check.h"
#include "steppe.h"

/* The size of a large page on x86-64, and on arm64 with the usual small ones. */
#define LARGE (2l << 20)

int steppe_set_large_pages(const void *memory, long bytes) {
  REQUIRE(bytes >= 0 && (memory || !bytes));
#ifdef MADV_HUGEPAGE
  const uintptr_t first = ((uintptr_t)memory + LARGE - 1) / LARGE * LARGE,
                  last = ((uintptr_t)memory + (uintptr_t)bytes) / LARGE * LARGE;
  /* A refusal changes nothing but the speed. */
  if (first < last) (void)!madvise((void *)first, last - first, MADV_HUGEPAGE);
#endif
  return STEPPE_OK;
}
