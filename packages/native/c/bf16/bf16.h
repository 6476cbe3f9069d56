/* Products of operands rounded to bfloat16, with sums in float32.
 *
 * Everything is brought to one form: rows of a, read in place at any offset, times tiles of b, packed in pairs of terms
 * for the dot products of AVX512-BF16 and AMX; portable C reads the same. Denormal numbers count as 0, as they do in
 * these instructions. */
#ifndef STEPPE_BF16_H
#define STEPPE_BF16_H

#include <stdint.h>

#include "steppe.h"

/* The upper half of a float. */
typedef uint16_t bf16;

/* Rows, columns and terms of a tile, and rows and columns of the block of tiles that is summed at once. */
#define BF16_TILE 16
#define BF16_DEPTH 32
#define BF16_BLOCK 32

/* The operands of one product of tiles, in elements from the beginning of a and b. */
typedef struct {
  long a, b;
} bf16_step;

/* A sum of products of tiles: c[rows,columns] = sum over steps of a[rows,depth] b[depth,columns]. */
typedef struct {
  const bf16_step *steps;
  long count;
  int depth;   /* terms of a step: even, at most BF16_DEPTH */
  long a_row;  /* from one row of a to the next */
  long b_half; /* from the first BF16_TILE columns of b to the others; in them [depth / 2][BF16_TILE][2] */
  long c_row;
  int unit; /* from bf16_begin */
} bf16_sum;

/* Terms cut into steps: `width` terms, zeros at the end included, in `steps` of `depth`. */
typedef struct {
  long width, steps, depth;
} bf16_cut;

#pragma GCC visibility push(hidden)

bf16_cut bf16_cut_of(long terms);

/* Products that a precision takes for one of float32: of the rounded operands, and of each with what rounding took off
 * the other. `bf16_put_steps` writes them, for rests that lie `a_rest` and `b_rest` behind; it returns their number. */
long bf16_products(int precision);
long bf16_put_steps(bf16_step *steps, int precision, bf16_step at, long a_rest, long b_rest);

/* Packs rows of floats, null for zeros; `rest`, unless 0, is where what rounding took off goes, behind `to`.
 * rows: to[i][0 .. width), zeros from `columns` on.
 * pairs: the tile of `columns` columns, and zeros to BF16_TILE, of `count` rows as terms; count is even.
 * columns: to[j * to_row + i], rows transposed: `count` is a multiple of BF16_DEPTH, `columns` at most BF16_TILE, and
 * zeros go to the other columns up to it. */
void bf16_pack_rows(const float *const *rows, long count, long columns, long width, bf16 *to, long rest);
void bf16_pack_pairs(const float *const *rows, long first, long count, long columns, bf16 *to, long rest);
void bf16_pack_columns(const float *const *rows, long first, long count, long columns, bf16 *to, long to_row,
                       long rest);

/* One row, and pairs, by the instructions; only where `bf16_unit` has them. */
void bf16_pack_row_dots(const float *x, long columns, bf16 *to, long rest);
void bf16_pack_pairs_dots(const float *const *rows, long first, long count, long columns, bf16 *to, long rest);

/* The tile whose columns are rows, of which `count` terms are there, at most `depth`. */
void bf16_pack_across(const float *const *rows, long count, int depth, bf16 *to, long rest);

/* Sums up to BF16_BLOCK rows and one or two tiles of columns, between begin and end on the same thread, all on the unit
 * that begin tells. Rows of a and c are there up to the next multiple of BF16_TILE. With `add` the sum goes on from
 * c. */
int bf16_begin(int depth);
void bf16_block(const bf16 *a, const bf16 *b, const bf16_sum *sum, int rows, int column_tiles, float *c, int add);
void bf16_end(int unit);

/* The same on each unit; `bf16_unit` says which is in use. */
enum { BF16_PORTABLE, BF16_DOTS, BF16_TILES };
int bf16_unit(void);
void bf16_block_portable(const bf16 *a, const bf16 *b, const bf16_sum *sum, int rows, int column_tiles, float *c,
                         int add);
void bf16_block_dots(const bf16 *a, const bf16 *b, const bf16_sum *sum, int rows, int column_tiles, float *c, int add);
void bf16_block_tiles(const bf16 *a, const bf16 *b, const bf16_sum *sum, int rows, int column_tiles, float *c, int add);
void bf16_configure_tiles(int depth);
void bf16_release_tiles(void);

/* The next part of a scratch buffer, on a cache line of its own; from 0 this measures. */
static inline void *bf16_take(intptr_t *cursor, long bytes) {
  void *part = (void *)*cursor;
  *cursor += (bytes + 63) / 64 * 64;
  return part;
}

#pragma GCC visibility pop

/* Whether this file can be compiled for the instructions: the compiler knows them, for AVX-512 that is there. */
#if defined(__x86_64__) && defined(__AVX512F__) && \
    ((defined(__clang__) && __clang_major__ >= 12) || (!defined(__clang__) && __GNUC__ >= 11))
#define BF16_INSTRUCTIONS 1
#else
#define BF16_INSTRUCTIONS 0
#endif

#endif
