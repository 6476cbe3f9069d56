/* The changes of basis of winograd.h, on vectors of channels. */
#ifndef STEPPE_WINOGRAD_TRANSFORM_H
#define STEPPE_WINOGRAD_TRANSFORM_H

#include "vector/vec.h"
#include "winograd/winograd.h"

/* Bᵀ d B of a patch of the source: rows, then columns. */
static inline void to_basis(const vf *d, vf *out) {
  vf t[PATCH];
  UNROLL for (int j = 0; j < 4; j++) {
    t[j] = d[j] - d[8 + j];
    t[4 + j] = d[4 + j] + d[8 + j];
    t[8 + j] = d[8 + j] - d[4 + j];
    t[12 + j] = d[4 + j] - d[12 + j];
  }
  UNROLL for (int i = 0; i < PATCH; i += 4) {
    out[i] = t[i] - t[i + 2];
    out[i + 1] = t[i + 1] + t[i + 2];
    out[i + 2] = t[i + 2] - t[i + 1];
    out[i + 3] = t[i + 1] - t[i + 3];
  }
}

/* Aᵀ m A: four results. */
static inline void from_basis(const vf *m, vf *y) {
  vf t[8];
  UNROLL for (int j = 0; j < 4; j++) {
    t[j] = m[j] + m[4 + j] + m[8 + j];
    t[4 + j] = m[4 + j] - m[8 + j] - m[12 + j];
  }
  UNROLL for (int i = 0; i < 2; i++) {
    y[2 * i] = t[4 * i] + t[4 * i + 1] + t[4 * i + 2];
    y[2 * i + 1] = t[4 * i + 1] - t[4 * i + 2] - t[4 * i + 3];
  }
}

/* A y Aᵀ, the transpose of `from_basis`: what four results' gradients are to the products. */
static inline void results_to_basis(const vf *y, vf *out) {
  vf t[8];
  UNROLL for (int j = 0; j < 2; j++) {
    t[j] = y[j];
    t[2 + j] = y[j] + y[2 + j];
    t[4 + j] = y[j] - y[2 + j];
    t[6 + j] = -y[2 + j];
  }
  UNROLL for (int i = 0; i < 4; i++) {
    out[4 * i] = t[2 * i];
    out[4 * i + 1] = t[2 * i] + t[2 * i + 1];
    out[4 * i + 2] = t[2 * i] - t[2 * i + 1];
    out[4 * i + 3] = -t[2 * i + 1];
  }
}

/* G g Gᵀ of a filter whose taps lie `step` floats apart. */
static inline void filter_basis(const float *w, long step, vf *out) {
  const vf half = splat(0.5f);
  vf t[12];
  UNROLL for (int j = 0; j < 3; j++) {
    vf a = load(w + j * step), b = load(w + (3 + j) * step), c = load(w + (6 + j) * step);
    t[j] = a;
    t[3 + j] = (a + b + c) * half;
    t[6 + j] = (a - b + c) * half;
    t[9 + j] = c;
  }
  UNROLL for (int i = 0; i < 4; i++) {
    vf a = t[3 * i], b = t[3 * i + 1], c = t[3 * i + 2];
    out[4 * i] = a;
    out[4 * i + 1] = (a + b + c) * half;
    out[4 * i + 2] = (a - b + c) * half;
    out[4 * i + 3] = c;
  }
}

/* Gᵀ m G, the transpose of `filter_basis`: the gradients of nine taps, `step` floats apart. */
static inline void filter_from_basis(const vf *m, float *w, long step) {
  const vf half = splat(0.5f);
  vf t[12];
  UNROLL for (int j = 0; j < 4; j++) {
    vf even = (m[4 + j] + m[8 + j]) * half;
    t[j] = m[j] + even;
    t[4 + j] = (m[4 + j] - m[8 + j]) * half;
    t[8 + j] = even + m[12 + j];
  }
  UNROLL for (int i = 0; i < 3; i++) {
    vf even = (t[4 * i + 1] + t[4 * i + 2]) * half;
    store(w + 3 * i * step, t[4 * i] + even);
    store(w + (3 * i + 1) * step, (t[4 * i + 1] - t[4 * i + 2]) * half);
    store(w + (3 * i + 2) * step, even + t[4 * i + 3]);
  }
}

#endif
