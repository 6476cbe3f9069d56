import { CropAndResize, type TensorInfo, Transform } from '@tensorflow/tfjs-core';
import { type WebGpuKernel, webGpuKernel } from './kernel.ts';
import { runProgram, type Uniform } from './program.ts';

type Inputs<Names extends string> = { readonly [name in Names]: TensorInfo };

const sizes = ([, height, width, channels]: readonly number[], prefix: string): Uniform[] =>
  [height, width, channels].map((size, i) => [`${prefix}${'hwc'[i]}`, 'i32', size as number]);

/** The entry of the output as image, row, column and channel. */
const position = `let c = index % uniforms.oc; let x = index / uniforms.oc % uniforms.ow;
  let y = index / uniforms.oc / uniforms.ow % uniforms.oh; let n = index / uniforms.oc / uniforms.ow / uniforms.oh;`;

/** A pixel of the image, by its own index of images. */
const pixel = `fn pixel(n : i32, y : i32, x : i32, c : i32) -> f32 {
    return f32(A[((n * uniforms.ih + y) * uniforms.iw + x) * uniforms.ic + c]);
  }`;

/** Boxes cut out of images and resized; the stock kernel numbers images by boxes, and its nearest pixels are others'
 * neighbours. */
export const cropAndResize: WebGpuKernel = webGpuKernel<
  Inputs<'image' | 'boxes' | 'boxInd'>,
  { cropSize: [number, number]; method: string; extrapolationValue: number }
>(CropAndResize, ({ inputs: { image, boxes, boxInd }, attributes, backend }) => {
  const { cropSize, method, extrapolationValue } = attributes;
  const shape = [boxes.shape[0] as number, ...cropSize, image.shape[3] as number];
  const place = (name: string, side: string, i: string, low: number): string =>
    `let ${name}0 = f32(B[4 * n + ${low}]); let ${name}1 = f32(B[4 * n + ${low + 2}]);
     let ${name}s = f32(uniforms.i${side} - 1);
     var ${name}p = 0.5 * (${name}0 + ${name}1) * ${name}s;
     if (uniforms.o${side} > 1) {
       ${name}p = ${name}0 * ${name}s + f32(${i}) * ((${name}1 - ${name}0) * ${name}s / f32(uniforms.o${side} - 1));
     }`;
  return runProgram(backend, {
    key: `CropAndResize_${method}`,
    inputs: [image, boxes, boxInd],
    shape,
    dtype: 'float32',
    uniforms: [
      ['images', 'i32', image.shape[0] as number],
      ['outside', 'f32', extrapolationValue],
      ...sizes(image.shape, 'i'),
      ...sizes(shape, 'o'),
    ],
    functions: pixel,
    code: `${position} let k = i32(C[n]);
      if (k >= 0 && k < uniforms.images) {
        ${place('v', 'h', 'y', 0)} ${place('u', 'w', 'x', 1)}
        if (vp < 0.0 || vp > vs || up < 0.0 || up > us) { value = uniforms.outside; } else {
          ${
            method === 'bilinear'
              ? `let t = i32(floor(vp)); let b = i32(ceil(vp)); let l = i32(floor(up)); let r = i32(ceil(up));
                 let du = up - floor(up); let top = pixel(k, t, l, c); let low = pixel(k, b, l, c);
                 let above = top + (pixel(k, t, r, c) - top) * du; let below = low + (pixel(k, b, r, c) - low) * du;
                 value = above + (below - above) * (vp - floor(vp));`
              : 'value = pixel(k, i32(floor(vp + 0.5)), i32(floor(up + 0.5)), c);'
          }
        }
      }`,
  });
});

const mapped: { readonly [mode: string]: string } = {
  constant: 'return p;',
  nearest: 'return within(p, side);',
  reflect: `if (side <= 1.0) { return within(p, side); }
    let two = 2.0 * side;
    var q = p;
    if (p < 0.0) {
      q = two * trunc(-p / two) + p;
      q = select(-q - 1.0, q + two, q < -side);
    } else if (p > side - 1.0) {
      q = p - two * trunc(p / two);
      if (q >= side) { q = two - q - 1.0; }
    }
    return within(q, side);`,
  wrap: `if (side <= 1.0) { return within(p, side); }
    var q = p;
    if (p < 0.0) { q = p + side * (trunc(-p / (side - 1.0)) + 1.0); }
    else if (p > side - 1.0) { q = p - side * trunc(p / (side - 1.0)); }
    return within(q, side);`,
};

/** Images under projective maps: `Transform`. The stock kernel maps the halves between pixels by rounding to even, and
 * one pixel of a side not at all. */
export const transform: WebGpuKernel = webGpuKernel<
  Inputs<'image' | 'transforms'>,
  { interpolation: string; fillMode: string; fillValue: number; outputShape?: [number, number] | null }
>(Transform, ({ inputs: { image, transforms }, attributes, backend }) => {
  const { interpolation, fillMode, fillValue, outputShape } = attributes;
  const [images, height, width, channels] = image.shape as [number, number, number, number];
  const shape = [images, ...(outputShape ?? [height, width]), channels];
  return runProgram(backend, {
    key: `Transform_${interpolation}_${fillMode}`,
    inputs: [image, transforms],
    shape,
    dtype: 'float32',
    uniforms: [
      ['maps', 'i32', transforms.shape[0] as number],
      ['outside', 'f32', fillValue],
      ...sizes(image.shape, 'i'),
      ...sizes(shape, 'o'),
    ],
    functions: `${pixel}
      // Of a place that is no number, it is none.
      fn within(p : f32, side : f32) -> f32 { return select(clamp(p, 0.0, side - 1.0), p, isnan(p)); }
      fn mapped(p : f32, side : f32) -> f32 { ${mapped[fillMode] ?? mapped.constant} }
      fn seen(n : i32, y : f32, x : f32, c : i32) -> f32 {
        if (y >= 0.0 && y < f32(uniforms.ih) && x >= 0.0 && x < f32(uniforms.iw)) { return pixel(n, i32(y), i32(x), c); }
        return uniforms.outside;
      }`,
    code: `${position} let m = 8 * select(n, 0, uniforms.maps == 1); let u = f32(x); let v = f32(y);
      let w = f32(B[m + 6]) * u + f32(B[m + 7]) * v + 1.0;
      value = uniforms.outside;
      if (w != 0.0) {
        let px = mapped((f32(B[m]) * u + f32(B[m + 1]) * v + f32(B[m + 2])) / w, f32(uniforms.iw));
        let py = mapped((f32(B[m + 3]) * u + f32(B[m + 4]) * v + f32(B[m + 5])) / w, f32(uniforms.ih));
        ${
          interpolation === 'nearest'
            ? 'value = seen(n, floor(py + 0.5), floor(px + 0.5), c);'
            : `let t = floor(py); let l = floor(px); let dx = px - l; let dy = py - t;
               let above = (1.0 - dx) * seen(n, t, l, c) + dx * seen(n, t, l + 1.0, c);
               let below = (1.0 - dx) * seen(n, t + 1.0, l, c) + dx * seen(n, t + 1.0, l + 1.0, c);
               value = (1.0 - dy) * above + dy * below;`
        }
      }`,
  });
});
