// When to use a method and what it is compared with: a sentence for each row of the README's table of relatives.
/** @type {Readonly<Record<string, string>>} */
export const when = {
  'chain(samTransform(rho, p), sgd(rate))':
    'first, and always with m-sharpness in mind; against SGD at equal gradients and with a tuned decay',
  'chain(samTransform(rho, p, { order: 2 }), sgd(rate))':
    'to know what the first order drops (`orderCosine`); against order 1',
  'chain(samTransform(rho, p, { steps: k }), sgd(rate))':
    'when one step does not reach the worst point (`certificate`); against steps: 1 at equal gradients',
  'chain(samTransform(rho, p, { adaptive: {} }), sgd(rate))':
    'weights of very different scale, networks that are invariant to rescaling; with a ρ about ten times as large',
  "chain(samTransform(rho, p, { adaptive: { by: 'layer' } }), sgd(rate))": 'as adaptive, with one scale for a leaf',
  'chain(samTransform(byGroup(groups)), sgd(rate))':
    'parts of different kind, such as a head on a backbone; against one ρ',
  'chain(samTransform(rho, p, { perturb: normalizations }), sgd(rate))':
    'networks with normalization layers: their few weights carry most of the gain',
  'chain(samTransform(rho), microBatch(m), sgd(rate))':
    'whenever the batch is large: the gain grows as m falls; against m = batch',
  'chain(interval(k, samTransform(rho)), sgd(rate))': 'a fixed budget; against `after`, which spends it at the end',
  'chain(usam(rho), sgd(rate))': 'theory, and losses whose gradient must shrink the step; against SAM at the same ‖ε‖',
  'chain(gsam(rho, alpha), sgd(rate))': 'with a ρ that falls with the rate; against SAM',
  'chain(wsam(rho, gamma), sgd(rate))': 'to weigh sharpness against the loss, γ = ½ being SAM',
  'decoupledWsam(sgd(rate), rho, gamma, rate)':
    'with Adam inside, whose moments shall not see the sharpness; against wsam',
  'chain(lookSam(k, rho), sgd(rate))': 'large batches, where the turn changes slowly; against interval',
  'chain(friendlySam(rho), sgd(rate))': 'noisy batches; against SAM with a smaller m',
  'chain(vasso(rho, theta), sgd(rate))': 'small batches, whose ε̂ is noise; against SAM',
  'chain(esam(rho, { exampleLoss, gamma }), sgd(rate))': 'losses by example at hand; against SAM at equal gradients',
  'chain(momentumSam(rho), scale(-rate))': 'no second gradient to spare; against momentum, ρ larger than for SAM',
  'chain(xsam(rho, { alphas, probeEvery: n }), sgd(rate))': 'a worst point that one step misses; against steps: k',
  'chain(random(rho, seed), sgd(rate))': 'the control of every claim on SAM',
  'chain(entropySgd({ steps: L }), scale(-rate))': 'flatness at a scale of its own; against SGD at equal gradients',
  'lookahead(sgd(rate), k)': 'a fast optimizer that jitters; against its own rate decay',
  'chain(sgd(rate), averageWeights())': 'at the end of every run: it costs nothing; against SAM, and beside it',
  "chain(samTransform(rho, p, { adaptive: { by: 'fisher' } }), sgd(rate))":
    'a metric of the model, not of the coordinates; against adaptive by element',
  'chain(unifiedSam(rho, lambda), sgd(rate))': 'to move from USAM to SAM by a schedule of λ; against both ends',
  'chain(lossBudgetSam(sigma, rhoMax), sgd(rate))':
    'a rise of the loss is easier to name than a radius; against SAM with a tuned ρ',
  'chain(lightSam(rho), scaleByAdagradNorm(), scale(-rate))':
    'neither ρ nor the rate is to be tuned; against tuned ones',
  'chain(zSharp(rho, quantile), sgd(rate))': 'large layers in which few entries matter; against SAM',
  'chain(centralize(), samTransform(rho), sgd(rate))':
    'networks without normalization of weights; against SAM, and against centralize alone',
  'chain(renormalized(samTransform(rho)), sgd(rate))': 'rates near the edge of stability; against SAM',
  'chain(saner(rho, alpha), sgd(rate))': 'noisy labels; against SAM and a tuned decay',
  'chain(asyncSam(rho), sgd(rate))': 'one gradient a step is all there is; against momentumSam',
  'sampa(sgd(rate), rho, { lambda })': 'two workers: the path of a step is one gradient long; against SAM on one',
  'chain(eigenSam(rho, { alpha, every: n, steps: k }), sgd(rate))':
    'the largest eigenvalue is the aim, at a tenth of a gradient more; against SAM',
  'chain(eigenCorrectedSam(rho, { alpha, every: n, steps: k }), sgd(rate))':
    'SAM bounces across one steep valley; against eigenSam',
  'chain(gam(rho, alpha), sgd(rate))':
    'the gradient norm nearby is the aim and the cost does not matter; against SAM at equal gradients',
  'chain(crSam(rho, { gamma }), sgd(rate))': "a curvature that SAM's one point misses; against SAM at equal gradients",
  'chain(sassha(rho, { every: n }), addDecayedWeights(wd), scale(-rate))':
    "a second-order step with SAM's flatness; against AdamW and SAM on it",
  'chain(bsam(rho, { examples: N, weightDecay: wd }), scale(-rate))':
    'uncertainty is asked for beside the weights; against Adam with an ensemble',
  "chain(random(rho, seed, { noise: 'filter' }), sgd(rate))":
    'one gradient, and noise that fits the filters; the control beside `random`',
  'chain(lateSam(rho, T, f), sgd(rate))':
    'a given budget: the tail of a run is where SAM pays, if it owns a whole fall of the rate; against interval and SAM throughout',
  'chain(after(t0, samTransform(rho)), sgd(rate))': 'as lateSam, with a link and a step of your own',
  'chain(during(t0, T, samTransform(rho)), sgd(rate))':
    'to find out where in a run a link does something; against after',
  'chain(trace(decay), handOver(t0, scale(-rate), chain(clipByGlobalNorm(c), scale(-rate))))':
    'the tail of a run by another optimizer; what both need stands before it',
  'chain(functionalSam(rho), sgd(rate))':
    "language models and noisy labels, where the loss's own curvature misleads SAM; against SAM at the same ρ",
  'chain(samTransform(rho), muon(rate))': 'networks of matrices and kernels; against muon alone at equal gradients',
  'chain(samTransform(rho), amsgrad(rate, { biasCorrection: false }))':
    'Adam under SAM must not forget large gradients; against adam',
  'scheduleFree(chain(samTransform(rho), sgd(rate)), rate)': 'the end of the run is not known; against a falling rate',
  'chain(samTransform(rho), prodigy())': 'no rate to tune; against a tuned adam',
  'chain(samTransform(rho), polyak())': 'a loss that reaches 0, no rate to tune; against a tuned rate',
  'chain(usam(rho), polyak())': 'as with SAM, where the proofs are wanted',
  'polyak()': 'the control of SAM-SPS',
};
