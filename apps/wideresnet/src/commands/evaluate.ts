import type { Batch } from '@steppe/datasets';
import { printable } from '@steppe/files';
import { dispose, printJson } from '@steppe/tree';
import { isFileDataset } from '../options/file-datasets.ts';
import type { Options } from '../options/table.ts';
import { grouped, percent } from '../report/format.ts';
import { print } from '../report/print.ts';
import type { Weights } from '../run/best-weights.ts';
import { loadData } from '../run/data.ts';
import { chooseDevice, describeDevice } from '../run/device.ts';
import { heldMeasuring } from '../run/held-measure.ts';
import { checkHolding } from '../run/memory.ts';
import { evaluateNetwork, type Held, makeNetwork, type Network, titleOf } from '../run/network.ts';
import { unseen } from '../run/unseen.ts';
import { loadRun, weightsFile, weightsOf } from '../run/weights.ts';
import { CommandError, exitCode } from './exit-codes.ts';

/** What `steppe evaluate` is asked for. */
export type EvaluateOptions = Pick<
  Options,
  'backend' | 'precision' | 'eager' | 'download' | 'json' | 'data' | 'images' | 'workers'
>;

/** Refuses what says nothing of the images of the run. */
function checkPlaces({ data, images, workers }: EvaluateOptions, trained: Options): void {
  const ofFolder = (images ?? trained.images) !== undefined;
  if (data !== undefined && ofFolder)
    throw new CommandError('--data has no effect, the images are files of a folder: say where it is by --images.');
  if (workers !== undefined && !ofFolder && !isFileDataset(trained.dataset))
    throw new CommandError(`--workers has no effect with the dataset ${trained.dataset} of the run: leave it out.`);
}

/** Measures weights on held-out images. */
async function measured(
  network: Network,
  weights: Weights,
  batches: AsyncIterable<Batch>,
  { eager, note }: { readonly eager: boolean | undefined; readonly note: (text: string) => void },
): Promise<Held> {
  const { measure, finish, dispose: free } = heldMeasuring(network, eager, note);
  try {
    const held = await evaluateNetwork(measure, weights, batches);
    await finish();
    return held;
  } finally {
    free();
  }
}

/** Runs `steppe evaluate`: the error of saved weights on the held-out images of their run. */
export async function evaluateCommand(run: string, options: EvaluateOptions): Promise<number> {
  const { backend, precision, eager, download, json, data: folder, images, workers } = options;
  const note = (text: string): void => print(json ? process.stderr : process.stdout, text);
  const file = await weightsFile(run);
  const device = await chooseDevice(backend, precision);
  const saved = await loadRun(file);
  try {
    const { options: trained } = saved;
    checkPlaces(options, trained);
    const places = {
      ...(folder !== undefined && { data: folder }),
      ...(images !== undefined && { images }),
      ...(workers !== undefined && { workers }),
    };
    const data = await loadData({ ...trained, download, ...places }, note);
    const { batches, called } = unseen(data, saved, images !== undefined);
    checkHolding(trained, data, saved.tree);
    const network = makeNetwork(trained, data.dataset);
    const weights = weightsOf(network, data.dataset.shape, saved);
    const {
      errorRate: error,
      loss,
      examples,
      top5Error,
      calibrationError,
    } = await measured(network, weights, batches, { eager, note });
    if (!Number.isFinite(loss))
      throw new CommandError(`The test loss is ${loss}: the weights in ${file} are of no use.`, exitCode.data);
    const sameData = data.sha256 === saved.sha256;
    if (json) {
      const evaluation = {
        testError: error,
        testLoss: loss,
        testExamples: examples,
        ...(top5Error !== undefined && { testTop5Error: top5Error }),
        testCalibrationError: calibrationError,
        sameData,
        device: device.name,
      };
      print(process.stdout, printJson({ schema: 'steppe.events/1', event: 'evaluation', file, ...evaluation }));
      return exitCode.ok;
    }
    note(`Device   ${describeDevice(device)[0]}`);
    note(printable(`Data     ${data.dataset.name}, from ${data.dataset.source}`));
    if (!sameData) note('         (not the images that the run was trained with)');
    note(
      `${titleOf(trained)}: test error ${percent(error)} (accuracy ${percent(1 - error)}), ${top5Error === undefined ? '' : `top-5 error ${percent(top5Error)}, `}test loss ${loss.toFixed(3)}, calibration error ${percent(calibrationError)}, on ${grouped(examples)} ${called}`,
    );
    return exitCode.ok;
  } finally {
    dispose(saved.tree);
  }
}
