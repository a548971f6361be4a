import type { CaseFindings } from '#contracts/benchmark-result.ts'
import type { CaseInspection, ProfileReading } from '#contracts/graph.ts'
import { SIDES, type Side } from '#contracts/identifiers.ts'
import { loadRequestOf, type PreparedCase } from '#workers/measure/load-request.ts'
import { withSide } from '#workers/measure/measuring-errors.ts'
import { profiledRequests } from '#workers/onnx/parse-profile.ts'
import { type AskedSide, CheckFailedError, loadOn } from './ask-side.ts'
import { listDistinctChecks } from './distinct-checks.ts'
import { type LaunchDeps, type Sides, withBothSides } from './with-both-sides.ts'

/** Of each side. With fewer than three nothing can stand out from the scatter between profiles; docs/diagnosis.md. */
const PROFILES_PER_SIDE = 6
/** No further request of a profile starts after so long. */
const PROFILE_MS = 1000
/** Cases that are profiled; the first ones. */
const PROFILED_CASES_MAX = 10
/** Where the graph could not be read. */
const UNKNOWN_NODES = 1000

export type ProfilesPerSide = Readonly<Record<Side, readonly ProfileReading[]>>

export interface ProfileDeps extends LaunchDeps {
  readonly isOutOfTime: () => boolean
}

/** A case to profile, and how many nodes its larger graph has; null where that is not known. */
export interface ProfileTarget {
  readonly prepared: PreparedCase
  readonly nodes: number | null
}

/**
 * Profiles the models of cases, the sides in turns. What goes wrong costs only the profiles: the measurements stand.
 *
 * @returns by case index
 * @throws {SideStartError} {@link MeasuringAbortedError}
 */
export async function profileCases(
  deps: ProfileDeps,
  targets: readonly ProfileTarget[]
): Promise<ReadonlyMap<number, ProfilesPerSide>> {
  const profiles = new Map<number, ProfilesPerSide>()
  const nodesOf = new Map(targets.map(({ prepared, nodes }) => [prepared.caseIndex, nodes]))
  const profiled = targets.map(({ prepared }) => prepared).filter(({ spec }) => spec.scenario.kind !== 'generate')
  for (const { prepared, caseIndices } of listDistinctChecks(profiled).slice(0, PROFILED_CASES_MAX)) {
    if (deps.isOutOfTime()) break
    const requests = profiledRequests(nodesOf.get(prepared.caseIndex) ?? UNKNOWN_NODES)
    const outcome = await withBothSides(deps, prepared, (sides) => profileSides(deps, sides, prepared, requests))
    if (outcome.kind === 'done') for (const caseIndex of caseIndices) profiles.set(caseIndex, outcome.result)
  }
  return profiles
}

async function profileSides(
  { isOutOfTime }: ProfileDeps,
  sides: Sides,
  prepared: PreparedCase,
  requests: number
): Promise<ProfilesPerSide> {
  for (const side of SIDES) {
    await loadOn(sides[side], { ...loadRequestOf(prepared, side), scenario: { kind: 'single_stream' } })
  }
  const profiles: Record<Side, ProfileReading[]> = { baseline: [], candidate: [] }
  for (let turn = 0; turn < PROFILES_PER_SIDE && !isOutOfTime(); turn += 1) {
    for (const side of turn % 2 === 0 ? SIDES : SIDES.toReversed()) {
      profiles[side].push(await profileOn(sides[side], prepared.caseIndex, requests))
    }
  }
  return profiles
}

async function profileOn(
  { name, process, loadLimits }: AskedSide,
  caseIndex: number,
  requests: number
): Promise<ProfileReading> {
  const request = { kind: 'profile', caseIndex, requests, timeMs: PROFILE_MS } as const
  const reply = await withSide(name, process.ask('profile', request, loadLimits))
  if (reply.kind === 'failed') throw new CheckFailedError(name, reply)
  return reply.reading
}

/** What was found, with the profiles. */
export function withProfiles(findings: CaseFindings, { baseline, candidate }: ProfilesPerSide): CaseFindings {
  const inspection: CaseInspection = {
    baseline: { graph: findings.inspection?.baseline.graph ?? null, profiles: [...baseline] },
    candidate: { graph: findings.inspection?.candidate.graph ?? null, profiles: [...candidate] }
  }
  return { ...findings, inspection }
}

/** Of the larger graph; null where neither could be read. */
export function countNodes({ inspection }: CaseFindings): number | null {
  const graphs = SIDES.map((side) => inspection?.[side].graph ?? null)
  const counts = graphs.flatMap((graph) => (graph?.kind === 'read' ? [graph.facts.nodes] : []))
  return counts.length === 0 ? null : Math.max(...counts)
}
