#include "conv/axis.h"

static long common_divisor(long a, long b) { return b ? common_divisor(b, a % b) : a; }

static long round_up(long a, long b) { return a <= 0 ? 0 : (a + b - 1) / b; }

/* Adds destination i to the last group, if that goes on, or begins a new one. */
static long append(axis_group *groups, long count, axis_group one) {
  axis_group *last = groups + count - 1;
  if (count > 0 && last->taps == one.taps && last->tap == one.tap && last->step == one.step &&
      last->first + last->count * last->step == one.first) {
    last->count++;
    return count;
  }
  groups[count] = one;
  return count + 1;
}

long axis_forward(const axis *a, axis_group *groups) {
  long count = 0;
  for (long i = 0; i < a->destination; i++) {
    long start = i * a->stride - a->pad;
    long from = round_up(-start, a->dilation), to = round_up(a->source - start, a->dilation);
    if (to > a->taps) to = a->taps;
    axis_group one = {.first = i, .step = 1, .count = 1, .source_step = a->stride, .tap_step = a->dilation};
    if (from < to) {
      one.tap = from;
      one.taps = to - from;
      one.source = start + from * a->dilation;
    }
    count = append(groups, count, one);
  }
  return count;
}

/* Destination i is met by tap k where i + pad - k * dilation is a multiple of the stride. The taps that do so are
 * `period` apart, and packed in falling order, so that their sources rise. */
static long period(const axis *a) { return a->stride / common_divisor(a->stride, a->dilation); }

static long taps_of_residue(long taps, long every, long residue) { return round_up(taps - residue, every); }

long axis_gradient_tap(const axis *a, long packed) {
  long every = period(a), residue = 0;
  while (packed >= taps_of_residue(a->taps, every, residue)) packed -= taps_of_residue(a->taps, every, residue++);
  return residue + (taps_of_residue(a->taps, every, residue) - 1 - packed) * every;
}

static long packed_place(const axis *a, long tap) {
  long every = period(a), place = 0;
  for (long residue = 0; residue < tap % every; residue++) place += taps_of_residue(a->taps, every, residue);
  return place + taps_of_residue(a->taps, every, tap % every) - 1 - tap / every;
}

/* The taps and sources of destination i. */
static axis_group met(const axis *a, long i) {
  axis_group one = {.first = i,
                    .step = a->stride,
                    .count = 1,
                    .source_step = 1,
                    .tap_step = a->dilation / common_divisor(a->stride, a->dilation)};
  for (long k = a->taps - 1; k >= 0; k--) {
    long place = i + a->pad - k * a->dilation;
    if (place < 0 || place % a->stride || place / a->stride >= a->source) continue;
    if (one.taps++ == 0) {
      one.tap = packed_place(a, k);
      one.source = place / a->stride;
    }
  }
  return one;
}

long axis_gradient(const axis *a, axis_group *groups) {
  long count = 0;
  for (long residue = 0; residue < a->stride && residue < a->destination; residue++) {
    for (long i = residue; i < a->destination; i += a->stride) count = append(groups, count, met(a, i));
  }
  return count;
}
