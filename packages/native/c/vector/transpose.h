/* Transposes a block of a matrix while it is packed. */
#ifndef STEPPE_TRANSPOSE_H
#define STEPPE_TRANSPOSE_H

#include "vector/vec.h"

typedef float four __attribute__((vector_size(16), aligned(4), may_alias));

/* Four rows of four, through registers: eight shuffles instead of sixteen loads and stores of single floats. */
static inline void transpose_4x4(const float *from, long step, float *to, long width) {
  four a = *(const four *)from, b = *(const four *)(from + step), c = *(const four *)(from + 2 * step),
       d = *(const four *)(from + 3 * step);
  four ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
  four AB = __builtin_shufflevector(a, b, 2, 6, 3, 7), CD = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  *(four *)to = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
  *(four *)(to + width) = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
  *(four *)(to + 2 * width) = __builtin_shufflevector(AB, CD, 0, 1, 4, 5);
  *(four *)(to + 3 * width) = __builtin_shufflevector(AB, CD, 2, 3, 6, 7);
}

#if VL == 16
#define ZIP(a, b, at)                                                                                            \
  __builtin_shufflevector(a, b, at, at + 16, at + 1, at + 17, at + 2, at + 18, at + 3, at + 19, at + 4, at + 20, \
                          at + 5, at + 21, at + 6, at + 22, at + 7, at + 23)

/* Sixteen rows of sixteen: shuffling the rows like two halves of a deck of cards, four times, exchanges rows and
 * columns. */
static inline void transpose_square(const float *from, long step, float *to, long width) {
  vf row[VL], next[VL];
  UNROLL for (int i = 0; i < VL; i++) row[i] = load(from + i * step);
  UNROLL for (int stage = 0; stage < 4; stage++) {
    UNROLL for (int i = 0; i < VL / 2; i++) {
      next[2 * i] = ZIP(row[i], row[i + VL / 2], 0);
      next[2 * i + 1] = ZIP(row[i], row[i + VL / 2], 8);
    }
    UNROLL for (int i = 0; i < VL; i++) row[i] = next[i];
  }
  UNROLL for (int i = 0; i < VL; i++) store(to + i * width, row[i]);
}
#define SQUARE VL
#else
#define transpose_square transpose_4x4
#define SQUARE 4
#endif

/* to[j][i] = from[i][j], for i < rows and j < columns; the rest of the `width` floats of to[j] becomes zero. The rows
 * of `from` are `step` floats apart. */
static inline void transpose(const float *from, long step, long rows, long columns, float *to, long width) {
  long i = 0;
  for (; i + SQUARE <= rows; i += SQUARE) {
    long j = 0;
    for (; j + SQUARE <= columns; j += SQUARE) transpose_square(from + i * step + j, step, to + j * width + i, width);
    for (; j < columns; j++) {
      for (long r = i; r < i + SQUARE; r++) to[j * width + r] = from[r * step + j];
    }
  }
  for (; i < width; i++) {
    for (long j = 0; j < columns; j++) to[j * width + i] = i < rows ? from[i * step + j] : 0;
  }
}

#endif
