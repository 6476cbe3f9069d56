/* The functions that can be recorded, each called with its arguments in words. */
#include "program/program.h"
#include "steppe.h"

#define I(n) ((int)a[n].whole)
#define L(n) ((long)a[n].whole)
#define D(n) (a[n].real)
#define P(n) (a[n].pointer)
#define CALL(NAME, ...) \
  static int NAME##_of(const steppe_word *a) { return steppe_##NAME(__VA_ARGS__); }

CALL(conv2d, P(0), P(1), P(2), P(3), P(4), P(5))
CALL(conv2d_input_grad, P(0), P(1), P(2), P(3), P(4))
CALL(conv2d_filter_grad, P(0), P(1), P(2), P(3), P(4), P(5))
CALL(depthwise, P(0), P(1), P(2), P(3), P(4))
CALL(depthwise_input_grad, P(0), P(1), P(2), P(3), P(4))
CALL(depthwise_filter_grad, P(0), P(1), P(2), P(3), P(4))
CALL(matmul, P(0), P(1), P(2), L(3), L(4), L(5), L(6), I(7), I(8), L(9), L(10), I(11), P(12))
CALL(unary, I(0), I(1), P(2), P(3), L(4), D(5), D(6))
CALL(binary, I(0), I(1), P(2), P(3), P(4), I(5), P(6))
CALL(select, P(0), P(1), P(2), P(3), L(4), L(5), I(6))
CALL(cast, I(0), I(1), P(2), P(3), L(4))
CALL(fill, I(0), P(1), L(2), D(3))
CALL(ramp, I(0), P(1), L(2), D(3), D(4))
CALL(reduce, I(0), I(1), P(2), P(3), L(4), L(5), L(6))
CALL(arg, I(0), I(1), P(2), P(3), L(4), L(5), L(6))
CALL(top, I(0), P(1), P(2), P(3), L(4), L(5), L(6))
CALL(softmax, P(0), P(1), L(2), L(3))
CALL(softmax_grad, P(0), P(1), P(2), L(3), L(4))
CALL(batch_norm, P(0), P(1), P(2), P(3), P(4), P(5), L(6), L(7), D(8))
CALL(norm_train, P(0), P(1), P(2), P(3), P(4), P(5), L(6), L(7), D(8), I(9))
CALL(norm_train_add, P(0), P(1), P(2), P(3), P(4), P(5), P(6), P(7), L(8), L(9), D(10), I(11))
CALL(norm_moments, P(0), P(1), P(2), P(3), P(4), L(5), L(6))
CALL(norm_terms, P(0), P(1), P(2), P(3), P(4), P(5), L(6), D(7))
CALL(norm_train_grad, P(0), P(1), P(2), P(3), P(4), P(5), P(6), P(7), P(8), L(9), L(10), D(11), I(12))
CALL(norm_train_grad_add, P(0), P(1), P(2), P(3), P(4), P(5), P(6), P(7), P(8), P(9), L(10), L(11), D(12), I(13))
CALL(norm_train_second, P(0), P(1), P(2), P(3), P(4), P(5), P(6), P(7), P(8), P(9), P(10), P(11), L(12), L(13), D(14),
     I(15))
CALL(norm_eval, P(0), P(1), P(2), P(3), P(4), P(5), L(6), L(7), D(8), I(9))
CALL(norm_eval_grad, P(0), P(1), P(2), P(3), P(4), P(5), P(6), P(7), P(8), L(9), L(10), D(11), I(12))
CALL(norm_eval_second, P(0), P(1), P(2), P(3), P(4), P(5), P(6), P(7), P(8), P(9), P(10), P(11), L(12), L(13), D(14),
     I(15))
CALL(norm_layer, P(0), P(1), P(2), P(3), L(4), L(5), D(6))
CALL(norm_layer_grad, P(0), P(1), P(2), P(3), P(4), P(5), L(6), L(7), D(8))
CALL(pool, P(0), P(1), P(2), I(3))
CALL(pool_grad, P(0), P(1), P(2), P(3), I(4))
CALL(tree_norm, P(0), L(1), I(2), P(3))
CALL(tree_dot, P(0), L(1), P(2))
CALL(tree_scale, P(0), L(1), P(2))
CALL(tree_pack, P(0), L(1), P(2), P(3))
CALL(tree_normalize, P(0), L(1), P(2), P(3))
CALL(tree_factor, P(0), L(1), P(2), P(3), P(4))
CALL(tree_add_scaled, P(0), L(1), P(2))
CALL(tree_momentum, P(0), L(1), P(2), P(3), P(4), I(5))
CALL(sweep, P(0), L(1), P(2), L(3), L(4))
CALL(copy, P(0), P(1), I(2), I(3), P(4))
CALL(check_index, P(0), L(1), L(2))
CALL(gather, P(0), P(1), P(2), L(3), L(4), L(5), L(6), L(7))
CALL(segment_sum, P(0), P(1), P(2), L(3), L(4), L(5))
CALL(one_hot, P(0), P(1), I(2), L(3), L(4), D(5), D(6))
CALL(mirror_pad, P(0), P(1), I(2), L(3), L(4), L(5), L(6), L(7))
CALL(cumulate, P(0), P(1), I(2), I(3), I(4), I(5), L(6), L(7), L(8))
CALL(derive_key, P(0), L(1), L(2), P(3))
CALL(draw, I(0), P(1), P(2), L(3), D(4), D(5))

#define FUNCTION(NAME, PARAMETERS) {"steppe_" #NAME, PARAMETERS, NAME##_of}

const steppe_function steppe_functions[] = {
    FUNCTION(conv2d, "pppppp"),
    FUNCTION(conv2d_input_grad, "ppppp"),
    FUNCTION(conv2d_filter_grad, "pppppp"),
    FUNCTION(depthwise, "ppppp"),
    FUNCTION(depthwise_input_grad, "ppppp"),
    FUNCTION(depthwise_filter_grad, "ppppp"),
    FUNCTION(matmul, "ppplllliillip"),
    FUNCTION(unary, "iippldd"),
    FUNCTION(binary, "iipppip"),
    FUNCTION(select, "pppplli"),
    FUNCTION(cast, "iippl"),
    FUNCTION(fill, "ipld"),
    FUNCTION(ramp, "ipldd"),
    FUNCTION(reduce, "iipplll"),
    FUNCTION(arg, "iipplll"),
    FUNCTION(top, "ippplll"),
    FUNCTION(softmax, "ppll"),
    FUNCTION(softmax_grad, "pppll"),
    FUNCTION(batch_norm, "pppppplld"),
    FUNCTION(norm_train, "pppppplldi"),
    FUNCTION(norm_train_add, "pppppppplldi"),
    FUNCTION(norm_moments, "pppppll"),
    FUNCTION(norm_terms, "ppppppld"),
    FUNCTION(norm_train_grad, "ppppppppplldi"),
    FUNCTION(norm_train_grad_add, "pppppppppplldi"),
    FUNCTION(norm_train_second, "pppppppppppplldi"),
    FUNCTION(norm_eval, "pppppplldi"),
    FUNCTION(norm_eval_grad, "ppppppppplldi"),
    FUNCTION(norm_eval_second, "pppppppppppplldi"),
    FUNCTION(norm_layer, "pppplld"),
    FUNCTION(norm_layer_grad, "pppppplld"),
    FUNCTION(pool, "pppi"),
    FUNCTION(pool_grad, "ppppi"),
    FUNCTION(tree_norm, "plip"),
    FUNCTION(tree_dot, "plp"),
    FUNCTION(tree_scale, "plp"),
    FUNCTION(tree_pack, "plpp"),
    FUNCTION(tree_normalize, "plpp"),
    FUNCTION(tree_factor, "plppp"),
    FUNCTION(tree_add_scaled, "plp"),
    FUNCTION(tree_momentum, "plpppi"),
    FUNCTION(sweep, "plpll"),
    FUNCTION(copy, "ppiip"),
    FUNCTION(check_index, "pll"),
    FUNCTION(gather, "ppplllll"),
    FUNCTION(segment_sum, "ppplll"),
    FUNCTION(one_hot, "ppilldd"),
    FUNCTION(mirror_pad, "ppilllll"),
    FUNCTION(cumulate, "ppiiiilll"),
    FUNCTION(derive_key, "pllp"),
    FUNCTION(draw, "ippldd"),
};
const int steppe_function_count = sizeof steppe_functions / sizeof *steppe_functions;
