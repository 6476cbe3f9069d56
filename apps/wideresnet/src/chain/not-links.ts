const ofYourOwn = 'takes a function, as a link of your own does, in TypeScript';
const ofTensors = 'computes with tensors and is no link';
const ofNumbers = 'is a figure about links or radii and is no link';
const ofBatches = 'is about batches and is no link';

/** What `@steppe/transforms` exports that can stand in no chain of a config file, and why. */
export const notLinks: { readonly [name: string]: string } = {
  accumulate: 'takes batches that are put together, and a step has one: microBatch takes it in parts',
  applyUpdates: ofTensors,
  chain: 'is what a list of links is already',
  checkState: 'looks at the state of an optimizer and is no link',
  comparableRadius: ofNumbers,
  countExamples: ofBatches,
  displaceBy: ofYourOwn,
  dualExponent: ofNumbers,
  dualNorm: ofTensors,
  epsilonHat: ofTensors,
  epsilonHatDerivative: ofTensors,
  gradientsOver: ofNumbers,
  isTogether: ofBatches,
  longestPerturbation: ofNumbers,
  orthogonalize: ofTensors,
  perturbBy: ofYourOwn,
  projectOntoBall: ofTensors,
  samplePosterior: ofTensors,
  scheduleFreeWeights: ofTensors,
  slerp: ofTensors,
  stateful: ofYourOwn,
  stateless: ofYourOwn,
  textOf: 'writes links down and is none',
  together: ofBatches,
  transformation: ofYourOwn,
  withClean: ofYourOwn,
};
