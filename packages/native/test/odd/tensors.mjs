// Tensors by a short description, so that a call can be written, named and repeated as text:
//   f[2,3] float32 · i[3] int32 · b[2] bool · s[2] strings · c[2] complex64; values follow a fixed rule
//   i[3]=9,-1,2 these values · disposed f[2] given up before · forged f[2]>[99] a shape that its memory does not hold
import * as tf from '@tensorflow/tfjs-core';

const dtypes = { f: 'float32', i: 'int32', b: 'bool', s: 'string', c: 'complex64' };

const rules = {
  f: (i) => (((i * 37 + 11) % 19) - 9) / 4,
  i: (i) => ((i * 5 + 2) % 9) - 4,
  b: (i) => (i * 7) % 3 === 0,
  s: (i) => `text ${i}`,
};

const numbers = (text) => (text === '' ? [] : text.split(',').map(Number));

/** Makes the tensor that a description names, on the current backend. */
export function tensorOf(description) {
  const [, how, letter, extents, values, claimed] =
    /^(?:(disposed|forged) )?([fibsc])\[([^\]]*)\](?:=([^>]*))?(?:>\[([^\]]*)\])?$/.exec(description) ?? [];
  if (letter === undefined) throw new Error(`A tensor is written like f[2,3], got ${description}.`);
  const shape = numbers(extents);
  const size = shape.reduce((product, extent) => product * extent, 1);
  const listed = values === undefined ? undefined : numbers(values);
  const fill = (of) => Array.from({ length: size }, (_, i) => (listed ? listed[i % listed.length] : rules[of](i)));
  const made =
    letter === 'c'
      ? tf.complex(tf.tensor(fill('f'), shape, 'float32'), tf.tensor(fill('f'), shape, 'float32'))
      : tf.tensor(letter === 'b' ? fill('b').map(Boolean) : fill(letter), shape, dtypes[letter]);
  if (how === 'disposed') made.dispose();
  if (how !== 'forged') return made;
  const { dataId, dtype } = made;
  // Not by the engine, which would count the memory: a program that says more than it has.
  return Object.assign(Object.create(Object.getPrototypeOf(made)), made, { dataId, dtype, shape: numbers(claimed) });
}

/** What every input may be instead of what it should be. */
export function strange(description) {
  const [letter, shape] = [description[0], /\[([^\]]*)\]/.exec(description)?.[1] ?? ''];
  const others = ['f', 'i', 'b', 's', 'c'].filter((other) => other !== letter).map((other) => `${other}[${shape}]`);
  const shapes = ['', '0', '1', '3', '0,2', '2,0,3', '2,3', '3,1,2', '1,2,2,3', '2,0,2,1', '2,1,2,1,3'];
  const deep = ['1,2,1,2,1,3', '2,1,2,1,2,1,2', '2,1,2,1,2,1,2,2', '1,2,1,2,1,2,1,2,1'];
  return [
    ...others,
    ...[...shapes, ...deep].map((extents) => `${letter}[${extents}]`),
    ...[`disposed ${description}`, `forged ${letter}[2]>[4096]`, `forged b[${shape}]>[${shape},64]`],
  ];
}
