/* Random numbers by Threefry-2x32 with 20 rounds, as @steppe/random draws them: the same key gives the same numbers. */
#include <math.h>

#include "runtime/check.h"
#include "runtime/threads.h"
#include "steppe.h"

/* Pairs of words to a chunk. */
#define PAIRS 4096
/* 2^-32 and 2^-24, exactly. */
#define WORD 0x1p-32
#define UNIT 0x1p-24

typedef struct {
  uint32_t first, second;
} words;

static inline uint32_t turned(uint32_t x, int by) { return x << by | x >> (32 - by); }

#define ROUND(by) (x.first += x.second, x.second = turned(x.second, by) ^ x.first)
#define ROUNDS(a, b, c, d, k, l) ROUND(a), ROUND(b), ROUND(c), ROUND(d), x.first += (k), x.second += (l)

static inline words threefry(words key, words x) {
  const uint32_t k0 = key.first, k1 = key.second, k2 = k0 ^ k1 ^ 0x1bd11bdau;
  x.first += k0, x.second += k1;
  ROUNDS(13, 15, 26, 6, k1, k2 + 1);
  ROUNDS(17, 29, 16, 24, k2, k0 + 2);
  ROUNDS(13, 15, 26, 6, k0, k1 + 3);
  ROUNDS(17, 29, 16, 24, k1, k2 + 4);
  ROUNDS(13, 15, 26, 6, k2, k0 + 5);
  return x;
}

int steppe_derive_key(const uint32_t *key, long first, long second, uint32_t *child) {
  REQUIRE(THERE(key, child) && first >= 0 && first <= UINT32_MAX && second >= 0 && second <= UINT32_MAX);
  const words made = threefry((words){key[0], key[1]}, (words){(uint32_t)first, (uint32_t)second});
  child[0] = made.first, child[1] = made.second;
  return STEPPE_OK;
}

typedef struct {
  words key;
  int distribution;
  float *y;
  long n;
  double a, b;
} draw_context;

/* The number in [0, 1) that a word gives: a multiple of 2^-24. */
static inline double unit(uint32_t word) { return (word >> 8) * UNIT; }

static inline double scaled(double u, double low, double width) {
  volatile double part = width * u; /* rounded, as on the host: no fused multiply-add */
  return low + part;
}

/* The Box-Muller transform; (word + 1/2) / 2^32 lies strictly between 0 and 1, so that the logarithm is finite. */
static inline void normals(words drawn, float *pair) {
  const double radius = sqrt(-2 * log((drawn.first + 0.5) * WORD)), angle = 2 * M_PI * drawn.second * WORD;
  pair[0] = (float)(radius * cos(angle)), pair[1] = (float)(radius * sin(angle));
}

static inline float one_of(const draw_context *c, uint32_t word) {
  const double u = unit(word);
  if (c->distribution == STEPPE_BERNOULLI) return u < c->a;
  return c->a == 0 && c->b == 1 ? (float)u : (float)scaled(u, c->a, c->b - c->a);
}

static void draw_task(void *context, long begin, long end) {
  const draw_context *c = context;
  for (long i = begin; i < end; i++) {
    const words drawn = threefry(c->key, (words){(uint32_t)i, 0});
    float pair[2];
    if (c->distribution == STEPPE_NORMAL) normals(drawn, pair);
    else pair[0] = one_of(c, drawn.first), pair[1] = one_of(c, drawn.second);
    c->y[2 * i] = pair[0];
    if (2 * i + 1 < c->n) c->y[2 * i + 1] = pair[1];
  }
}

int steppe_draw(int distribution, const uint32_t *key, float *y, long n, double a, double b) {
  REQUIRE(distribution >= STEPPE_UNIFORM && distribution <= STEPPE_BERNOULLI && key && FITS(n) && (n == 0 || y));
  draw_context c = {{key[0], key[1]}, distribution, y, n, a, b};
  steppe_parallel((n + 1) / 2, PAIRS, draw_task, &c);
  return STEPPE_OK;
}
