/* Elementary functions of one float, free of branches and table look-ups so that a loop over them becomes vector code.
 * Errors are below 3 ulp (checked against double precision over the whole range); NaN and infinity behave as in
 * libm. */
#ifndef STEPPE_VMATH_H
#define STEPPE_VMATH_H

#include <math.h>
#include <stdint.h>
#include <string.h>

static inline int32_t bits_of(float x) {
  int32_t i;
  memcpy(&i, &x, sizeof i);
  return i;
}

static inline float float_of(int32_t i) {
  float x;
  memcpy(&x, &i, sizeof x);
  return x;
}

/* The float 1.5 * 2^23: adding it rounds to the nearest integer, which then stands in the low bits. */
#define ROUNDER 12582912.0f
#define LOG2E 1.44269504088896341f
#define LN2_HIGH 0.693145751953125f
#define LN2_LOW 1.42860682030941723212e-6f

/* 2^n for n in [-126, 127]; something for others, which NaN asks for. */
static inline float power_of_two(int32_t n) { return float_of((int32_t)((uint32_t)(n + 127) << 23)); }

/* Writes x = n ln2 + r with |r| <= ln2 / 2, and returns (e^r - 1 - r) / r^2. */
static inline float exp_parts(float x, int32_t *n, float *r) {
  float t = x * LOG2E + ROUNDER, k = t - ROUNDER;
  *n = bits_of(t) - bits_of(ROUNDER);
  *r = (x - k * LN2_HIGH) - k * LN2_LOW;
  float p = 1.9875691500e-4f;
  p = p * *r + 1.3981999507e-3f;
  p = p * *r + 8.3334519073e-3f;
  p = p * *r + 4.1665795894e-2f;
  p = p * *r + 1.6666665459e-1f;
  return p * *r + 5.0000001201e-1f;
}

static inline float vexp(float x) {
  x = x > 89.0f ? 89.0f : x;
  x = x < -104.0f ? -104.0f : x;
  int32_t n;
  float r, p = exp_parts(x, &n, &r);
  float y = p * (r * r) + r + 1.0f;
  int32_t half = n >> 1; /* in two steps, since 2^n may be subnormal or too large where the result is not */
  return y * power_of_two(half) * power_of_two(n - half);
}

static inline float vexpm1(float x) {
  float c = x > 89.0f ? 89.0f : x;
  c = c < -30.0f ? -30.0f : c;
  int32_t n;
  float r, p = exp_parts(c, &n, &r), s = power_of_two(n - 1);
  float y = 2.0f * (s * (p * (r * r) + r) + (s - 0.5f));
  return x == 0.0f ? x : y;
}

static inline float vlog(float x) {
  int tiny = x < 1.17549435e-38f;
  float scaled = tiny ? x * 8388608.0f : x;
  /* sqrt(1/2), so that the mantissa lands in [sqrt(1/2), sqrt(2)) */
  int32_t i = (int32_t)((uint32_t)bits_of(scaled) - 0x3f3504f3u);
  float e = (float)((i >> 23) - (tiny ? 23 : 0));
  float m = float_of((i & 0x7fffff) + 0x3f3504f3) - 1.0f, z = m * m;
  float p = 7.0376836292e-2f;
  p = p * m - 1.1514610310e-1f;
  p = p * m + 1.1676998740e-1f;
  p = p * m - 1.2420140846e-1f;
  p = p * m + 1.4249322787e-1f;
  p = p * m - 1.6668057665e-1f;
  p = p * m + 2.0000714765e-1f;
  p = p * m - 2.4999993993e-1f;
  p = p * m + 3.3333331174e-1f;
  float y = e * 0.693359375f + (m + (m * z * p + (e * -2.12194440e-4f - 0.5f * z)));
  y = x == INFINITY || x != x ? x : y;
  y = x == 0.0f ? -INFINITY : y;
  return x < 0.0f ? NAN : y;
}

static inline float vlog1p(float x) {
  float u = 1.0f + x, y = vlog(u) - ((u - 1.0f) - x) / u;
  return u == 1.0f || x == INFINITY ? x : u == 0.0f ? -INFINITY : y;
}

static inline float vtanh(float x) {
  float a = fabsf(x), z = x * x;
  float p = -5.70498872745e-3f;
  p = p * z + 2.06390887954e-2f;
  p = p * z - 5.37397155531e-2f;
  p = p * z + 1.33314422036e-1f;
  p = p * z - 3.33332819422e-1f;
  float small = p * z * x + x, large = copysignf(1.0f - 2.0f / (vexp(2.0f * a) + 1.0f), x);
  return a < 0.625f ? small : x != x ? x : large;
}

static inline float vsigmoid(float x) { return 1.0f / (1.0f + vexp(-x)); }

static inline float verf(float x) {
  float t = fabsf(x), s = x * x;
  t = t > 4.0f ? 4.0f : t;
  float q = t * t, r = -1.72853470e-5f * t + 3.83197126e-4f, u = -3.88396438e-3f * t + 2.42546219e-2f;
  r = r * q + u;
  r = r * t - 1.06777877e-1f;
  r = r * t - 6.34846687e-1f;
  r = r * t - 1.28717512e-1f;
  r = r * t - t;
  float large = copysignf(1.0f - vexp(r), x);
  float p = -5.96761703e-4f;
  p = p * s + 4.99119423e-3f;
  p = p * s - 2.67681349e-2f;
  p = p * s + 1.12819925e-1f;
  p = p * s - 3.76125336e-1f;
  p = p * s + 1.28379166e-1f;
  return t > 0.927734375f ? large : p * x + x;
}

/* The share of the normal distribution below x. */
static inline float vphi(float x) { return 0.5f + 0.5f * verf(0.707106781186547524f * x); }

static inline float vsoftplus(float x) { return vlog1p(vexp(-fabsf(x))) + (x > 0.0f || x != x ? x : 0.0f); }

#endif
