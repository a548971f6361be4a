import { writeFile } from 'node:fs/promises'
import type { Block } from '#contracts/measurements.ts'

/** How a file of measurements is made up. Both sides are the same, with a little noise. */
export interface Shape {
  readonly name: string
  readonly cases: number
  readonly launches: number
  readonly quads: number
  readonly requestsPerBlock: number
}

export const LATENCIES = 1_000_000

/** A million latencies each: as few, as usual and as many blocks as they may come in, and as a thousand cases. */
export const SHAPES: readonly Shape[] = [
  { name: '1 case, 16 launches, blocks of 125', cases: 1, launches: 16, quads: 125, requestsPerBlock: 125 },
  { name: '1 case, 16 launches, blocks of 5', cases: 1, launches: 16, quads: 3125, requestsPerBlock: 5 },
  { name: '1,000 cases, 10 launches, blocks of 5', cases: 1000, launches: 10, quads: 5, requestsPerBlock: 5 }
]

const TYPICAL_NS = 2_000_000
const QUAD = ['baseline', 'candidate', 'candidate', 'baseline'] as const

/** Writes a file in format `tailgate.measurements/1`. Latencies have nine digits and more, as clocks give them. */
export async function writeMeasurements(path: string, shape: Shape, random: () => number): Promise<void> {
  const cases = Array.from({ length: shape.cases }, (_, index) => {
    return { id: `case ${index}`, blocks: makeBlocks(shape, random) }
  })
  await writeFile(path, JSON.stringify({ format: 'tailgate.measurements/1', cases }))
}

/** The blocks of one case, in time order. */
export function makeBlocks({ launches, quads, requestsPerBlock }: Shape, random: () => number): Block[] {
  const blocks: Block[] = []
  for (let launch = 0; launch < launches; launch += 1) {
    for (let quad = 0; quad < quads; quad += 1) {
      for (const side of QUAD) {
        const latenciesNs = Array.from({ length: requestsPerBlock }, () => drawLatencyNs(random))
        const wallNs = latenciesNs.reduce((sum, latencyNs) => sum + latencyNs, 100_000)
        blocks.push({ side, launch, quad, wallNs, latenciesNs, errors: 0 })
      }
    }
  }
  return blocks
}

/** Symmetric, 4 % wide each way at most, in hundredths of a nanosecond. */
function drawLatencyNs(random: () => number): number {
  const noise = (random() + random() + random() + random() - 2) / 50
  return Math.round(100 * TYPICAL_NS * (1 + noise)) / 100
}
