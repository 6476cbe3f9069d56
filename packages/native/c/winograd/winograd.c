#include "winograd/winograd.h"

#include "runtime/common.h"
#include "tile/tile.h"

/* Under so many channels or outputs, the changes of basis take more than the products save; and a filter that does not
 * fit into the second-level cache in the other basis, which is nearly twice as large, passes too slowly. */
#define LEAST_CHANNELS (VL > 8 ? 64 : 32)
#define MOST_FILTER 262144
/* Patches at once: the height of the widest tile. The filter streams past, and what a block writes and reads again
 * stays in the first-level cache; larger blocks are slower. */
#define BLOCK 6
#define MAX_SLOTS 32

int winograd_fits(const steppe_conv *p) {
  if (p->kh != 3 || p->kw != 3 || p->stride_h != 1 || p->stride_w != 1 || p->dilation_h != 1 || p->dilation_w != 1)
    return 0;
  if (p->c % VL || p->o % VL || p->c < LEAST_CHANNELS || p->o < LEAST_CHANNELS ||
      PATCH * (long)p->c * p->o > MOST_FILTER)
    return 0;
  /* Patches that hang over the edge are work for nothing, and small images have many. */
  long used = (long)p->oh * p->ow, computed = ((p->oh + 1L) / 2 * 2) * ((p->ow + 1L) / 2 * 2);
  return p->h > 0 && p->w > 0 && used * 8 >= computed * 7 && used >= 16;
}

static winograd cut(winograd g) {
  g.down = (g.rows + 1) / 2;
  g.across = (g.cols + 1) / 2;
  g.patches = g.images * g.down * g.across;
  g.blocks = (g.patches + BLOCK - 1) / BLOCK;
  g.slot_count = least(g.blocks, MAX_SLOTS);
  return g;
}

winograd winograd_forward(const steppe_conv *p) {
  return cut((winograd){.images = p->n,
                        .height = p->h,
                        .width = p->w,
                        .channels = p->c,
                        .rows = p->oh,
                        .cols = p->ow,
                        .outputs = p->o,
                        .pad_top = p->pad_top,
                        .pad_left = p->pad_left});
}

winograd winograd_gradient(const steppe_conv *p) {
  return cut((winograd){.images = p->n,
                        .height = p->oh,
                        .width = p->ow,
                        .channels = p->o,
                        .rows = p->h,
                        .cols = p->w,
                        .outputs = p->c,
                        .pad_top = 2 - p->pad_top,
                        .pad_left = 2 - p->pad_left});
}

long winograd_filter_floats(const winograd *g) { return PATCH * g->channels * panels_width(g->outputs); }

/* One line more than needed between the elements of the basis: sixteen streams at a power of two would meet in one
 * set. */
static long patch_step(const winograd *g) { return BLOCK * g->channels + VL; }
static const long product_step = BLOCK * TILE_WIDTH + VL;

long winograd_slot_floats(const winograd *g) { return (PATCH * (patch_step(g) + product_step) + 15) / 16 * 16; }

/* products[patch][0 .. width) = patches[patch] * filter, for one element of the basis. */
static void multiply(const winograd *g, const float *patches, const float *filter, int vectors, long count,
                     float *products) {
  tile_taps taps = {.rows = 1, .cols = 1, .run = g->channels, .w_step = vectors * VL};
  const float *x[TILE_MAX_HEIGHT];
  float *y[TILE_MAX_HEIGHT];
  int height;
  for (long first = 0; first < count; first += height) {
    tile_gather add = tile_gather_of(vectors, count - first, &height);
    for (int i = 0; i < height; i++) {
      x[i] = patches + (first + i) * g->channels;
      y[i] = products + (first + i) * vectors * VL;
    }
    add(x, &taps, filter, 0, y);
  }
}

static void slot_task(void *context, long begin, long end) {
  const winograd *g = context;
  for (long slot = begin; slot < end; slot++) {
    float *patches = g->slots + slot * winograd_slot_floats(g), *products = patches + PATCH * patch_step(g);
    for (long block = slot * g->blocks / g->slot_count; block < (slot + 1) * g->blocks / g->slot_count; block++) {
      long first = block * BLOCK, last = least(first + BLOCK, g->patches);
      winograd_read(g, first, last, patches, patch_step(g));
      for (long o = 0; o < g->outputs; o += TILE_WIDTH) {
        int vectors = panel_vectors(g->outputs, o);
        const float *filter = g->filter + o * PATCH * g->channels;
        for (long i = 0; i < PATCH; i++) {
          multiply(g, patches + i * patch_step(g), filter + i * g->channels * vectors * VL, vectors, last - first,
                   products + i * product_step);
        }
        winograd_write(g, first, last, o, vectors * VL, products, product_step);
      }
    }
  }
}

void winograd_run(const winograd *g) {
  winograd_filter(g);
  steppe_parallel(g->slot_count, 1, slot_task, (void *)g);
}
