/** What `steppe train --help` teaches below its options. */
export const trainHelp = `
What the words mean:
  SAM asks at every step which weights within --rho of the present ones are worst for this batch,
  and steps by the gradient there. Flat minima generalize better than sharp ones; the price is a
  second gradient a step, so compare with SGD at the same number of gradient evaluations.

  rho   the radius: e(w) = rho * sign(g) |g|^(q-1) / (||g||_q^q)^(1/p), 1/p + 1/q = 1. The paper finds
        0.05 good for most; try 0.01, 0.02, 0.05, 0.1, 0.2. With 0 there is no SAM: plain SGD.
  p     the norm of the radius. 2 moves along the gradient, inf moves every weight by rho,
        1 moves a single weight.
  m     the images that share one e(w). Less than --batch makes m-sharpness: each m images of a
        batch look for their own worst point and the gradients are averaged. Smaller is better
        and slower. If m does not divide the batch, the last part counts by its size.

  The chain is that of the paper's code, in this order:
    addDecayedWeights(weight-decay), samTransform(rho, p), microBatch(m), clipByGlobalNorm(clip),
    trace(momentum, nesterov), scaleBySchedule(cosineDecay(-lr, steps))

Where values come from: the preset, changed by --config FILE, changed by the command line.
A config file is YAML or JSON with the same names; the config.json of a run repeats that run.

    # run.yaml
    preset: fashion-mini
    rho: 0.1
    label-smoothing: 0.1

Examples:
  steppe train                                      a small network on shipped images, in minutes
  steppe train --compare sgd                        and SGD beside it, at equal cost
  steppe train --rho 0.1 --p inf --epochs 8         another neighborhood, and longer
  steppe train --preset fashion --depth 16 --width 1 --epochs 10 --download
  steppe train --preset cifar10-paper --download    WRN-28-10 as in the paper: wants a GPU
  steppe train --config run.yaml --seed 1 --out runs/first
  steppe evaluate runs/first                        the test error again, from the saved weights

Exit codes: 0 done, 64 wrong option, 65 bad data or a loss that is not finite, 70 internal error,
74 files cannot be read or written, 75 ended by SIGTERM, 130 by Ctrl-C (the run so far is saved).`;

/** What `steppe evaluate --help` teaches below its options. */
export const evaluateHelp = `
RUN is the folder of a run, or a weights.safetensors in it. The file itself says which network
and which data it belongs to.

Example:
  steppe evaluate runs/first --json`;

/** What `steppe doctor --help` teaches below its options. */
export const doctorHelp = `
Each device is started and computes in a process of its own, so that one that crashes is a line of the report.
With --backend a device is shown with all that is known of it, and a software renderer counts.

Examples:
  steppe doctor                            which devices work, and the command that would give you the others
  steppe doctor --bench                    and how fast they are
  steppe doctor --backend native --bench   one device, with the kernels that it lacks

Exit codes: 0 a device works, 64 wrong option, 69 no device works.`;
