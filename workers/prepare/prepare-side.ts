import type { BenchmarkFailure, ModelFacts } from '#contracts/benchmark-result.ts'
import type { SideSpec } from '#contracts/case.ts'
import type { Side } from '#contracts/identifiers.ts'
import type { ResolvedEngine } from '#workers/engines/create-engine-cache.ts'
import { inspectRecorded } from '#workers/side/inspect-recorded.ts'
import type { RecordedSource } from '#workers/side/protocol.ts'
import type { LfsProblem } from '#workers/source/fetch-lfs-objects.ts'
import { inspectModel, type ModelPlace } from '#workers/source/inspect-model.ts'

/** Everything that one side of a case loads, as it was found. */
export type SidePreparation =
  | {
      readonly kind: 'found'
      /** Absolute, without symbolic links. */
      readonly modelFile: string
      readonly facts: ModelFacts
      readonly recorded: readonly RecordedSource[]
      /** Null: the worker's own. */
      readonly engineDirectory: string | null
    }
  | { readonly kind: 'failed'; readonly failure: BenchmarkFailure }

export interface PrepareDeps {
  readonly checkouts: Readonly<Record<Side, string>>
  readonly lfsProblems: Readonly<Record<Side, readonly LfsProblem[]>>
  readonly listExternalData: (checkout: Side) => NonNullable<ModelPlace['listExternalData']>
  readonly resolveEngine: (version: string | null, signal: AbortSignal) => Promise<ResolvedEngine>
}

/**
 * Looks for the files and the engine of one side. The same file is looked at once, however many cases use it.
 *
 * @returns a function that is to be used for one job
 */
export function createSidePreparer(
  deps: PrepareDeps
): (side: Side, spec: SideSpec, signal: AbortSignal) => Promise<SidePreparation> {
  const models = new Map<string, ReturnType<typeof inspectModel>>()

  function inspectOnce(checkout: Side, spec: SideSpec, signal: AbortSignal): ReturnType<typeof inspectModel> {
    const key = JSON.stringify([checkout, spec.modelPath])
    const known = models.get(key)
    if (known !== undefined) return known
    const place: ModelPlace = {
      side: checkout,
      checkoutDirectory: deps.checkouts[checkout],
      modelPath: spec.modelPath,
      listExternalData: deps.listExternalData(checkout),
      lfsProblems: deps.lfsProblems[checkout]
    }
    const inspection = inspectModel(place, signal)
    models.set(key, inspection)
    return inspection
  }

  return async (side, spec, signal) => {
    // What is wrong with a file is the fault of the commit that it is from: a variant's baseline is from the candidate's.
    const checkout = spec.checkout ?? side
    const model = await inspectOnce(checkout, spec, signal)
    if (model.kind === 'failed') return model
    const recorded = await inspectRecorded({
      side: checkout,
      checkoutDirectory: deps.checkouts[checkout],
      recorded: spec.inputs.recorded,
      lfsProblems: deps.lfsProblems[checkout]
    })
    if (recorded.kind === 'failed') return recorded
    const engine = await deps.resolveEngine(spec.session.engineVersion, signal)
    if (engine.kind === 'failed') return { kind: 'failed', failure: engineFailure(side, engine.failure) }
    const engineDirectory = engine.kind === 'own' ? null : engine.directory
    return { kind: 'found', modelFile: model.file, facts: model.facts, recorded: recorded.sources, engineDirectory }
  }
}

function engineFailure(
  side: Side,
  { message, hint }: { readonly message: string; readonly hint: string }
): BenchmarkFailure {
  return { code: 'engine_unavailable', side, message: message.slice(0, 4000), hint: hint.slice(0, 2000) }
}
