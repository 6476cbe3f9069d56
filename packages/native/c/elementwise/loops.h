/* The loops of elementwise functions over one run of elements: what is computed in a sweep has the same bits. */
#ifndef STEPPE_ELEMENTWISE_LOOPS_H
#define STEPPE_ELEMENTWISE_LOOPS_H

/* One run of n elements; a stride is 0 or 1. */
typedef void (*binary_loop)(const void *a, long stride_a, const void *b, long stride_b, void *y, long n);

typedef void (*unary_loop)(const void *x, void *y, long n, double alpha, double beta);

/* The loop of an operation on a type; null where there is none. */
binary_loop steppe_binary_loop(int op, int type);
unary_loop steppe_unary_loop(int op, int type);

#endif
