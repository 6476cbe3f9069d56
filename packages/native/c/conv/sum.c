#include "conv/sum.h"

#include "conv/changed.h"
#include "conv/chunk.h"
#include "runtime/common.h"

/* A block is as many whole images, or rows of one, as give about so many positions: enough for every group of them to
 * fill its tiles; and as long as there are blocks for all threads, enough for the filter to pass but seldom. */
#define LEAST_POSITIONS 256
#define MOST_POSITIONS 768
#define FILLING 6 /* the height of the widest tile, and a part of the others' */
#define WANTED_TASKS 16
#define MAX_SLOTS 32

/* The source of a block: the tensor itself, or the part of it that was copied to a slot. */
typedef struct {
  const float *base;
  long first_row, image_step;
} view;

/* The destinations of a group of rows and a group of columns in some images, one by one. */
typedef struct {
  long images, rows, cols;
  long from, from_image, from_row, from_col;
  long to, to_image, to_row, to_col;
} grid;

/* Halves one extent of the grid, if one is even, and lets each destination stand for its like in the other half. Only
 * results of one vector have a use for that. */
static void pair(conv_chunk *k, grid *g) {
  long *extents[] = {&g->rows, &g->images, &g->cols}, from[] = {g->from_row, g->from_image, g->from_col},
       to[] = {g->to_row, g->to_image, g->to_col};
  long outputs = k->s->outputs;
  k->twins = 0;
  k->room = CHUNK;
  if (panel_vectors(outputs, (outputs - 1) / TILE_WIDTH * TILE_WIDTH) != 1) return;
  for (int i = 0; i < 3 && !k->twins; i++) {
    if (*extents[i] % 2) continue;
    *extents[i] /= 2;
    k->twins = 1;
    k->room = CHUNK / 2;
    k->from_twin = *extents[i] * from[i];
    k->to_twin = *extents[i] * to[i];
  }
}

static void list(conv_chunk *k, const grid *g, const float *base) {
  for (long n = 0; n < g->images; n++) {
    for (long r = 0; r < g->rows; r++) {
      const float *from = base + g->from + n * g->from_image + r * g->from_row;
      long to = g->to + n * g->to_image + r * g->to_row;
      for (long c = 0; c < g->cols; c++) {
        k->from[k->count] = from + c * g->from_col;
        k->to[k->count] = to + c * g->to_col;
        if (++k->count == k->room) conv_chunk_run(k);
      }
    }
  }
  conv_chunk_run(k);
}

/* Destinations that take nothing: three of four where a single tap has a stride of 2. A call of memset for each would
 * take longer than the rest of the gradient. */
static void clear(const conv_sum *s, const grid *g) {
  for (long n = 0; n < g->images; n++) {
    for (long r = 0; r < g->rows; r++) {
      float *y = s->destination + g->to + n * g->to_image + r * g->to_row;
      for (long c = 0; c < g->cols; c++, y += g->to_col) {
        long i = 0;
        for (; i + VL <= s->outputs; i += VL) store(y + i, splat(0));
        for (; i < s->outputs; i++) y[i] = 0;
      }
    }
  }
}

/* The part of a group of rows from r0 to r1 (counted within the group), and a group of columns, in a block's images. */
static void run_group(conv_chunk *k, view v, long image, long images, const axis_group *row, long r0, long r1,
                      const axis_group *col) {
  const conv_sum *s = k->s;
  long x_row = s->horizontal.source * s->channels, y_row = s->horizontal.destination * s->outputs;
  grid g = {.images = images,
            .rows = r1 - r0,
            .cols = col->count,
            .to = (image * s->vertical.destination + row->first + r0 * row->step) * y_row + col->first * s->outputs,
            .to_image = s->vertical.destination * y_row,
            .to_row = row->step * y_row,
            .to_col = col->step * s->outputs};
  if (row->taps && col->taps) {
    g.from = (row->source + r0 * row->source_step - v.first_row) * x_row + col->source * s->channels;
    g.from_image = v.image_step;
    g.from_row = row->source_step * x_row;
    g.from_col = col->source_step * s->channels;
  } else if (!s->fusion) {
    if (k->first_panel == 0) clear(s, &g);
    return;
  }
  if (g.rows <= 0) return;
  /* Neighbouring taps of neighbouring pixels are consecutive floats on both sides: one run. */
  int joined = col->tap_step == 1;
  k->taps = (tile_taps){.rows = row->taps,
                        .cols = joined ? least(col->taps, 1) : col->taps,
                        .run = (joined ? col->taps : 1) * s->channels,
                        .x_row = row->tap_step * x_row,
                        .x_col = col->tap_step * s->channels};
  k->panel_row = row->tap;
  k->panel_col = col->tap;
  pair(k, &g);
  list(k, &g, v.base);
}

/* The members of a group that lie in rows [begin, end) of the destination. */
static long members_before(const axis_group *g, long end) {
  return end <= g->first ? 0 : least(g->count, (end - g->first + g->step - 1) / g->step);
}

/* Copies what rows [begin, end) take of the source to the slot, changed as the fusion says. */
static view changed(const conv_sum *s, float *slot, long image, long images, long begin, long end) {
  long low = s->vertical.source, high = 0, channels = s->channels;
  for (long g = 0; g < s->row_groups; g++) {
    const axis_group *row = s->rows + g;
    long r0 = members_before(row, begin), r1 = members_before(row, end);
    if (r0 >= r1 || !row->taps) continue;
    low = least(low, row->source + r0 * row->source_step);
    high = most(high, row->source + (r1 - 1) * row->source_step + (row->taps - 1) * row->tap_step + 1);
  }
  view v = {slot, low, most(high - low, 0) * s->horizontal.source * channels};
  const conv_in in = conv_in_of(s->fusion, 0);
  for (long n = 0; n < images; n++) {
    const float *x = s->source + ((image + n) * s->vertical.source + low) * s->horizontal.source * channels;
    float *y = slot + n * v.image_step;
    for (long i = 0; i < v.image_step; i += channels) copy_changed(y + i, x + i, in, channels);
  }
  return v;
}

static void run_block(const conv_sum *s, long task, float *slot) {
  long block = task / s->parts, part = task % s->parts,
       per_image = (s->vertical.destination + s->block_rows - 1) / s->block_rows;
  long image = block / per_image * s->block_images, images = least(s->block_images, s->images - image);
  long begin = block % per_image * s->block_rows, end = least(begin + s->block_rows, s->vertical.destination);
  long image_step = s->vertical.source * s->horizontal.source * s->channels;
  long panels = (s->outputs + TILE_WIDTH - 1) / TILE_WIDTH;
  view v = conv_in_changes(s->fusion) ? changed(s, slot, image, images, begin, end)
                                      : (view){s->source + image * image_step, 0, image_step};
  conv_chunk k = {.s = s, .first_panel = part * panels / s->parts, .last_panel = (part + 1) * panels / s->parts};
  for (long row = 0; row < s->row_groups; row++) {
    long r0 = members_before(s->rows + row, begin), r1 = members_before(s->rows + row, end);
    for (long col = 0; col < s->col_groups; col++)
      run_group(&k, v, image, images, s->rows + row, r0, r1, s->cols + col);
  }
}

static void slot_task(void *context, long begin, long end) {
  const conv_sum *s = context;
  long tasks = s->blocks * s->parts, slots = conv_slots(s);
  for (long slot = begin; slot < end; slot++) {
    for (long task = slot * tasks / slots; task < (slot + 1) * tasks / slots; task++) {
      run_block(s, task, s->slots + slot * conv_slot_floats(s));
    }
  }
}

static void block_task(void *context, long begin, long end) {
  for (long task = begin; task < end; task++) run_block(context, task, 0);
}

void conv_sum_run(const conv_sum *s) {
  if (conv_in_changes(s->fusion)) {
    steppe_parallel(conv_slots(s), 1, slot_task, (void *)s);
  } else {
    steppe_parallel(s->blocks * s->parts, 1, block_task, (void *)s);
  }
}

void conv_sum_cut(conv_sum *s) {
  long height = s->vertical.destination, positions = most(height * s->horizontal.destination, 1);
  long wanted = most(least(s->images * positions / WANTED_TASKS, MOST_POSITIONS), LEAST_POSITIONS);
  s->block_rows = positions <= 2 * MOST_POSITIONS ? most(height, 1) : most(wanted / s->horizontal.destination, 1);
  s->block_images = most(least(wanted / positions, s->images), 1);
  /* Groups at the borders of small images have few positions in each: so many images leave no tile unfilled. */
  if (s->block_images >= FILLING - 2) s->block_images = least((s->block_images + 2) / FILLING * FILLING, s->images);
  long empty = s->images == 0 || height == 0 || s->horizontal.destination == 0;
  s->blocks =
      empty ? 0 : (s->images + s->block_images - 1) / s->block_images * ((height + s->block_rows - 1) / s->block_rows);
  long panels = most((s->outputs + TILE_WIDTH - 1) / TILE_WIDTH, 1);
  s->parts = s->blocks && s->blocks < WANTED_TASKS ? least(panels, (WANTED_TASKS + s->blocks - 1) / s->blocks) : 1;
}

long conv_slots(const conv_sum *s) { return least(s->blocks * s->parts, MAX_SLOTS); }

long conv_slot_floats(const conv_sum *s) {
  long reach = (s->block_rows - 1) * s->vertical.stride + (s->vertical.taps - 1) * s->vertical.dilation + 1;
  return s->block_images * least(most(reach, 0), s->vertical.source) * s->horizontal.source * s->channels;
}
