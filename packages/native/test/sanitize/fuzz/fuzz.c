/* The generator of odd arguments, the memory that they come with, and what every call must keep to.
 * fuzz SEED ROUNDS: runs under the sanitizers, compiled by run.mjs. */
#include "fuzz.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t state;

static uint64_t next(void) {
  state += UINT64_C(0x9e3779b97f4a7c15);
  uint64_t z = (state ^ state >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
  return z ^ z >> 31;
}

long fuzz_below(long limit) { return (long)(next() % (uint64_t)limit); }

#define PICK(array) array[fuzz_below(sizeof array / sizeof *array)]

long fuzz_small(void) {
  static const long small[] = {1, 1, 1, 2, 2, 3, 3, 4, 5, 7, 8, 9, 15, 16, 17},
                    seldom[] = {0, 0, 0, 31, 33, 64, 65, 100, -1, -3};
  return fuzz_below(12) ? PICK(small) : PICK(seldom);
}

long fuzz_extent(void) {
  static const long odd[] = {0, -1, -48, 1000, 4097, 46341, 65536, 1 << 30, INT32_MAX, INT32_MIN, -INT32_MAX};
  return fuzz_below(40) ? fuzz_small() : PICK(odd);
}

int fuzz_step(void) {
  static const int odd[] = {0, -1, 5, 17, 65536, INT32_MAX, INT32_MIN};
  return fuzz_below(20) ? 1 + (int)fuzz_below(3) : PICK(odd);
}

int fuzz_choice(int count) {
  static const int odd[] = {-1, 1 << 20, INT32_MIN, INT32_MAX};
  return fuzz_below(30) ? (int)fuzz_below(count) : fuzz_below(2) ? count : PICK(odd);
}

double fuzz_number(void) {
  static const double odd[] = {0, 1, -1, 0.5, -2.7, 300, -1e10, 2147483648.0, 1e20, -1e300, INFINITY, -INFINITY, NAN};
  return PICK(odd);
}

#define MOST_MEMORIES 64
#define LARGEST 400000

static struct {
  uint8_t *bytes, *kept;
  long size;
  fuzz_use use;
} memories[MOST_MEMORIES];
static int count, too_large;

/* Random bits, of which many are ordinary floats, and some small integers: indices that hit. */
static void fill(uint8_t *bytes, long size, int element) {
  for (long i = 0; i < size; i += element) {
    uint64_t bits = next();
    if (element == 1) {
      bytes[i] = bits & 1;
      continue;
    }
    int32_t integer = (int32_t)(bits >> 40) % 9 - 1;
    float number = (float)((int64_t)(bits >> 40) - (1 << 23)) / (1 << 22);
    if (bits % 3 == 0) memcpy(bytes + i, &integer, 4);
    else if (bits % 16) memcpy(bytes + i, &number, 4);
    else memcpy(bytes + i, &bits, 4);
  }
}

void *fuzz_memory(fuzz_use use, int element, int rank, const long *extents) {
  __int128 size = element;
  int none = 0;
  for (int i = 0; i < rank; i++) {
    if (extents[i] < 0) none = 1;
    if (size < (__int128)1 << 80) size *= extents[i];
  }
  /* a tensor that large does not fit, and its call says so; scratch that large is never lent, so that none is made */
  if (size > (__int128)4 * STEPPE_MOST_ELEMENTS) *(use == FUZZ_SCRATCH ? &too_large : &none) = 1;
  if (!none && size > LARGEST) too_large = 1;
  if (none || too_large) size = 1, element = 1;
  if (fuzz_below(200) == 0) return NULL;
  uint8_t *bytes = malloc(size ? (size_t)size : 1);
  if (!bytes) abort();
  fill(bytes, (long)size, element);
  memories[count].bytes = bytes, memories[count].size = (long)size, memories[count].use = use,
  memories[count].kept = NULL;
  count++;
  return bytes;
}

static void keep(int i) {
  if (!memories[i].kept) memories[i].kept = malloc(memories[i].size + 1);
  memcpy(memories[i].kept, memories[i].bytes, memories[i].size);
}

static void fail(const char *name, const char *what) {
  fprintf(stderr, "%s %s\n", name, what);
  abort();
}

static void unchanged(const char *name, fuzz_use use, const char *what) {
  for (int i = 0; i < count; i++)
    if (memories[i].use == use && memcmp(memories[i].bytes, memories[i].kept, memories[i].size)) fail(name, what);
}

int fuzz_ready(void) {
  for (int i = 0; i < count; i++) keep(i);
  return !too_large;
}

#define MOST_NAMES 64
static struct {
  const char *name;
  long succeeded, refused;
} tallies[MOST_NAMES];

static void tally(const char *name, int status) {
  int i = 0;
  while (tallies[i].name && strcmp(tallies[i].name, name)) i++;
  tallies[i].name = name;
  if (status == STEPPE_OK) tallies[i].succeeded++;
  else tallies[i].refused++;
}

void fuzz_between(const char *name, int status) {
  tally(name, status);
  unchanged(name, FUZZ_READ, "changed what it reads");
  if (status == STEPPE_UNSUPPORTED) unchanged(name, FUZZ_WRITTEN, "was refused, and wrote");
  else if (status != STEPPE_OK) fail(name, "returned what it should not");
  if (status == STEPPE_UNSUPPORTED) return;
  for (int i = 0; i < count; i++) {
    if (memories[i].use != FUZZ_WRITTEN) continue;
    keep(i);
    for (long j = 0; j < memories[i].size; j++) memories[i].bytes[j] ^= 1;
  }
}

void fuzz_after(const char *name, int first, int second) {
  if (first != second) fail(name, "returned something else the second time");
  unchanged(name, FUZZ_WRITTEN, "left some of its output unwritten, or reads it");
}

void fuzz_free(void) {
  for (int i = 0; i < count; i++) free(memories[i].bytes), free(memories[i].kept);
  count = too_large = 0;
}

int main(int arguments, char **values) {
  state = arguments > 1 ? strtoull(values[1], NULL, 10) : 0;
  const long rounds = arguments > 2 ? atol(values[2]) : 1000;
  for (long round = 0; round < rounds; round++) {
    steppe_set_threads(1 + round % 3);
    steppe_set_matrix_unit((int)(round / 3 % 3));
    fuzz_images(), fuzz_elements(), fuzz_rows(), fuzz_moves();
  }
  long calls = 0;
  for (int i = 0; tallies[i].name; i++) {
    calls += tallies[i].succeeded + tallies[i].refused;
    if (arguments > 3)
      printf("%-32s %6ld done, %6ld refused\n", tallies[i].name, tallies[i].succeeded, tallies[i].refused);
    if (rounds >= 100 && (!tallies[i].refused || tallies[i].succeeded * 4 < tallies[i].refused))
      fail(tallies[i].name, "is hardly tried");
  }
  printf("%ld odd calls\n", calls);
  return 0;
}
