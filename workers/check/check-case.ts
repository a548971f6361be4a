import type { AccuracyFacts } from '#contracts/accuracy.ts'
import type { CaseFindings } from '#contracts/benchmark-result.ts'
import { SIDES, type Side } from '#contracts/identifiers.ts'
import type { EquivalencePolicy, OutputFacts } from '#contracts/outputs.ts'
import type { ScenarioSpec } from '#contracts/scenario.ts'
import { loadRequestOf, type PreparedCase } from '#workers/measure/load-request.ts'
import { withSide } from '#workers/measure/measuring-errors.ts'
import { compareOutputs, type OutputRun } from '#workers/outputs/create-output-comparer.ts'
import { scoreAccuracy } from '#workers/outputs/score-accuracy.ts'
import { batchSizeOf } from '#workers/scenarios/batch-size.ts'
import type { LoadRequest } from '#workers/side/protocol.ts'
import { type AskedSide, CheckFailedError, loadOn, readOutputs } from './ask-side.ts'
import type { LabelledSamples } from './find-labelled.ts'

export interface CheckContext {
  readonly sides: Readonly<Record<Side, AskedSide>>
  readonly prepared: PreparedCase
  /** Of the labelled samples; null where accuracy is not asked for. */
  readonly labelled: LabelledSamples | null
  /** Numbers that no other case of the launch has. */
  readonly numbers: { readonly outputs: number; readonly accuracy: number }
  readonly isOutOfTime: () => boolean
}

const ONE_AT_A_TIME: ScenarioSpec = { kind: 'single_stream' }

/**
 * Looks at one case before it is measured: that both sides can load and run it, whether they answer alike, how accurate they
 * are, and what their graphs are made of.
 *
 * @throws {CheckFailedError} {@link SideFailedError} {@link MeasuringAbortedError}
 */
export async function checkCase(context: CheckContext): Promise<CaseFindings> {
  const outputs = await checkOutputs(context)
  const accuracy = await checkAccuracy(context)
  const baseline = await readGraph(context, 'baseline')
  const candidate = await readGraph(context, 'candidate')
  return {
    ...(outputs === undefined ? {} : { outputs }),
    ...(accuracy === undefined ? {} : { accuracy }),
    inspection: { baseline, candidate }
  }
}

/**
 * Looks at the answers alone, of a case whose sides were looked at with a smaller batch.
 *
 * @throws as {@link checkCase}
 */
export async function checkAnswers(context: CheckContext, known: CaseFindings): Promise<CaseFindings> {
  const outputs = await checkOutputs(context)
  return outputs === undefined ? known : { ...known, outputs }
}

async function checkOutputs(context: CheckContext): Promise<OutputFacts | undefined> {
  const { prepared, sides, numbers, isOutOfTime } = context
  const policy = prepared.spec.equivalence
  const samples = await loadSamples(context, policy)
  if (policy === undefined) return undefined
  const sideOf = (run: OutputRun) => sides[run === 'candidate' ? 'candidate' : 'baseline']
  return compareOutputs({
    policy,
    sampleCount: Math.min(samples, samplesToCompare(prepared, policy)),
    isOutOfTime,
    runSample: (run, sampleIndex) => readOutputs(sideOf(run), numbers.outputs, sampleIndex)
  })
}

/** As many items as the policy asks for, however many of them a request carries. */
function samplesToCompare({ spec }: PreparedCase, { samples }: EquivalencePolicy): number {
  return Math.ceil(samples / batchSizeOf(spec.scenario))
}

/**
 * Loads the case on both sides with as many samples as are to be compared. Where so many do not fit into memory it is
 * loaded as it will be measured.
 */
async function loadSamples(context: CheckContext, policy: EquivalencePolicy | undefined): Promise<number> {
  const { inputs } = context.prepared.spec.baseline
  const isCompared = policy !== undefined && policy.mode !== 'off'
  const wanted = Math.max(inputs.samples, isCompared ? samplesToCompare(context.prepared, policy) : 1)
  if (wanted === inputs.samples) return loadBoth(context, wanted)
  try {
    return await loadBoth(context, wanted)
  } catch (error) {
    if (!(error instanceof CheckFailedError)) throw error
    return loadBoth(context, inputs.samples)
  }
}

async function loadBoth({ sides, prepared, numbers }: CheckContext, samples: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY
  for (const side of SIDES) {
    const request = checkRequest(prepared, side, numbers.outputs)
    const inputs = { ...request.inputs, samples }
    least = Math.min(least, await loadOn(sides[side], { ...request, inputs }))
  }
  return least
}

/** Answers do not depend on the load, but they may on how many items a request carries. */
function checkRequest(prepared: PreparedCase, side: Side, caseIndex: number): LoadRequest {
  const { scenario } = prepared.spec
  return {
    ...loadRequestOf(prepared, side),
    caseIndex,
    scenario: scenario.kind === 'generate' ? scenario : ONE_AT_A_TIME
  }
}

async function checkAccuracy(context: CheckContext): Promise<AccuracyFacts | undefined> {
  const { sides, prepared, labelled, numbers, isOutOfTime } = context
  const policy = prepared.spec.accuracy
  if (policy === undefined || labelled === null) return undefined
  if (labelled.kind === 'unusable') return { kind: 'not_scored', message: labelled.message.slice(0, 4000) }
  let sampleCount = Number.POSITIVE_INFINITY
  for (const side of SIDES) {
    const request = checkRequest(prepared, side, numbers.accuracy)
    const inputs = { ...request.inputs, recorded: policy.samples }
    // Each sample has its own label.
    const scored = { ...request, batchSize: 1, inputs, recorded: labelled.sources }
    sampleCount = Math.min(sampleCount, await loadOn(sides[side], scored))
  }
  return scoreAccuracy({
    policy,
    labels: labelled.labels,
    sampleCount,
    isOutOfTime,
    runSample: (side, sampleIndex) => readOutputs(sides[side], numbers.accuracy, sampleIndex)
  })
}

async function readGraph({ sides, prepared }: CheckContext, side: Side) {
  const { name, process, loadLimits } = sides[side]
  const modelFile = prepared.modelFiles[side]
  const { reading } = await withSide(name, process.ask('graph', { kind: 'graph', modelFile }, loadLimits))
  return { graph: reading, profiles: [] }
}
