import { openEventLog, openRunLog, type RunLog } from '@steppe/train/node';

/** How the logs of a run are opened. */
export type LogsOptions = {
  /** Whether TensorBoard gets one, too. */
  readonly tensorboard: boolean;
  /** Bytes of the run's log that stay. */
  readonly at: number;
  /** The step that the run goes on from. */
  readonly from?: number | undefined;
  readonly warn: (text: string) => void;
};

/** Opens what a run writes its records to: its log and, if asked for, an event file beside it. */
export function openLogs(folder: string, { tensorboard, at, from, warn }: LogsOptions): RunLog {
  const log = openRunLog(folder, { warn, at });
  if (!tensorboard) return log;
  const events = openEventLog(folder, { warn, ...(from !== undefined && { from }) });
  return {
    ...log,
    write(record) {
      log.write(record);
      events.write(record);
    },
    close() {
      log.close();
      events.close();
    },
  };
}
