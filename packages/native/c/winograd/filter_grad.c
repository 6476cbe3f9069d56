#include "winograd/filter_grad.h"

#include <string.h>

#include "runtime/common.h"
#include "tile/tile.h"
#include "winograd/patch.h"
#include "winograd/winograd.h"

/* A region of the filter: so many channels by so many outputs. Its sums in the other basis stay in the second-level
 * cache. */
#define CHANNELS 64
#define OUTPUTS 64
/* Patches at once: of each element of the basis, both factors then stay in the first-level cache. */
#define BLOCK 48
#define WANTED_TASKS 16
#define MAX_SLOTS 32
#define LEAST_CHANNELS 32

/* The work is cut twice, by shape alone: the filter into regions and the patches into parts. A task is one part for one
 * region, summed in a partial result of its own; these are then added in the order of the parts. */
typedef struct {
  steppe_conv p;
  const float *x, *dy;
  const steppe_conv_fusion *fusion; /* or null */
  float *dw, *partials, *slots;
  long down, across, patches, blocks; /* patches of an image, and of all */
  long slices, panels, parts, tasks, slot_count;
} filter_grad;

int winograd_filter_grad_fits(const steppe_conv *p) {
  return winograd_taps(p) && winograd_fills(p) && p->c % VL == 0 && p->o % VL == 0 && p->c >= LEAST_CHANNELS &&
         p->o >= LEAST_CHANNELS;
}

static filter_grad cut(const steppe_conv *p) {
  filter_grad g = {.p = *p};
  g.down = (p->oh + 1L) / 2;
  g.across = (p->ow + 1L) / 2;
  g.patches = p->n * g.down * g.across;
  g.blocks = (g.patches + BLOCK - 1) / BLOCK;
  g.slices = (p->c + CHANNELS - 1L) / CHANNELS;
  g.panels = (p->o + OUTPUTS - 1L) / OUTPUTS;
  g.parts = most(least(g.blocks, WANTED_TASKS / (g.slices * g.panels)), 1);
  g.tasks = g.slices * g.panels * g.parts;
  g.slot_count = least(g.tasks, MAX_SLOTS);
  return g;
}

/* Floats from one element of the basis to the next. A line more than needed: sixteen streams at a power of two would
 * meet in one set of the cache. */
static long step_of(long width) { return BLOCK * width + VL; }
static long x_step(const filter_grad *g) { return step_of(least(g->p.c, CHANNELS)); }
static long dy_step(const filter_grad *g) { return step_of(least(g->p.o, OUTPUTS)); }
static long slot_floats(const filter_grad *g) { return (PATCH * (x_step(g) + dy_step(g)) + 15) / 16 * 16; }
static long partial_floats(const filter_grad *g) { return PATCH * least(g->p.c, CHANNELS) * least(g->p.o, OUTPUTS); }

static const float zeros[VL];

/* Patch `patch` of x for `channels` channels in the other basis. */
static void read_x(const filter_grad *g, long patch, long channel, long channels, float *to, long step) {
  const steppe_conv *p = &g->p;
  const long top = patch / g->across % g->down * 2 - p->pad_top, left = patch % g->across * 2 - p->pad_left;
  const float *image = g->x + patch / (g->across * g->down) * p->h * p->w * p->c + channel;
  const patch_pixels pixels = patch_at(image, p->h, p->w, p->c, top, left);
  read_patch(&pixels, conv_in_of(g->fusion, channel), conv_in_changes(g->fusion), channels, to, step);
}

/* The gradients of four results for `columns` outputs in the other basis. */
static void read_dy(const filter_grad *g, long patch, long o, long columns, float *to, long step) {
  const steppe_conv *p = &g->p;
  const long row = patch / g->across % g->down * 2, col = patch % g->across * 2;
  const float *image = g->dy + patch / (g->across * g->down) * p->oh * p->ow * p->o + o, *pixel[4];
  long inside[4];
  for (int i = 0; i < 4; i++) {
    inside[i] = row + i / 2 < p->oh && col + i % 2 < p->ow;
    pixel[i] = inside[i] ? image + ((row + i / 2) * p->ow + col + i % 2) * p->o : zeros;
  }
  for (long j = 0; j < columns; j += VL) {
    vf d[4], v[PATCH];
    UNROLL for (int i = 0; i < 4; i++) d[i] = load(pixel[i] + j * inside[i]);
    results_to_basis(d, v);
    UNROLL for (int i = 0; i < PATCH; i++) store(to + i * step + j, v[i]);
  }
}

/* Adds the products of some patches, given in the other basis, to the region's sums. */
static void add_products(const filter_grad *g, long patches, long channels, long columns, const float *x,
                         const float *dy, float *sums) {
  for (long i = 0; i < PATCH; i++, x += x_step(g), dy += dy_step(g), sums += channels * columns) {
    for (long j = 0; j < columns; j += TILE_WIDTH) {
      const int vectors = panel_vectors(columns, j);
      const tile_walk walk = {.images = 1, .rows = 1, .cols = patches, .a_col = channels, .b_col = columns};
      int height;
      for (long c = 0; c < channels; c += height) {
        const tile_outer add = tile_outer_of(vectors, channels - c, &height);
        add(x + c, dy + j, &walk, sums + c * columns + j, columns);
      }
    }
  }
}

static void run_task(const filter_grad *g, long task, float *slot) {
  const long part = task % g->parts, region = task / g->parts, channel = region % g->slices * CHANNELS,
             o = region / g->slices * OUTPUTS;
  const long channels = least(CHANNELS, g->p.c - channel), columns = least(OUTPUTS, g->p.o - o);
  float *sums = g->partials + task * partial_floats(g), *x = slot, *dy = slot + PATCH * x_step(g);
  memset(sums, 0, PATCH * channels * columns * sizeof(float));
  for (long block = part * g->blocks / g->parts; block < (part + 1) * g->blocks / g->parts; block++) {
    const long first = block * BLOCK, count = least(BLOCK, g->patches - first);
    for (long i = 0; i < count; i++) {
      read_x(g, first + i, channel, channels, x + i * channels, x_step(g));
      read_dy(g, first + i, o, columns, dy + i * columns, dy_step(g));
    }
    add_products(g, count, channels, columns, x, dy, sums);
  }
}

static void slot_task(void *context, long begin, long end) {
  const filter_grad *g = context;
  for (long slot = begin; slot < end; slot++) {
    for (long task = slot * g->tasks / g->slot_count; task < (slot + 1) * g->tasks / g->slot_count; task++)
      run_task(g, task, g->slots + slot * slot_floats(g));
  }
}

/* Adds the parts of one channel after the other, and takes the sums back to taps. */
static void finish_task(void *context, long begin, long end) {
  const filter_grad *g = context;
  const long inputs = g->p.c, outputs = g->p.o, partial = partial_floats(g);
  for (long channel = begin; channel < end; channel++) {
    const long slice = channel / CHANNELS, channels = least(CHANNELS, inputs - slice * CHANNELS);
    for (long o = 0; o < outputs; o += VL) {
      const long panel = o / OUTPUTS, columns = least(OUTPUTS, outputs - panel * OUTPUTS);
      const float *from = g->partials + (panel * g->slices + slice) * g->parts * partial +
                          (channel - slice * CHANNELS) * columns + o - panel * OUTPUTS;
      vf sums[PATCH];
      UNROLL for (int i = 0; i < PATCH; i++) sums[i] = load(from + i * channels * columns);
      for (long part = 1; part < g->parts; part++) {
        from += partial;
        UNROLL for (int i = 0; i < PATCH; i++) sums[i] += load(from + i * channels * columns);
      }
      filter_from_basis(sums, g->dw + channel * outputs + o, inputs * outputs);
    }
  }
}

long winograd_filter_grad_scratch(const steppe_conv *p) {
  const filter_grad g = cut(p);
  return (g.tasks * partial_floats(&g) + g.slot_count * slot_floats(&g)) * (long)sizeof(float);
}

void winograd_filter_grad(const float *x, const float *dy, float *dw, const steppe_conv *p,
                          const steppe_conv_fusion *fusion, void *scratch) {
  filter_grad g = cut(p);
  g.x = x, g.dy = dy, g.dw = dw, g.fusion = fusion, g.partials = scratch;
  g.slots = g.partials + g.tasks * partial_floats(&g);
  steppe_parallel(g.slot_count, 1, slot_task, &g);
  steppe_parallel(p->c, 1 + 16384 / (PATCH * p->o * g.parts + 1), finish_task, &g);
}
