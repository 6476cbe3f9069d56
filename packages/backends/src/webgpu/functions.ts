/** WGSL of functions of one number, right to a few units in the last place, and the functions that each calls.
 *
 * WGSL allows errors of 2^-11 in sines, of 2^-21 in logarithms and of 4096 units in inverse tangents, and lets a driver
 * take NaN for a number. The first lines see to NaN by its bits; none of these functions gets one. */
type Source = { readonly code: string; readonly calls?: readonly string[] };

const table: { readonly [name: string]: Source } = {
  expOf: { code: 'fn expOf(x : f32) -> f32 { return exp(x); }' },
  logOf: {
    // fdlibm's, of numbers below the least normal too.
    code: `fn logOf(x : f32) -> f32 {
      var b = bitcast<u32>(x);
      if ((b & 0x7fffffffu) == 0u) { return -uniforms.INFINITY; }
      if (b >= 0x80000000u) { return uniforms.NAN; }
      if (b >= 0x7f800000u) { return x; }
      var k = -127;
      if (b < 0x800000u) { b = bitcast<u32>(f32(b)); k -= 149; }
      b += 0x3f800000u - 0x3f3504f3u;
      let e = f32(i32(b >> 23u) + k);
      let f = bitcast<f32>((b & 0x7fffffu) + 0x3f3504f3u) - 1.0;
      let s = f / (2.0 + f);
      let z = s * s;
      let r = z * (0.66666662693 + z * (0.40000972152 + z * (0.28498786688 + z * 0.24279078841)));
      let h = 0.5 * f * f;
      return s * (h + r) + e * 9.0580006145e-06 - h + f + e * 6.9313812256e-01;
    }`,
  },
  log1pOf: {
    code: `fn log1pOf(x : f32) -> f32 {
      if (abs(x) > 0.4) { return logOf(1.0 + x); }
      let s = x / (2.0 + x);
      let z = s * s;
      return 2.0 * s * (1.0 + z * (0.33333333 + z * (0.2 + z * (0.14285714 + z * 0.11111111))));
    }`,
    calls: ['logOf'],
  },
  expm1Of: {
    code: `fn expm1Of(x : f32) -> f32 {
      if (abs(x) > 0.35) { return exp(x) - 1.0; }
      return x * (1.0 + x * (0.5 + x * (0.16666667 + x * (0.041666667 + x * (0.0083333333 + x * (0.0013888889 + x * 0.00019841270))))));
    }`,
  },
  sigmoidOf: { code: 'fn sigmoidOf(x : f32) -> f32 { return 1.0 / (1.0 + exp(-x)); }' },
  softplusOf: {
    code: `fn softplusOf(x : f32) -> f32 {
      return select(log1pOf(exp(min(x, 20.0))), x, x > 20.0);
    }`,
    calls: ['log1pOf'],
  },
  sinhOf: {
    code: `fn sinhOf(x : f32) -> f32 {
      let a = abs(x);
      let e = expm1Of(a);
      let h = exp(0.5 * a);
      let y = select(0.5 * h * h - 0.5 / h / h, 0.5 * (e + e / (e + 1.0)), a < 1.0);
      return select(y, -y, x < 0.0);
    }`,
    calls: ['expm1Of'],
  },
  coshOf: { code: 'fn coshOf(x : f32) -> f32 { let h = exp(0.5 * abs(x)); return 0.5 * h * h + 0.5 / h / h; }' },
  tanhOf: {
    code: `fn tanhOf(x : f32) -> f32 {
      let e = expm1Of(2.0 * min(abs(x), 10.0));
      let y = e / (e + 2.0);
      return select(y, -y, x < 0.0);
    }`,
    calls: ['expm1Of'],
  },
  asinhOf: {
    code: `fn asinhOf(x : f32) -> f32 {
      let a = abs(x);
      var y = 0.0;
      if (a > 1e4) { y = logOf(a) + 0.69314718; } else { y = log1pOf(a + a * a / (1.0 + sqrt(a * a + 1.0))); }
      return select(y, -y, x < 0.0);
    }`,
    calls: ['logOf', 'log1pOf'],
  },
  acoshOf: {
    code: `fn acoshOf(x : f32) -> f32 {
      if (x < 1.0) { return uniforms.NAN; }
      if (x > 1e4) { return logOf(x) + 0.69314718; }
      let t = x - 1.0;
      return log1pOf(t + sqrt(t * (2.0 + t)));
    }`,
    calls: ['logOf', 'log1pOf'],
  },
  atanhOf: {
    code: `fn atanhOf(x : f32) -> f32 {
      let a = abs(x);
      if (a > 1.0) { return uniforms.NAN; }
      var y = uniforms.INFINITY;
      if (a < 1.0) { y = 0.5 * log1pOf(2.0 * a / (1.0 - a)); }
      return select(y, -y, x < 0.0);
    }`,
    calls: ['log1pOf'],
  },
  asinOf: {
    code: `fn asinSeries(z : f32) -> f32 {
      return ((((4.2163199048e-2 * z + 2.4181311049e-2) * z + 4.5470025998e-2) * z + 7.4953002686e-2) * z + 1.6666752422e-1) * z;
    }
    fn asinOf(x : f32) -> f32 {
      let a = abs(x);
      if (a > 1.0) { return uniforms.NAN; }
      var y = a + a * asinSeries(a * a);
      if (a > 0.5) { let z = 0.5 * (1.0 - a); let s = sqrt(z); y = 1.57079633 - 2.0 * (s + s * asinSeries(z)); }
      return select(y, -y, x < 0.0);
    }`,
  },
  acosOf: {
    code: `fn acosOf(x : f32) -> f32 {
      let a = abs(x);
      if (a <= 0.5) { return 1.57079633 - asinOf(x); }
      let y = 2.0 * asinOf(sqrt(0.5 * (1.0 - min(a, 1.0))));
      return select(select(y, 3.14159265 - y, x < 0.0), uniforms.NAN, a > 1.0);
    }`,
    calls: ['asinOf'],
  },
  atanOf: {
    code: `fn atanOf(x : f32) -> f32 {
      var a = abs(x);
      var y = 0.0;
      if (a > 2.41421356) { y = 1.57079633; a = -1.0 / a; }
      else if (a > 0.41421356) { y = 0.785398163; a = (a - 1.0) / (a + 1.0); }
      let z = a * a;
      y += (((8.05374449538e-2 * z - 1.38776856032e-1) * z + 1.99777106478e-1) * z - 3.33329491539e-1) * z * a + a;
      return select(y, -y, x < 0.0);
    }`,
  },
  // The nearest number of quarters of a turn to an angle, and the rest: the product with as many digits of 2/π as count
  // (Payne and Hanek), in whole numbers of 32 bits.
  quarters: {
    code: `var<private> digits : array<u32, 8> = array<u32, 8>(
      0u, 0xa2f9836eu, 0x4e441529u, 0xfc2757d1u, 0xf534ddc0u, 0xdb629599u, 0x3c439041u, 0xfe5163abu);
    fn window(at : u32) -> u32 {
      let k = at >> 5u;
      let r = at & 31u;
      return (digits[k] << r) | select(digits[k + 1u] >> (32u - r), 0u, r == 0u);
    }
    fn high(a : u32, b : u32) -> u32 {
      let lh = (a & 0xffffu) * (b >> 16u);
      let hl = (a >> 16u) * (b & 0xffffu);
      let carry = (((a & 0xffffu) * (b & 0xffffu)) >> 16u) + (lh & 0xffffu) + (hl & 0xffffu);
      return (a >> 16u) * (b >> 16u) + (lh >> 16u) + (hl >> 16u) + (carry >> 16u);
    }
    struct Angle { quarters : i32, rest : f32 };
    fn angleOf(x : f32) -> Angle {
      let b = bitcast<u32>(x) & 0x7fffffffu;
      let y = bitcast<f32>(b);
      if (y < 0.785) { return Angle(0, y); }
      let m = (b & 0x7fffffu) | 0x800000u;
      let at = (b >> 23u) - 120u;
      let w = window(at + 32u);
      let carried = high(m, window(at + 64u));
      let low = m * w + carried;
      let top = m * window(at) + high(m, w) + select(0u, 1u, low < carried);
      let f = (top << 2u) | (low >> 30u);
      let rest = f32(i32(f)) * 2.3283064e-10 + f32(low << 2u) * 5.4210109e-20;
      return Angle(i32((top >> 30u) + (f >> 31u)), rest * 1.57079633);
    }
    fn sinAt(angle : Angle) -> f32 {
      let r = angle.rest;
      let z = r * r;
      let s = r + r * z * (-1.6666654611e-1 + z * (8.3321608736e-3 - z * 1.9515295891e-4));
      let c = 1.0 - 0.5 * z + z * z * (4.166664568298827e-2 + z * (2.443315711809948e-5 * z - 1.388731625493765e-3));
      let y = select(s, c, (angle.quarters & 1) == 1);
      return select(y, -y, (angle.quarters & 2) == 2);
    }
    fn isEndless(x : f32) -> bool { return (bitcast<u32>(x) & 0x7fffffffu) >= 0x7f800000u; }`,
  },
  sinOf: {
    code: `fn sinOf(x : f32) -> f32 {
      if (isEndless(x)) { return uniforms.NAN; }
      let y = sinAt(angleOf(x));
      return select(y, -y, x < 0.0);
    }`,
    calls: ['quarters'],
  },
  cosOf: {
    code: `fn cosOf(x : f32) -> f32 {
      if (isEndless(x)) { return uniforms.NAN; }
      let angle = angleOf(x);
      return sinAt(Angle(angle.quarters + 1, angle.rest));
    }`,
    calls: ['quarters'],
  },
  tanOf: { code: 'fn tanOf(x : f32) -> f32 { return sinOf(x) / cosOf(x); }', calls: ['sinOf', 'cosOf'] },
};

/** The code of functions by their names, each once and after those that it calls. */
export function functionsOf(...names: readonly string[]): string {
  const found = new Set<string>();
  const add = (name: string): void => {
    const { calls = [], code } = table[name] as Source;
    for (const other of calls) add(other);
    found.add(code);
  };
  for (const name of names) add(name);
  return [...found].join('\n');
}
