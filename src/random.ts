/** A seeded stream of random numbers. The same seed gives the same stream on every machine. */
export interface Random {
  /** Uniform in [0, 1), 32 bits of it random. */
  uniform(): number;
  /** Whole number in [0, below). */
  integer(below: number): number;
  /** Standard normal (Marsaglia's polar method). */
  normal(): number;
  /** Gamma with shape `shape` and scale 1 (Marsaglia and Tsang 2000). */
  gamma(shape: number): number;
  /** Beta(a, b) on (0, 1). */
  beta(a: number, b: number): number;
  /** Poisson with the given mean (Knuth's product; meant for means below about 30). */
  poisson(mean: number): number;
  /** An independent stream named `label`; the parent stream does not advance. */
  fork(label: string | number): Random;
}

/** 32-bit FNV-1a hash of a text, finished with murmur3's mixer. */
export function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return mix32(hash);
}

/** Mixes the bits of a whole number (murmur3's finisher); 0 to 2^32 - 1. */
export function mix32(value: number): number {
  let mixed = value;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/** Opens a stream. Algorithm: sfc32 (Doty-Humphrey, PractRand), 12 warm-up rounds. */
export function random(seed: number | string): Random {
  const root = String(seed);
  let a = hash32(`a:${root}`) | 0;
  let b = hash32(`b:${root}`) | 0;
  let c = hash32(`c:${root}`) | 0;
  let counter = 1;

  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) {
    next();
  }

  const uniform = () => next() / 4294967296;
  let spare: number | null = null;

  const normal = (): number => {
    if (spare !== null) {
      const value = spare;
      spare = null;
      return value;
    }
    for (;;) {
      const u = 2 * uniform() - 1;
      const v = 2 * uniform() - 1;
      const square = u * u + v * v;
      if (square > 0 && square < 1) {
        const factor = Math.sqrt((-2 * Math.log(square)) / square);
        spare = v * factor;
        return u * factor;
      }
    }
  };

  const gamma = (shape: number): number => {
    if (shape < 1) {
      return gamma(shape + 1) * (1 - uniform()) ** (1 / shape);
    }
    const d = shape - 1 / 3;
    const scale = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = normal();
      const v = (1 + scale * x) ** 3;
      if (v > 0 && Math.log(1 - uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) {
        return d * v;
      }
    }
  };

  return {
    uniform,
    integer: (below) => Math.floor(uniform() * below),
    normal,
    gamma,
    beta: (alpha, beta) => {
      const x = gamma(alpha);
      return x / (x + gamma(beta));
    },
    poisson: (mean) => {
      const limit = Math.exp(-mean);
      let product = 1 - uniform();
      let count = 0;
      while (product > limit) {
        product *= 1 - uniform();
        count++;
      }
      return count;
    },
    fork: (label) => random(`${root}/${label}`),
  };
}
