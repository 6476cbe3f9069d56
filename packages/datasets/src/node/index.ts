export type { DownloadOptions, Progress } from './download.ts';
export { cacheFolder } from './folder.ts';
export { hashDataset } from './hash.ts';
export { type DatasetName, datasetNames, loadDataset, type NamedDataset, shippedDataset } from './load.ts';
export { type MatArray, parseMat } from './mat.ts';
export type { SourceOptions } from './obtain.ts';
export { parseSvhn } from './svhn.ts';
