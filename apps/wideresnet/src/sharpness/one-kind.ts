import { titleOf } from '../run/network.ts';
import { lossIs } from './look-at.ts';
import type { Subject } from './subject.ts';

/** What the numbers of a run hang on beside its weights, in words. */
const hangOn: readonly { readonly what: string; of(subject: Subject): string }[] = [
  { what: 'networks', of: ({ options }) => titleOf(options) },
  { what: 'images', of: ({ data }) => `${data.dataset.name} (SHA-256 ${data.sha256.slice(0, 8)}...)` },
  { what: 'labels', of: ({ labels }) => labels },
  { what: 'losses', of: ({ options }) => lossIs(options) },
];

/** How runs differ so that their numbers cannot be compared, a line for each difference; none for runs of one kind. */
export const kindLines = (subjects: readonly Subject[]): readonly string[] =>
  hangOn.flatMap(({ what, of }) => {
    if (new Set(subjects.map(of)).size < 2) return [];
    const each = subjects.map((subject) => `${subject.name} ${of(subject)}`).join(', ');
    return [`Not comparable, the runs are of different ${what}: ${each}.`];
  });

/** Whether the weights of two runs are of one network, so that there is a way from one to the other. */
export const isOneNetwork = (one: Subject, other: Subject): boolean =>
  titleOf(one.options) === titleOf(other.options) &&
  one.data.dataset.classes.length === other.data.dataset.classes.length &&
  one.data.dataset.shape.join() === other.data.dataset.shape.join();
