import type { DimSpec, InputSpec } from '#contracts/inputs.ts'
import { createRandom, drawOrder, inputSeed } from './random-numbers.ts'

export type DimensionSizes = ReadonlyMap<string, number>

/**
 * The size of every configured dimension in each sample.
 *
 * The samples share out the weights as evenly as whole samples can (one draw in each of `samples` equal parts of the
 * distribution, in random order), so that few samples stand for the weights as well as many would. Each dimension is drawn
 * by a seed of its own: two dimensions are independent, and both sides draw the same.
 */
export function drawDimensions(spec: Pick<InputSpec, 'dims' | 'seed'>, samples: number): readonly DimensionSizes[] {
  const sizes = Array.from({ length: samples }, () => new Map<string, number>())
  for (const [name, dimension] of Object.entries(spec.dims)) {
    const drawn = drawSizes(dimension, samples, inputSeed(spec.seed, `dimension ${name}`))
    for (const [sample, size] of drawn.entries()) sizes[sample]?.set(name, size)
  }
  return sizes
}

function drawSizes(dimension: DimSpec, samples: number, seed: number): readonly number[] {
  if (typeof dimension === 'number') return new Array<number>(samples).fill(dimension)
  const random = createRandom(seed)
  const start = random()
  return drawOrder(samples, random).map((part) => chooseSize(dimension, (part + start) / samples))
}

/** @param place from 0 to 1 on the line that the choices share by their weights */
function chooseSize({ choices, weights }: Exclude<DimSpec, number>, place: number): number {
  const weightOf = (index: number) => weights[index] ?? 1
  const total = choices.reduce((sum, _, index) => sum + weightOf(index), 0)
  let passed = 0
  for (const [index, size] of choices.entries()) {
    passed += weightOf(index)
    if (place * total < passed) return size
  }
  return choices.at(-1) ?? 1
}
