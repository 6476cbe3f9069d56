// Finds out whether the loops of an example leave tensors behind.
import ts from 'typescript';

/** Where the bodies of the loops in some code begin and end. */
function loopBodies(code) {
  const found = [];
  const visit = (node) => {
    if (ts.isIterationStatement(node, false)) found.push([node.statement.getStart(), node.statement.end]);
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile('example.ts', code, ts.ScriptTarget.Latest, true));
  return found;
}

const head = (loops) => `import { memory as atHead } from '@tensorflow/tfjs-core';
export const turns: number[][] = Array.from({ length: ${loops} }, () => []);
`;

/** The code of an example that also exports, as `turns`, how many tensors each turn of each loop began with. */
export function watchLoops(code) {
  const bodies = loopBodies(code);
  const pieces = bodies.flatMap(([start, end], i) => [
    { at: start, text: `{ turns[${i}].push(atHead().numTensors); ` },
    { at: end, text: ' }' },
  ]);
  // From the end on, so that the places before stay where they are.
  const watched = pieces
    .sort((a, b) => b.at - a.at)
    .reduce((text, piece) => text.slice(0, piece.at) + piece.text + text.slice(piece.at), code);
  return head(bodies.length) + watched;
}
