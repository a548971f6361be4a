/**
 * Mulberry32 (Tommy Ettinger, public domain): 32 bits of state, uniform in [0, 1). Enough to fill tensors with values
 * that are the same on both sides; nothing secret or statistical depends on it.
 */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/**
 * Seed of one input: the configured seed (all its 53 bits) and the input's name, by FNV-1a. It does not depend on the
 * order of the inputs, so that a model which gains an input keeps the values of the others.
 */
export function inputSeed(seed: number, inputName: string): number {
  let hash = 0x811c9dc5
  for (const character of `${seed}/${inputName}`) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  }
  return hash >>> 0
}

/** Fills an array with draws from N(0, 1) by the Box–Muller transform. */
export function fillNormal(values: Float32Array | Float64Array, random: () => number): void {
  for (let index = 0; index < values.length; index += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - random()))
    const angle = 2 * Math.PI * random()
    values[index] = radius * Math.cos(angle)
    if (index + 1 < values.length) values[index + 1] = radius * Math.sin(angle)
  }
}
