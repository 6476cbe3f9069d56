/* Programs: calls of functions of steppe.h that were recorded, and are made again by one call (program/program.c). */
#ifndef STEPPE_PROGRAM_H
#define STEPPE_PROGRAM_H

#include <stdint.h>

/* One argument of a recorded call. */
typedef union {
  int64_t whole;
  double real;
  void *pointer;
} steppe_word;

/* A word that is an address: so many bytes behind the start of a buffer. */
typedef struct {
  int64_t word, buffer, offset;
} steppe_link;

/* A function that can be recorded (program/functions.c): its parameters by letter, `i` int, `l` long, `d` double, `p` a
 * pointer, and what calls it with so many words. */
typedef struct {
  const char *name, *parameters;
  int (*call)(const steppe_word *arguments);
} steppe_function;

extern const steppe_function steppe_functions[];
extern const int steppe_function_count;

/* The number of a function with these parameters; negative where it cannot be recorded. */
int steppe_function_number(const char *name, const char *parameters);

/* A program is words: `end` of them are calls, each the number of a function and its arguments; behind them is what
 * they point to in the program itself, which is buffer 0. Checks numbers, links, and that every pointer is linked or
 * null; `bytes` is the size of each buffer. What it accepts `steppe_replay` runs. */
int steppe_program_check(const steppe_word *words, long end, long count, const steppe_link *links, long link_count,
                         const double *bytes, long buffers);

/* Makes the calls, with buffers at these addresses (whole numbers). Gives 0, or 256 times the place of the call that
 * failed, plus what it returned. */
long steppe_replay(steppe_word *words, long end, const steppe_link *links, long link_count, const double *addresses);

#endif
