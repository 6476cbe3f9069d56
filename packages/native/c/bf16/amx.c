/* Sums of products on AMX: a tile is 16 rows of 64 bytes, and one instruction multiplies two of them. */
#include "bf16/bf16.h"

#if BF16_INSTRUCTIONS
#include <immintrin.h>
#include <string.h>

#define AMX __attribute__((target("amx-tile,amx-bf16")))

/* The layout that `ldtilecfg` reads. */
typedef struct {
  uint8_t palette, start, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
} tile_shapes;

/* Tiles 0 to 3 are sums, 4 and 5 rows of a, 6 and 7 columns of b. */
AMX void bf16_configure_tiles(int depth) {
  tile_shapes shapes;
  memset(&shapes, 0, sizeof shapes);
  shapes.palette = 1;
  for (int i = 0; i < 8; i++) {
    shapes.row_bytes[i] = i == 4 || i == 5 ? depth * sizeof(bf16) : 4 * BF16_TILE;
    shapes.rows[i] = i >= 6 ? depth / 2 : BF16_TILE;
  }
  /* GCC believes that only the first eight bytes are read, and would leave out the rest. */
  __asm__ volatile("" : : "r"(&shapes) : "memory");
  _tile_loadconfig(&shapes);
}

/* Tiles that are in use make every switch of this thread save eight kilobytes. */
AMX void bf16_release_tiles(void) { _tile_release(); }

#define SUM_TILES(low, wide)                                                             \
  do {                                                                                   \
    const long a_row = s->a_row * (long)sizeof(bf16);                                    \
    for (const bf16_step *step = s->steps, *end = step + s->count; step < end; step++) { \
      const bf16 *x = a + step->a, *w = b + step->b;                                     \
      _tile_loadd(6, w, 4 * BF16_TILE);                                                  \
      _tile_loadd(4, x, a_row);                                                          \
      _tile_dpbf16ps(0, 4, 6);                                                           \
      if (wide) {                                                                        \
        _tile_loadd(7, w + s->b_half, 4 * BF16_TILE);                                    \
        _tile_dpbf16ps(1, 4, 7);                                                         \
      }                                                                                  \
      if (low) {                                                                         \
        _tile_loadd(5, x + BF16_TILE * s->a_row, a_row);                                 \
        _tile_dpbf16ps(2, 5, 6);                                                         \
        if (wide) _tile_dpbf16ps(3, 5, 7);                                               \
      }                                                                                  \
    }                                                                                    \
  } while (0)

AMX void bf16_block_tiles(const bf16 *a, const bf16 *b, const bf16_sum *s, int rows, int column_tiles, float *c,
                          int add) {
  const long c_row = s->c_row * (long)sizeof(float);
  const int low = rows > BF16_TILE, wide = column_tiles > 1;
  float *below = c + BF16_TILE * s->c_row;
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  if (add) {
    _tile_loadd(0, c, c_row);
    if (wide) _tile_loadd(1, c + BF16_TILE, c_row);
    if (low) _tile_loadd(2, below, c_row);
    if (low && wide) _tile_loadd(3, below + BF16_TILE, c_row);
  }
  if (low && wide) SUM_TILES(1, 1);
  else if (low) SUM_TILES(1, 0);
  else if (wide) SUM_TILES(0, 1);
  else SUM_TILES(0, 0);
  _tile_stored(0, c, c_row);
  if (wide) _tile_stored(1, c + BF16_TILE, c_row);
  if (low) _tile_stored(2, below, c_row);
  if (low && wide) _tile_stored(3, below + BF16_TILE, c_row);
}

#else
void bf16_configure_tiles(int depth) { (void)depth; }
void bf16_release_tiles(void) {}
void bf16_block_tiles(const bf16 *a, const bf16 *b, const bf16_sum *s, int rows, int column_tiles, float *c, int add) {
  bf16_block_portable(a, b, s, rows, column_tiles, c, add);
}
#endif
