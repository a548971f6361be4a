import type { Quad } from './paired-sample.ts'

/**
 * ln(candidate / baseline) of requests that met the same machine: the n-th request of a block of one side with the n-th of
 * each neighbouring block of the other side in the same quad. The first requests after a change of sides are slower; equal
 * positions take that out.
 *
 * @returns in no particular order; a request stands in as many pairs as its block has neighbours, two in a whole quad
 */
export function pairRequests(quads: readonly Quad[]): Float64Array {
  const pairs = quads.map(neighbouringBlocks)
  const count = pairs
    .flat()
    .reduce((sum, [baseline, candidate]) => sum + Math.min(baseline.length, candidate.length), 0)
  const logRatios = new Float64Array(count)
  let filled = 0
  for (const [baseline, candidate] of pairs.flat()) {
    for (let position = 0; position < Math.min(baseline.length, candidate.length); position += 1) {
      // Difference of logarithms, not logarithm of the quotient: the quotient of extreme latencies overflows.
      logRatios[filled] = Math.log(candidate[position] ?? Number.NaN) - Math.log(baseline[position] ?? Number.NaN)
      filled += 1
    }
  }
  return logRatios
}

type BlockPair = readonly [baseline: readonly number[], candidate: readonly number[]]

/** All four pairs of a quad with two blocks of each side. Longer ones only pair neighbours, or pairs would be quadratic. */
function neighbouringBlocks({ baseline, candidate }: Quad): BlockPair[] {
  return baseline.flatMap((block, index) =>
    candidate.slice(Math.max(0, index - 1), index + 2).map((other): BlockPair => [block, other])
  )
}
