#include "winograd/winograd.h"

#include "runtime/common.h"
#include "tile/tile.h"

/* Under so many channels or outputs, the changes of basis take more than the products save. */
#define LEAST_CHANNELS (VL > 8 ? 64 : 32)
/* A filter of so many floats in the other basis stays in the second-level cache. It then passes once for every NARROW
 * patches, the height of the widest tile: what a block writes and reads again stays in the first-level cache. A larger
 * filter passes once for as many patches as stay in the second-level cache, or is taken in stages (stages.c), and wants
 * enough of them to be worth its change of basis. */
#define MOST_FILTER 262144
#define NARROW 6
#define MOST_WIDE 96
#define LEAST_PATCHES 96
#define WANTED_TASKS 16
#define MAX_SLOTS 32

static int is_wide(long channels, long outputs) { return PATCH * channels * outputs > MOST_FILTER; }

int winograd_fits(const steppe_conv *p) {
  return winograd_taps(p) && winograd_fills(p) && p->c % VL == 0 && p->o % VL == 0 && p->c >= LEAST_CHANNELS &&
         p->o >= LEAST_CHANNELS &&
         (!is_wide(p->c, p->o) || p->n * ((p->oh + 1L) / 2) * ((p->ow + 1L) / 2) >= LEAST_PATCHES);
}

static winograd cut(winograd g) {
  g.down = (g.rows + 1) / 2;
  g.across = (g.cols + 1) / 2;
  g.patches = g.images * g.down * g.across;
  const long fitting = MOST_FILTER / (PATCH * g.channels) / NARROW * NARROW;
  g.block = is_wide(g.channels, g.outputs) ? least(most(fitting, NARROW), MOST_WIDE) : NARROW;
  g.stages = is_wide(g.channels, g.outputs) && winograd_stages_pay(&g, g.block);
  g.blocks = (g.patches + g.block - 1) / g.block;
  g.parts = 1;
  if (g.blocks < WANTED_TASKS)
    g.parts = least((g.outputs + TILE_WIDTH - 1) / TILE_WIDTH, (WANTED_TASKS + g.blocks - 1) / most(g.blocks, 1));
  g.slot_count = least(g.blocks * g.parts, MAX_SLOTS);
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
static long patch_step(const winograd *g) { return g->block * g->channels + VL; }
static long product_step(const winograd *g) { return g->block * TILE_WIDTH + VL; }

static long slot_floats(const winograd *g) { return (PATCH * (patch_step(g) + product_step(g)) + 15) / 16 * 16; }

long winograd_slots_floats(const winograd *g) {
  return g->stages ? winograd_staged_floats(g) : g->slot_count * slot_floats(g);
}

/* Floats of the filter's piece that all patches of a block pass over before the next: with the rows of a tile they stay
 * in the first-level cache. */
#define PIECE 8192

void winograd_multiply(const winograd *g, const float *patches, const float *filter, int vectors, long count,
                       float *products) {
  const long width = vectors * VL, depth = PIECE / width;
  const float *x[TILE_MAX_HEIGHT];
  float *y[TILE_MAX_HEIGHT];
  int height;
  for (long c = 0; c < g->channels; c += depth) {
    const tile_taps taps = {.rows = 1, .cols = 1, .run = least(depth, g->channels - c), .w_step = width};
    for (long first = 0; first < count; first += height) {
      tile_gather add = tile_gather_of(vectors, count - first, &height);
      for (int i = 0; i < height; i++) {
        x[i] = patches + (first + i) * g->channels + c;
        y[i] = products + (first + i) * width;
      }
      add(x, &taps, filter + c * width, c ? (const float *const *)y : 0, y);
    }
  }
}

static void run_task(const winograd *g, long task, float *slot) {
  const long block = task / g->parts, part = task % g->parts, panels = (g->outputs + TILE_WIDTH - 1) / TILE_WIDTH;
  const long first = block * g->block, last = least(first + g->block, g->patches);
  float *patches = slot, *products = slot + PATCH * patch_step(g);
  winograd_read(g, first, last, patches, patch_step(g));
  for (long o = part * panels / g->parts * TILE_WIDTH;
       o < least((part + 1) * panels / g->parts * TILE_WIDTH, g->outputs); o += TILE_WIDTH) {
    const int vectors = panel_vectors(g->outputs, o);
    const float *filter = g->filter + o * PATCH * g->channels;
    for (long i = 0; i < PATCH; i++) {
      winograd_multiply(g, patches + i * patch_step(g), filter + i * g->channels * vectors * VL, vectors, last - first,
                        products + i * product_step(g));
    }
    winograd_write(g, first, last, o, vectors * VL, products, product_step(g));
  }
}

static void slot_task(void *context, long begin, long end) {
  const winograd *g = context;
  const long tasks = g->blocks * g->parts;
  for (long slot = begin; slot < end; slot++) {
    for (long task = slot * tasks / g->slot_count; task < (slot + 1) * tasks / g->slot_count; task++)
      run_task(g, task, g->slots + slot * slot_floats(g));
  }
}

void winograd_run(const winograd *g) {
  winograd_filter(g);
  if (g->stages) {
    winograd_run_stages(g);
  } else {
    steppe_parallel(g->slot_count, 1, slot_task, (void *)g);
  }
}
