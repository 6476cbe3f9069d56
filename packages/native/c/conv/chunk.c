#include "conv/chunk.h"

#include "runtime/common.h"

static void finish(float *y, long columns, const float *bias, int relu) {
  if (bias) {
    for (long j = 0; j < columns; j++) y[j] += bias[j];
  }
  if (relu) {
    for (long j = 0; j < columns; j++) y[j] = y[j] > 0 || y[j] != y[j] ? y[j] : 0;
  }
}

/* The panel that begins at output o, for positions from `first`. */
typedef struct {
  tile_taps taps;
  const float *panel;
  long o, columns;
  int vectors;
} piece;

/* The tallest tile of one piece, written in place; returns how many positions it took. */
static int run_tile(const conv_chunk *k, const piece *p, long first, long count) {
  const conv_sum *s = k->s;
  const float *residual = s->fusion ? s->fusion->residual : 0, *init[TILE_MAX_HEIGHT];
  float *y[TILE_MAX_HEIGHT];
  int height;
  int twins = k->twins && p->vectors == 1;
  tile_twin add_twins = twins ? tile_twin_of(count, &height) : 0;
  tile_gather add = twins ? 0 : tile_gather_of(p->vectors, count, &height);
  for (int i = 0; i < height; i++) {
    long to = k->to[first + i] + p->o;
    y[i] = s->destination + to;
    init[i] = residual ? residual + to : 0;
  }
  if (twins) {
    add_twins(k->from + first, k->from_twin, &p->taps, p->panel, residual ? init : 0, y, k->to_twin);
  } else {
    add(k->from + first, &p->taps, p->panel, residual ? init : 0, y);
  }
  return height;
}

/* The same where the panel is wider than what is left of the outputs: in a tile of its own, copied in and out. */
static int run_ragged(const conv_chunk *k, const piece *p, long first, long count) {
  const conv_sum *s = k->s;
  const float *residual = s->fusion ? s->fusion->residual : 0, *init[TILE_MAX_HEIGHT];
  float spare[TILE_MAX_HEIGHT * TILE_WIDTH] = {0}, *y[TILE_MAX_HEIGHT];
  int height;
  tile_gather add = tile_gather_of(p->vectors, count, &height);
  for (int i = 0; i < height; i++) {
    init[i] = y[i] = spare + i * TILE_WIDTH;
    for (long j = 0; residual && j < p->columns; j++) y[i][j] = residual[k->to[first + i] + p->o + j];
  }
  add(k->from + first, &p->taps, p->panel, residual ? init : 0, y);
  for (int i = 0; i < height; i++) {
    for (long j = 0; j < p->columns; j++) s->destination[k->to[first + i] + p->o + j] = y[i][j];
  }
  return height;
}

/* Lists the twins behind the positions that they are twins of, for panels that take no twins. */
static long list_twins(conv_chunk *k) {
  if (!k->twins) return k->count;
  for (long i = 0; i < k->count; i++) {
    k->from[k->count + i] = k->from[i] + k->from_twin;
    k->to[k->count + i] = k->to[i] + k->to_twin;
  }
  return 2 * k->count;
}

void conv_chunk_run(conv_chunk *k) {
  const conv_sum *s = k->s;
  const steppe_conv_fusion *f = s->fusion;
  long packed_cols = s->horizontal.taps, terms = s->vertical.taps * packed_cols * s->channels, listed = list_twins(k);
  for (long o = k->first_panel * TILE_WIDTH; o < least(k->last_panel * TILE_WIDTH, s->outputs); o += TILE_WIDTH) {
    piece p = {.taps = k->taps, .o = o, .vectors = panel_vectors(s->outputs, o)};
    p.columns = least(p.vectors * VL, s->outputs - o);
    p.taps.w_step = p.vectors * VL;
    p.taps.w_col = s->channels * p.taps.w_step;
    p.taps.w_row = packed_cols * p.taps.w_col;
    p.panel = s->panels + o * terms + k->panel_row * p.taps.w_row + k->panel_col * p.taps.w_col;
    int ragged = p.columns < p.vectors * VL;
    long count = k->twins && p.vectors == 1 && !ragged ? k->count : listed;
    for (long first = 0; first < count;) {
      first += ragged ? run_ragged(k, &p, first, count - first) : run_tile(k, &p, first, count - first);
    }
    for (long i = 0; f && (f->bias || f->relu) && i < listed; i++)
      finish(s->destination + k->to[i] + o, p.columns, f->bias ? f->bias + o : 0, f->relu);
  }
  k->count = 0;
}
