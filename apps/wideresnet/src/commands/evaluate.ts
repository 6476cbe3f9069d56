import { dispose, printJson } from '@steppe/tree';
import type { Options } from '../options/table.ts';
import { grouped, percent } from '../report/format.ts';
import { print } from '../report/print.ts';
import { heldOut, loadData } from '../run/data.ts';
import { chooseDevice, describeDevice } from '../run/device.ts';
import { checkHolding } from '../run/memory.ts';
import { evaluateNetwork, makeNetwork, titleOf } from '../run/network.ts';
import { loadRun, weightsFile, weightsOf } from '../run/weights.ts';
import { CommandError, exitCode } from './exit-codes.ts';

/** Runs `steppe evaluate`: the error of saved weights on the held-out images of their run. */
export async function evaluateCommand(run: string, options: Options): Promise<number> {
  const { backend, download, json, data: folder, images, workers } = options;
  const note = (text: string): void => print(json ? process.stderr : process.stdout, text);
  const file = await weightsFile(run);
  const device = await chooseDevice(backend);
  const saved = await loadRun(file);
  try {
    const { options: trained } = saved;
    const places = {
      ...(folder !== undefined && { data: folder }),
      ...(images !== undefined && { images }),
      ...(workers !== undefined && { workers }),
    };
    const data = await loadData({ ...trained, download, ...places }, note);
    checkHolding(trained, data, saved.tree);
    const network = makeNetwork(trained, data.dataset);
    const weights = weightsOf(network, data.dataset.shape, saved);
    const {
      errorRate: error,
      loss,
      examples,
      top5Error,
      calibrationError,
    } = await evaluateNetwork(network, weights, heldOut(data.dataset.test));
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
    note(`Data     ${data.dataset.name}, from ${data.dataset.source}`);
    if (!sameData) note('         (not the images that the run was trained with)');
    note(
      `${titleOf(trained)}: test error ${percent(error)} (accuracy ${percent(1 - error)}), ${top5Error === undefined ? '' : `top-5 error ${percent(top5Error)}, `}test loss ${loss.toFixed(3)}, calibration error ${percent(calibrationError)}, on ${grouped(examples)} held-out images`,
    );
    return exitCode.ok;
  } finally {
    dispose(saved.tree);
  }
}
