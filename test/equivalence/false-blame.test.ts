import { expect, test } from 'vitest'
import { judgeOutputs } from '#src/equivalence/judge-outputs.ts'
import { doubles, policy, run } from '#test/workers/outputs/sample-outputs.ts'
import { compareOutputs } from '#workers/outputs/create-output-comparer.ts'
import { createRandom, fillNormal } from '#workers/side/random-numbers.ts'

const TRIALS = 1000

/** Share of comparisons in which a candidate that is the baseline's own code is called different. */
async function measureBlame(draw: () => number, samples: number, sd: number): Promise<number> {
  let blamed = 0
  for (let trial = 0; trial < TRIALS; trial += 1) {
    const runSample = async () => run(doubles('y', [1 + sd * draw()]))
    const facts = await compareOutputs({ policy: policy({ samples }), sampleCount: samples, runSample })
    const { verdict } = judgeOutputs({ policy: policy(), modelIdentical: true, facts })
    if (verdict === 'not_equivalent') blamed += 1
  }
  return blamed / TRIALS
}

function normalDraws(seed: number): () => number {
  const random = createRandom(seed)
  const drawn = new Float64Array(1)
  return () => {
    fillNormal(drawn, random)
    return drawn[0] ?? 0
  }
}

function laplaceDraws(seed: number): () => number {
  const random = createRandom(seed)
  return () => {
    const side = random() - 0.5
    return (-Math.sign(side) * Math.log(1 - 2 * Math.abs(side))) / Math.SQRT2
  }
}

// One element per sample is the hardest case: the more there are, the better the largest difference is known.
test.each([
  ['normal', normalDraws, 1, 0.003, 0.005],
  ['normal', normalDraws, 16, 0.003, 0.005],
  ['normal', normalDraws, 16, 0.0004, 0.005],
  ['Laplace', laplaceDraws, 16, 0.003, 0.02]
] as const)(
  'noise of one %s element is hardly ever blamed on the candidate: %#',
  async (_, draws, samples, sd, most) => {
    expect(await measureBlame(draws(7), samples, sd)).toBeLessThanOrEqual(most)
  }
)

test('without learning it would be', async () => {
  const draw = normalDraws(7)
  let blamed = 0
  for (let trial = 0; trial < 100; trial += 1) {
    const facts = await compareOutputs({
      policy: policy({ learnNoise: false }),
      sampleCount: 16,
      runSample: async () => run(doubles('y', [1 + 0.003 * draw()]))
    })
    if (judgeOutputs({ policy: policy(), modelIdentical: true, facts }).verdict === 'not_equivalent') blamed += 1
  }
  expect(blamed).toBeGreaterThan(90)
})
