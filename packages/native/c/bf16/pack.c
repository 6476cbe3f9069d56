/* Rounds floats to bfloat16, to nearest even as the instructions do it, and lays them out for products. */
#include <string.h>

#include "bf16/bf16.h"
#include "vector/transpose.h"
#include "vector/vec.h"

typedef uint32_t vu __attribute__((vector_size(4 * VL), aligned(2), may_alias));
typedef uint16_t vh __attribute__((vector_size(2 * VL), aligned(2), may_alias));

#define INFINITE 0x7f800000u
#define UPPER 0xffff0000u

static inline vu pick(vi mask, vu a, vu b) { return (vu)((mask & (vi)a) | (~mask & (vi)b)); }
static inline vu magnitude(vu bits) { return bits & 0x7fffffffu; }

/* The nearest number with zeros in the lower half; denormal numbers become 0, and NaN stays NaN. */
static inline vu rounded(vu x) {
  const vu nearest = (x + 0x7fffu + ((x >> 16) & 1u)) & UPPER;
  const vu number = pick((vi)(magnitude(x) > INFINITE), (x | 0x400000u) & UPPER, nearest);
  return pick((vi)(magnitude(x) < 0x800000u), x & 0x80000000u, number);
}

/* The same, but what is finite stays finite, and what that leaves over. */
static inline vu split(vu x, vu *rest) {
  const vu infinite = (vu){0} + INFINITE;
  vu upper = rounded(x);
  upper = pick((vi)(magnitude(upper) == infinite) & (vi)(magnitude(x) < INFINITE), x & UPPER, upper);
  const vu left = rounded((vu)((vf)x - (vf)upper));
  *rest = pick((vi)(magnitude(x) < INFINITE), left, (vu){0});
  return upper;
}

static inline vu floats_at(const float *x) { return *(const vu *)x; }

static inline void put_half(bf16 *to, vu upper) { *(vh *)to = __builtin_convertvector(upper >> 16, vh); }

static void pack_row(const float *x, long columns, bf16 *to, long rest) {
  if (bf16_unit() != BF16_PORTABLE) {
    bf16_pack_row_dots(x, columns, to, rest);
    return;
  }
  vu left;
  long j = 0;
  for (; j + VL <= columns; j += VL) {
    put_half(to + j, rest ? split(floats_at(x + j), &left) : rounded(floats_at(x + j)));
    if (rest) put_half(to + j + rest, left);
  }
  if (j == columns) return;
  float end[VL] = {0};
  bf16 halves[VL];
  memcpy(end, x + j, (columns - j) * sizeof(float));
  put_half(halves, rest ? split(floats_at(end), &left) : rounded(floats_at(end)));
  memcpy(to + j, halves, (columns - j) * sizeof(bf16));
  if (!rest) return;
  put_half(halves, left);
  memcpy(to + j + rest, halves, (columns - j) * sizeof(bf16));
}

void bf16_pack_rows(const float *const *rows, long count, long columns, long width, bf16 *to, long rest) {
  for (long i = 0; i < count; i++, to += width) {
    const long full = rows[i] ? columns : 0;
    if (full) pack_row(rows[i], full, to, rest);
    if (full == width) continue;
    memset(to + full, 0, (width - full) * sizeof(bf16));
    if (rest) memset(to + full + rest, 0, (width - full) * sizeof(bf16));
  }
}

/* A tile's columns of two rows, in pairs. */
static inline void pack_pair(const float *even, const float *odd, long first, long columns, bf16 *to, long rest) {
  float ends[2][BF16_TILE];
  const float *const rows[] = {even, odd};
  const float *from[2];
  for (int i = 0; i < 2; i++) {
    from[i] = rows[i] ? rows[i] + first : 0;
    if (from[i] && columns == BF16_TILE) continue;
    memset(ends[i], 0, sizeof ends[i]);
    if (from[i]) memcpy(ends[i], from[i], columns * sizeof(float));
    from[i] = ends[i];
  }
  for (long j = 0; j < BF16_TILE; j += VL) {
    vu low, high;
    if (!rest) {
      *(vu *)(to + 2 * j) = rounded(floats_at(from[0] + j)) >> 16 | rounded(floats_at(from[1] + j));
      continue;
    }
    *(vu *)(to + 2 * j) = split(floats_at(from[0] + j), &low) >> 16 | split(floats_at(from[1] + j), &high);
    *(vu *)(to + 2 * j + rest) = low >> 16 | high;
  }
}

void bf16_pack_pairs(const float *const *rows, long first, long count, long columns, bf16 *to, long rest) {
  if (bf16_unit() != BF16_PORTABLE) {
    bf16_pack_pairs_dots(rows, first, count, columns, to, rest);
    return;
  }
  for (long i = 0; i < count; i += 2) pack_pair(rows[i], rows[i + 1], first, columns, to + i * BF16_TILE, rest);
}

/* to[j * to_row + i]: pairs of rows, one below the other, side by side. */
static void transpose_pairs(const bf16 *pairs, bf16 *to, long to_row) {
  for (long i = 0; i < BF16_TILE; i += SQUARE) {
    for (long j = 0; j < BF16_TILE; j += SQUARE)
      transpose_square((const float *)pairs + i * BF16_TILE + j, BF16_TILE, (float *)to + j * (to_row / 2) + i,
                       to_row / 2);
  }
}

void bf16_pack_columns(const float *const *rows, long first, long count, long columns, bf16 *to, long to_row,
                       long rest) {
  enum { SIZE = BF16_DEPTH * BF16_TILE };
  _Alignas(64) bf16 pairs[2 * SIZE];
  for (long i = 0; i < count; i += BF16_DEPTH) {
    bf16_pack_pairs(rows + i, first, BF16_DEPTH, columns, pairs, rest ? SIZE : 0);
    transpose_pairs(pairs, to + i, to_row);
    if (rest) transpose_pairs(pairs + SIZE, to + i + rest, to_row);
  }
}

void bf16_pack_across(const float *const *rows, long count, int depth, bf16 *to, long rest) {
  enum { SIZE = BF16_DEPTH * BF16_TILE };
  _Alignas(64) bf16 lines[2 * SIZE], tile[SIZE];
  bf16_pack_rows(rows, BF16_TILE, count, BF16_DEPTH, lines, rest ? SIZE : 0);
  for (int part = 0; part < (rest ? 2 : 1); part++) {
    transpose_pairs(lines + part * SIZE, tile, 2 * BF16_TILE);
    memcpy(to + part * rest, tile, depth * BF16_TILE * sizeof(bf16));
  }
}
