import type { AccuracyFacts, AccuracyPolicy } from '#contracts/accuracy.ts'
import type { Side } from '#contracts/identifiers.ts'
import { AnswerTally, LossTally } from './accuracy-tallies.ts'
import type { SampleRun } from './output-tensor.ts'
import { OutputsTooLargeError } from './outputs-too-large-error.ts'
import type { Label } from './parse-labels.ts'
import { type SampleScore, scoreSample } from './score-sample.ts'

export interface AccuracyParts {
  readonly policy: Pick<AccuracyPolicy, 'metric' | 'output'>
  /** One per sample, in their order. */
  readonly labels: readonly Label[]
  readonly sampleCount: number
  /** Runs one labelled sample. What it throws goes on to the caller, except {@link OutputsTooLargeError}. */
  readonly runSample: (side: Side, sampleIndex: number) => Promise<SampleRun>
  /** Asked before each sample but the first; samples so far then count. */
  readonly isOutOfTime?: () => boolean
}

/** Runs the labelled samples through both sides and scores them; one sample of both sides is in memory at a time. */
export async function scoreAccuracy(parts: AccuracyParts): Promise<AccuracyFacts> {
  const { labels, sampleCount } = parts
  if (labels.length !== sampleCount) {
    return notScored(
      `Labelled samples: ${sampleCount}; labels: ${labels.length}. There must be one label for each sample.`
    )
  }
  try {
    return await scoreSamples(parts)
  } catch (error) {
    if (error instanceof OutputsTooLargeError) return notScored(error.message)
    throw error
  }
}

async function scoreSamples({ policy, labels, runSample, isOutOfTime }: AccuracyParts): Promise<AccuracyFacts> {
  const tallies = { answers: new AnswerTally(), losses: new LossTally() }
  for (const [sampleIndex, label] of labels.entries()) {
    if (sampleIndex > 0 && isOutOfTime?.() === true) break
    const baseline = scoreRun(policy, await runSample('baseline', sampleIndex), label)
    const candidate = scoreRun(policy, await runSample('candidate', sampleIndex), label)
    const problem = findProblem(baseline, 'baseline') ?? findProblem(candidate, 'candidate')
    if (problem !== null) return notScored(`Labelled sample ${sampleIndex}: ${problem}.`)
    addScores(tallies, baseline, candidate)
  }
  return policy.metric === 'mae' || policy.metric === 'rmse' ? tallies.losses.facts : tallies.answers.facts
}

function addScores(
  { answers, losses }: { readonly answers: AnswerTally; readonly losses: LossTally },
  baseline: SampleScore,
  candidate: SampleScore
): void {
  if (baseline.kind === 'answers' && candidate.kind === 'answers') answers.add(baseline.right, candidate.right)
  else if (baseline.kind === 'loss' && candidate.kind === 'loss') losses.add(baseline.loss, candidate.loss)
}

function scoreRun({ metric, output }: AccuracyParts['policy'], { outputs }: SampleRun, label: Label): SampleScore {
  const [first] = outputs
  const scored =
    output === null ? (outputs.length === 1 ? first : undefined) : outputs.find(({ name }) => name === output)
  if (scored !== undefined) return scoreSample(metric, scored, label)
  const names = outputs
    .slice(0, 20)
    .map(({ name }) => `\`${name}\``)
    .join(', ')
  const wanted = output === null ? 'must be named, as there is not exactly one' : `\`${output}\` is not there`
  return { kind: 'unfit', problem: `${wanted}; the model gives ${names || 'none'}` }
}

function findProblem(score: SampleScore, side: Side): string | null {
  return score.kind === 'unfit' ? `the output of the ${side} ${score.problem}` : null
}

function notScored(message: string): AccuracyFacts {
  return { kind: 'not_scored', message: message.slice(0, 4000) }
}
