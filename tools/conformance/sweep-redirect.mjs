import { register } from 'node:module';
import { pathToFileURL } from 'node:url';

// Takes the packages of another checkout, this one's programs apart.
const from = pathToFileURL(`${process.env.STEPPE_SWEEP_CHECKOUT}/package.json`).href;
const source = `export async function resolve(specifier, context, next) {
  const other = /^@(steppe|tensorflow)\\//.test(specifier) && !specifier.startsWith('@steppe/conformance');
  return next(specifier, other ? { ...context, parentURL: '${from}' } : context);
}`;
register(`data:text/javascript,${encodeURIComponent(source)}`);
