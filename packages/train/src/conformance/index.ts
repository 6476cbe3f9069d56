export {
  type Case,
  type ConformOptions,
  conform,
  formatRows,
  type Reference,
  type Row,
  referenceOf,
} from '@steppe/backends/conformance';
export { allCases } from './all-cases.ts';
export { trainingCases } from './training-cases.ts';
