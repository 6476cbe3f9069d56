#include "conv/pointwise.h"

#include <string.h>

#include "conv/changed.h"
#include "runtime/common.h"
#include "tile/tile.h"

/* A region of the filter: so many channels by so many outputs. The more, the more products for each number that is
 * copied; its sums stay in the second-level cache. */
#define CHANNELS 256
#define OUTPUTS 256
/* Positions at once: a panel of dy, and the rows of a tile, stay in the first-level cache. */
#define BLOCK 96
/* Blocks of a task: with fewer, clearing and adding up the sums would take as long as the products. */
#define LEAST_BLOCKS 4
#define WANTED_TASKS 16
#define MAX_SLOTS 32
/* Channels and outputs: with fewer, nothing is read often enough to be copied. */
#define LEAST_WIDTH 64

/* The work is cut twice, by shape alone: the filter into regions and the positions into parts. A task is one part for
 * one region, summed in a partial result of its own; these are then added in the order of the parts. */
typedef struct {
  steppe_conv p;
  const float *x, *dy;
  const steppe_conv_fusion *fusion; /* or null */
  float *dw, *partials, *slots;
  long positions, blocks, slices, groups, parts, tasks, slot_count;
} pointwise;

int pointwise_filter_grad_fits(const steppe_conv *p) {
  return p->kh == 1 && p->kw == 1 && p->pad_top == 0 && p->pad_left == 0 && p->oh > 0 && p->ow > 0 &&
         least(p->c, p->o) >= LEAST_WIDTH && most(p->c, p->o) > LEAST_WIDTH && (p->oh - 1L) * p->stride_h < p->h &&
         (p->ow - 1L) * p->stride_w < p->w;
}

static pointwise cut(const steppe_conv *p) {
  pointwise g = {.p = *p, .positions = (long)p->n * p->oh * p->ow};
  g.blocks = (g.positions + BLOCK - 1) / BLOCK;
  g.slices = (p->c + CHANNELS - 1L) / CHANNELS;
  g.groups = (p->o + OUTPUTS - 1L) / OUTPUTS;
  g.parts = most(least(g.blocks / LEAST_BLOCKS, WANTED_TASKS / (g.slices * g.groups)), 1);
  g.tasks = g.slices * g.groups * g.parts;
  g.slot_count = least(g.tasks, MAX_SLOTS);
  return g;
}

static long partial_floats(const pointwise *g) {
  return least(g->p.c, CHANNELS) * least(panels_width(g->p.o), OUTPUTS);
}

/* Floats from a position to the next in a copy of x: an odd number of lines, for positions at a power of two would meet
 * in few sets of the cache. */
static long x_step(const pointwise *g) { return up(least(g->p.c, CHANNELS), 32) + 16; }

static long slot_floats(const pointwise *g) { return BLOCK * (x_step(g) + least(panels_width(g->p.o), OUTPUTS)); }

/* Short copies of a length that the compiler does not know: a call of memcpy takes longer than the copy. */
static void copy(float *to, const float *from, long count, long width) {
  long i = 0;
  for (; i + VL <= count; i += VL) store(to + i, load(from + i));
  for (; i < count; i++) to[i] = from[i];
  for (; i < width; i++) to[i] = 0;
}

/* Copies positions [first, first + count): channels of x to rows, and outputs of dy to panels. */
static void read_block(const pointwise *g, long first, long count, long channel, long channels, long o, long columns,
                       float *x, float *dy) {
  const steppe_conv *p = &g->p;
  const int changes = conv_in_changes(g->fusion);
  const conv_in in = conv_in_of(g->fusion, channel);
  long col = first % p->ow, row = first / p->ow % p->oh, image = first / p->ow / p->oh;
  for (long i = 0; i < count; i++) {
    const float *pixel = g->x + ((image * p->h + row * p->stride_h) * p->w + col * p->stride_w) * p->c + channel;
    if (changes) copy_changed(x + i * x_step(g), pixel, in, channels);
    else copy(x + i * x_step(g), pixel, channels, channels);
    const float *from = g->dy + (first + i) * p->o + o;
    for (long j = 0; j < columns; j += TILE_WIDTH) {
      const long width = panel_vectors(columns, j) * VL;
      copy(dy + j * BLOCK + i * width, from + j, least(width, columns - j), width);
    }
    if (++col < p->ow) continue;
    col = 0;
    if (++row == p->oh) row = 0, image++;
  }
}

static void add_products(const pointwise *g, long count, long channels, long columns, const float *x, const float *dy,
                         float *sums) {
  const long sum_row = panels_width(columns);
  for (long j = 0; j < columns; j += TILE_WIDTH) {
    const int vectors = panel_vectors(columns, j);
    const tile_walk walk = {.images = 1, .rows = 1, .cols = count, .a_col = x_step(g), .b_col = vectors * VL};
    int height;
    for (long c = 0; c < channels; c += height) {
      const tile_outer add = tile_outer_of(vectors, channels - c, &height);
      add(x + c, dy + j * BLOCK, &walk, sums + c * sum_row + j, sum_row);
    }
  }
}

static void run_task(const pointwise *g, long task, float *slot) {
  const long part = task % g->parts, region = task / g->parts, channel = region % g->slices * CHANNELS,
             o = region / g->slices * OUTPUTS;
  const long channels = least(CHANNELS, g->p.c - channel), columns = least(OUTPUTS, g->p.o - o);
  float *sums = g->partials + task * partial_floats(g), *x = slot, *dy = slot + BLOCK * x_step(g);
  memset(sums, 0, channels * panels_width(columns) * sizeof(float));
  for (long block = part * g->blocks / g->parts; block < (part + 1) * g->blocks / g->parts; block++) {
    const long first = block * BLOCK, count = least(BLOCK, g->positions - first);
    read_block(g, first, count, channel, channels, o, columns, x, dy);
    add_products(g, count, channels, columns, x, dy, sums);
  }
}

static void slot_task(void *context, long begin, long end) {
  const pointwise *g = context;
  for (long slot = begin; slot < end; slot++) {
    for (long task = slot * g->tasks / g->slot_count; task < (slot + 1) * g->tasks / g->slot_count; task++)
      run_task(g, task, g->slots + slot * slot_floats(g));
  }
}

/* Adds the parts of one channel after the other. */
static void add_parts(void *context, long begin, long end) {
  const pointwise *g = context;
  const long partial = partial_floats(g);
  for (long channel = begin; channel < end; channel++) {
    for (long o = 0; o < g->p.o; o += OUTPUTS) {
      const long columns = least(OUTPUTS, g->p.o - o), slice = channel / CHANNELS;
      const float *from = g->partials + (o / OUTPUTS * g->slices + slice) * g->parts * partial +
                          (channel - slice * CHANNELS) * panels_width(columns);
      float *to = g->dw + channel * g->p.o + o;
      for (long j = 0; j < columns; j++) to[j] = from[j];
      for (long part = 1; part < g->parts; part++) {
        for (long j = 0; j < columns; j++) to[j] += from[part * partial + j];
      }
    }
  }
}

long pointwise_filter_grad_scratch(const steppe_conv *p) {
  const pointwise g = cut(p);
  return (g.tasks * partial_floats(&g) + g.slot_count * slot_floats(&g)) * (long)sizeof(float);
}

void pointwise_filter_grad(const float *x, const float *dy, float *dw, const steppe_conv *p,
                           const steppe_conv_fusion *fusion, void *scratch) {
  pointwise g = cut(p);
  g.x = x, g.dy = dy, g.dw = dw, g.fusion = fusion, g.partials = scratch;
  g.slots = g.partials + g.tasks * partial_floats(&g);
  steppe_parallel(g.slot_count, 1, slot_task, &g);
  steppe_parallel(p->c, 1 + 16384 / (1 + p->o * g.parts), add_parts, &g);
}
