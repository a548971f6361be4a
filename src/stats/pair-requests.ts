import type { Quad } from './paired-sample.ts'

/**
 * ln(candidate / baseline) of requests that met the same machine: the n-th request of a block of one side with the n-th of
 * each neighbouring block of the other side in the same quad. The first requests after a change of sides are slower; equal
 * positions take that out.
 *
 * @returns in no particular order; a request stands in as many pairs as its block has neighbours, two in a whole quad
 */
export function pairRequests(quads: readonly Quad[]): Float64Array {
  let count = 0
  for (const quad of quads) {
    visitNeighbours(quad, (baseline, candidate) => {
      count += Math.min(baseline.length, candidate.length)
    })
  }
  const logRatios = new Float64Array(count)
  let filled = 0
  for (const quad of quads) {
    visitNeighbours(quad, (baseline, candidate) => {
      const end = filled + Math.min(baseline.length, candidate.length)
      for (let position = 0; filled < end; position += 1, filled += 1) {
        // Difference of logarithms, not logarithm of the quotient: the quotient of extreme latencies overflows.
        logRatios[filled] = Math.log(candidate[position] ?? Number.NaN) - Math.log(baseline[position] ?? Number.NaN)
      }
    })
  }
  return logRatios
}

/** All four pairs of blocks in a quad with two of each side. Longer ones only pair neighbours, or pairs would be quadratic. */
function visitNeighbours(
  { baseline, candidate }: Quad,
  visit: (baseline: readonly number[], candidate: readonly number[]) => void
): void {
  for (const [index, block] of baseline.entries()) {
    const end = Math.min(candidate.length, index + 2)
    for (let other = Math.max(0, index - 1); other < end; other += 1) visit(block, candidate[other] ?? [])
  }
}
