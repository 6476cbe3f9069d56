export { cacheFolder, type Environment, makeCacheFolder } from './cache-folder.ts';
export { codeOf, FileError, printable, reasonOf } from './file-error.ts';
export { type Holder, type LockOptions, withLock } from './lock.ts';
export { makeFolder } from './make-folder.ts';
export { type PublishOptions, publish } from './publish.ts';
export { openRegular, type ReadOptions, readRegular } from './read.ts';
export { removeLeftovers, withTemporaryFolder } from './temporary.ts';
export { type Content, type WriteOptions, writeAtomically } from './write.ts';
export { writeAll } from './write-all.ts';
