import { printJson } from '@steppe/tree';
import type { Reporter } from './reporter.ts';

/** Tells programs: one JSON object a line, each with the schema, the name of its event and its time (seconds since
 * 1970); notes go to `notes`. */
export function jsonReporter(write: (line: string) => void, notes: (text: string) => void): Reporter {
  const emit = (event: string, content: object): void =>
    write(printJson({ schema: 'steppe.events/1', event, timestamp: Date.now() / 1000, ...content }));
  return {
    note: notes,
    begin(facts, folder, remarks) {
      for (const remark of remarks) notes(remark);
      emit('begin', { folder, facts, remarks });
    },
    run: ({ name }) => ({
      onStep: (record) => emit('step', { run: name, record }),
      onEvaluation: (record, seconds) => emit('evaluation', { run: name, seconds, record }),
      stop: () => {},
    }),
    estimate: (estimates, device) => emit('estimate', { device, estimates }),
    end(summaries, folder) {
      for (const summary of summaries) emit('summary', { run: summary.name, folder, summary });
    },
  };
}
