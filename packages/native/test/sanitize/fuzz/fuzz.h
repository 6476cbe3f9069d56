/* Calls of steppe.h with random odd arguments and exact memory: what every family of calls is written with. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

#include "steppe.h"

/* A number below `limit`, from the seed alone. */
long fuzz_below(long limit);

/* An extent: mostly small, now and then 0, negative, or so large that products overflow. */
long fuzz_extent(void);
/* The same, small and not negative, except once in a while. */
long fuzz_small(void);
/* A stride or dilation: mostly 1 to 3. */
int fuzz_step(void);
/* One of [0, count), now and then an int that is none. */
int fuzz_choice(int count);
/* A number of doubles that conversions get wrong when they get anything wrong. */
double fuzz_number(void);

typedef enum { FUZZ_READ, FUZZ_WRITTEN, FUZZ_SCRATCH } fuzz_use;

/* Memory for exactly so many elements of `bytes`, with random bits; a byte where the extents are those of no tensor;
 * now and then null. What is READ must stay as it is, what is WRITTEN must be written whole by a call that succeeds. */
void *fuzz_memory(fuzz_use use, int bytes, int count, const long *extents);
#define MEMORY(use, bytes, ...) \
  fuzz_memory(use, bytes, sizeof((long[]){__VA_ARGS__}) / sizeof(long), (long[]){__VA_ARGS__})
#define READ(bytes, ...) MEMORY(FUZZ_READ, bytes, __VA_ARGS__)
#define WRITTEN(bytes, ...) MEMORY(FUZZ_WRITTEN, bytes, __VA_ARGS__)
#define SCRATCH(bytes) MEMORY(FUZZ_SCRATCH, 1, bytes)

/* Makes the call twice, on other contents of what it writes; both must give the same, and a call that is refused must
 * write nothing. Frees the memory. Calls on memory that no test has are left out. */
#define CALL(name, call)                \
  do {                                  \
    if (fuzz_ready()) {                 \
      int status = (call);              \
      fuzz_between(name, status);       \
      fuzz_after(name, status, (call)); \
    }                                   \
    fuzz_free();                        \
  } while (0)
int fuzz_ready(void);
void fuzz_between(const char *name, int status);
void fuzz_after(const char *name, int first, int second);
void fuzz_free(void);

void fuzz_images(void);
void fuzz_elements(void);
void fuzz_rows(void);
void fuzz_moves(void);

#endif
