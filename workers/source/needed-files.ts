import type { CaseSpec } from '#contracts/case.ts'
import { SIDES, type Side } from '#contracts/identifiers.ts'

/** Labelled samples are the base's, for both sides: a pull request must not change what it is scored by. */
const LABELS_CHECKOUT: Side = 'baseline'

/** What the cases of a job use of one checkout. */
export interface NeededFiles {
  /** Models, recorded and labelled samples. What a model keeps data in is not known before it is there. */
  readonly paths: readonly string[]
  /** The models among them. */
  readonly modelPaths: readonly string[]
}

/** What the cases use of the two checkouts; a side may take its files from the other one's. Each path once. */
export function listNeededFiles(cases: readonly CaseSpec[]): Readonly<Record<Side, NeededFiles>> {
  const uses = cases.flatMap((spec) => SIDES.map((side) => ({ ...spec[side], checkout: checkoutOf(spec, side) })))
  const listOf = (checkout: Side): NeededFiles => {
    const own = uses.filter((use) => use.checkout === checkout)
    const modelPaths = unique(own.map(({ modelPath }) => modelPath))
    const recorded = own.flatMap(({ inputs }) => inputs.recorded.map(({ path }) => path))
    const labelled = checkout === LABELS_CHECKOUT ? cases.flatMap(listLabelledFiles) : []
    return { paths: unique([...modelPaths, ...recorded, ...labelled]), modelPaths }
  }
  return { baseline: listOf('baseline'), candidate: listOf('candidate') }
}

function listLabelledFiles({ accuracy }: CaseSpec): readonly string[] {
  return accuracy === undefined ? [] : [...accuracy.samples.map(({ path }) => path), accuracy.labels]
}

/** The checkout that a side of a case takes its files from. */
function checkoutOf(spec: CaseSpec, side: Side): Side {
  return spec[side].checkout ?? side
}

/** The checkouts that one process of a side has to see to serve all of these cases. */
export function listCheckouts(cases: readonly CaseSpec[], side: Side): readonly Side[] {
  const labelled = cases.some(({ accuracy }) => accuracy !== undefined) ? [LABELS_CHECKOUT] : []
  return unique([...cases.map((spec) => checkoutOf(spec, side)), ...labelled])
}

function unique<Item>(items: readonly Item[]): readonly Item[] {
  return [...new Set(items)]
}
