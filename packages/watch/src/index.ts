export type { Column, Curves, Look, Problem, Run, RunState, Table } from './run.ts';
export { type RunRead, readRun } from './runs/read-run.ts';
export type { Wanted } from './runs/table.ts';
export { type Watched, type WatchOptions, watchRuns } from './runs/watch-runs.ts';
export { type Served, type ServeOptions, serve } from './server/serve.ts';
