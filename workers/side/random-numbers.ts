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
 * Seed of one input of one sample: the configured seed (all its 53 bits), the input's name and the sample's index, by
 * FNV-1a. It does not depend on the order of the inputs nor on how many samples there are, so that a model which gains an
 * input keeps the values of the others.
 */
export function inputSeed(seed: number, inputName: string, sampleIndex = 0): number {
  let hash = 0x811c9dc5
  // The first sample goes without its index, as all inputs did when there was one sample only. No name has a NUL.
  for (const character of `${seed}/${inputName}${sampleIndex === 0 ? '' : `\0${sampleIndex}`}`) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193)
  }
  return hash >>> 0
}

/** Typed arrays of numbers, and plain ones. */
interface NumberArray {
  readonly length: number
  [index: number]: number
}

/** No draw of {@link fillNormal} is farther from 0: the smallest 1 - u is 2^-32. */
export const MAX_NORMAL_DRAW = Math.sqrt(-2 * Math.log(2 ** -32))

/** Fills an array with draws from N(0, 1) by the Box–Muller transform. */
export function fillNormal(values: NumberArray, random: () => number): void {
  for (let index = 0; index < values.length; index += 2) {
    const radius = Math.sqrt(-2 * Math.log(1 - random()))
    const angle = 2 * Math.PI * random()
    values[index] = radius * Math.cos(angle)
    if (index + 1 < values.length) values[index + 1] = radius * Math.sin(angle)
  }
}

/** Uniform in [0, 1) with all 53 bits, of two draws. */
export function drawFraction(random: () => number): number {
  const high = Math.floor(random() * 2 ** 27)
  return (high * 2 ** 26 + Math.floor(random() * 2 ** 26)) / 2 ** 53
}

/** The numbers 0 to `count` - 1 in an order drawn by `random` (Fisher–Yates). */
export function drawOrder(count: number, random: () => number): readonly number[] {
  const order = Array.from({ length: count }, (_, index) => index)
  for (let last = count - 1; last > 0; last -= 1) {
    const chosen = Math.floor(random() * (last + 1))
    const kept = order[last] ?? last
    order[last] = order[chosen] ?? chosen
    order[chosen] = kept
  }
  return order
}
