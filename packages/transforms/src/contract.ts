import type { Key } from '@steppe/random';
import type { Tree } from '@steppe/tree';
import type { Scalar, Tensor } from '@tensorflow/tfjs-core';
import type { Call } from './links/call.ts';

/** Named scalars that links add for whoever logs the step, such as `perturbedLoss`: computed on the device, read by
 * nobody else but `polyak`, there. */
export type Report = { readonly [name: string]: Scalar };

/**
 * What a gradient function gives back: the loss, its gradient and all that travels with them through a chain.
 *
 * A link that evaluates twice returns `{ ...clean, grads }`: value, aux, report and `carried` of the clean evaluation
 * stay, so the second pass leaves no trace but its gradient.
 */
export type Evaluation<P extends Tree, Aux extends Tree> = {
  /** L(w) on the batch, a scalar. */
  readonly value: Scalar;
  /** The gradient, or what the links so far have made of it; with the structure of the parameters. */
  readonly grads: P;
  /** What the loss returned beside its value. */
  readonly aux: Aux;
  /** ∂ℓ/∂F at w, where the loss is given as one of outputs, ℓ(F(w)): what `functional` of the gradient function takes. */
  readonly cotangent?: Tree;
  readonly report?: Report;
  /** The next states of the links before this one, nearest first: `chain` puts them there and takes them out. */
  readonly carried?: readonly Tree[];
};

/** Chooses leaves of the parameters by path (`.layers[2].kernel`) and tensor: by what is known of it, its shape, not by
 * its values. */
export type Select = (path: string, leaf: Tensor) => boolean;

/** The Hessian as a function: (w, batch, v) ↦ ∇²L(w)·v; of `wanted` leaves as in `GradientFn`. */
export type HessianProduct<P extends Tree, Batch extends Tree> = (params: P, batch: Batch, v: P, wanted?: Select) => P;

/** The outputs' Jacobian as a function: (w, batch, c) ↦ J_F(w)ᵀ·c for a `cotangent` c of an evaluation on that batch; of
 * `wanted` leaves as in `GradientFn`. With c of the same w it is the gradient. */
export type Functional<P extends Tree, Batch extends Tree> = (
  params: P,
  batch: Batch,
  cotangent: Tree,
  wanted?: Select,
) => P;

/** The gradient as a function of the parameters and the batch, as `valueAndGrad` of `@steppe/autograd` makes it. */
export type GradientFn<P extends Tree, Batch extends Tree, Aux extends Tree> = {
  /** With `wanted`, nobody looks at the gradients of the other leaves: `valueAndGrad` spares them, and a function that
   * ignores it is right too. */
  (params: P, batch: Batch, wanted?: Select): Evaluation<P, Aux>;
  /** The derivative of this gradient times a vector, where it is known; links that keep it known pass it on. */
  readonly hvp?: HessianProduct<P, Batch> | undefined;
  /** The vector-Jacobian product of the outputs, where the loss is given as one of outputs; links that keep it known pass
   * it on. */
  readonly functional?: Functional<P, Batch> | undefined;
  /** The links that the two were lost in. */
  readonly lostIn?: { readonly [Member in 'hvp' | 'functional']?: string | undefined } | undefined;
  /** The whole parameters, where these are a part of them with `null` for the other leaves: what a loss of a link's own
   * is computed from. */
  readonly whole?: ((params: P) => Tree) | undefined;
};

/** What has the structure of the gradient, as a function of the point and the batch that the gradient is taken at: a
 * product by its derivative, or by the Jacobian of the outputs. */
export type Product<P extends Tree, Batch extends Tree> = (params: P, batch: Batch, wanted?: Select) => P;

/**
 * What a training step hands its optimizer as the batch: a link that looks into the batch sees it so.
 *
 * Links that take examples apart, such as `microBatch` and `esam`, know it: the state is no list of examples and stays
 * whole, and slices fold the key.
 */
export type StepBatch<Batch extends Tree = Tree, State extends Tree = Tree> = {
  /** The examples. */
  readonly batch: Batch;
  /** The step's random key. */
  readonly key: Key;
  /** The model's own state before the step. */
  readonly state: State;
};

/**
 * Maps a gradient function to a gradient function: the one contract of this package.
 *
 * optax hands a link the gradient's value; this hands it the function, so that a link may evaluate where it likes
 * (`samTransform` at w + ε̂(w), `microBatch` slice by slice) and chains of links compose in any order.
 * Both members are pure: nothing passed in is freed, everything returned is the caller's.
 *
 * `Seen` is the batch that a link looks into, as `esam` does; most look into none and take every tree. A chain sees
 * what all of its links see, so that a chain beside another batch does not compile.
 */
export type GradientTransformation<State extends Tree = Tree, in Seen extends Tree = Tree> = {
  /** Makes the state for some parameters. */
  init(params: Tree): State;
  /** Evaluates `gradient` as the transformation wants it and gives the transformed evaluation and the next state. */
  update<P extends Tree, Batch extends Seen, Aux extends Tree>(
    gradient: GradientFn<P, Batch, Aux>,
    state: State,
    params: P,
    batch: Batch,
  ): readonly [evaluation: Evaluation<P, Aux>, state: State];
  /** How many gradients of the whole batch one update evaluates, in the mean of a long run: 1 for a map of gradients, 2
   * for SAM. A Hessian product counts as 2. */
  readonly gradientCost: number;
  /** The gradients that update number `step` evaluates, counted from 0 at `init`, where that depends on the step, as for
   * `interval`; `gradientsOver` adds them up. */
  readonly costAt?: ((step: number) => number) | undefined;
  /**
   * -1 where it turns the gradient into a step downhill, as `scale(-0.1)` does, 1 where it does not; `unknown` for a
   * schedule of the user's that does not say. A link that says nothing counts as 1 in a chain.
   */
  readonly sign?: 1 | -1 | 'unknown' | undefined;
  /** Whether it moves along the gradient that it gets, as SAM does, which must then point uphill: `chain` refuses it
   * behind a negative sign. */
  readonly uphill?: boolean | undefined;
  /** Nothing at run time: methods are compared loosely, so this alone makes the compiler tell `Seen` apart. */
  readonly sees?: (batch: Seen) => void;
  /** What messages call it. */
  readonly name?: string;
  /** The call that makes it, for `textOf`; that of a chain holds its links. */
  readonly made?: Call;
  /**
   * The link as a map that is linear in the gradient and the weights together, for those that are one, with a symmetric
   * part in the gradient: what `update` makes of ∇L and w, made of any other product and weights.
   *
   * Of ∇²L·v and v it makes the derivative of the transformed gradient times v; of J_F(w + ε)ᵀc and w the transformed
   * functional gradient. It takes the product where and as often as `update` takes the gradient.
   */
  linear?<P extends Tree, Batch extends Seen>(
    product: Product<P, Batch>,
    state: State,
    params: P,
    batch: Batch,
    weights: P,
  ): P;
  /** Whether it also adds what depends on neither, as a velocity: then `linear` is its derivative alone. */
  readonly affine?: boolean | undefined;
  /** Whether it leaves the gradient as it is and adds to it what depends on the weights alone, as weight decay does. */
  readonly adds?: boolean | undefined;
};

/** A scalar that depends on the number of updates so far: maps the int32 count to a float32 scalar, without reading it
 * back. */
export type Schedule = {
  (count: Scalar): Scalar;
  /** The call that makes it, for `textOf`. */
  readonly made?: Call;
  /** -1 where it gives negative numbers, as the learning rate at the end of a chain, and 1 where it does not; those of
   * this package say so. */
  readonly sign?: 1 | -1;
  /** Numbers between which it stays; those of this package say so. What takes the schedule refuses ends that are out of its
   * range: a value itself is on the device, where no step reads it. */
  readonly values?: readonly number[];
};
