import type { NodeTime, Profile } from '#contracts/graph.ts'
import type { PerSide } from '#stats/paired-sample.ts'
import { compareRepeats, type RepeatedTime } from './compare-repeats.ts'

/** All nodes of one type on one execution provider, per request. Names come from the process that loaded the model. */
export interface OperatorContribution extends RepeatedTime {
  readonly type: string
  readonly provider: string
  readonly nodes: PerSide<number>
  /** Part of the change of the whole run; null where that does not stand out itself. */
  readonly shareOfChange: number | null
  /** The node that changed most, where both sides have nodes of the same names. */
  readonly node: { readonly name: string; readonly changeNs: number } | null
}

export interface OperatorTimeDiff {
  /** Profiles of each side. */
  readonly profiles: PerSide<number>
  /** ONNX Runtime's `model_run`. */
  readonly run: RepeatedTime
  /** What stands out, the largest change first. */
  readonly contributors: readonly OperatorContribution[]
  /** What the contributors add up to, as a part of the run's change; null where that does not stand out. */
  readonly explainedShare: number | null
  /** The rest of the call: handing tensors over and back. Null where nobody timed the calls. */
  readonly binding: RepeatedTime | null
}

/** Less of the baseline's run than this is not worth telling. */
const MIN_SHARE_OF_RUN = 0.01

/**
 * Where the time of a request went, from repeated profiles of both sides (at least three each, and not one side after the
 * other). Null where a side has none.
 */
export function diffOperatorTimes(profiles: PerSide<readonly Profile[]>): OperatorTimeDiff | null {
  if (profiles.baseline.length === 0 || profiles.candidate.length === 0) return null
  const run = compareRepeats(perSide(profiles, ({ modelRunNs }) => modelRunNs))
  const leastNs = run.ns.baseline * MIN_SHARE_OF_RUN
  const contributors = operatorKeys(profiles)
    .map((key) => contributionOf(key, profiles, run))
    .filter(({ standsOut, changeNs }) => standsOut && Math.abs(changeNs) >= leastNs)
    .sort((one, other) => Math.abs(other.changeNs) - Math.abs(one.changeNs))
  const explainedNs = contributors.reduce((sum, { changeNs }) => sum + changeNs, 0)
  return {
    profiles: { baseline: profiles.baseline.length, candidate: profiles.candidate.length },
    run,
    contributors,
    explainedShare: run.standsOut ? explainedNs / run.changeNs : null,
    binding: compareKnown(profiles, ({ wallNs, modelRunNs }) => (wallNs === null ? null : wallNs - modelRunNs))
  }
}

interface OperatorKey {
  readonly type: string
  readonly provider: string
}

function operatorKeys({ baseline, candidate }: PerSide<readonly Profile[]>): OperatorKey[] {
  const keys = new Map<string, OperatorKey>()
  for (const { operators } of [...baseline, ...candidate]) {
    for (const { type, provider } of operators.listed) keys.set(JSON.stringify([type, provider]), { type, provider })
  }
  return [...keys.values()]
}

function contributionOf(
  key: OperatorKey,
  profiles: PerSide<readonly Profile[]>,
  run: RepeatedTime
): OperatorContribution {
  const operators = perSide(profiles, (profile) => profile.operators.listed.find((operator) => isOf(operator, key)))
  const time = compareRepeats(perSide(operators, (operator) => operator?.timeNs ?? 0))
  const nodes = perSide(operators, (operator) => operator?.nodes ?? 0)
  return {
    ...key,
    ...time,
    nodes: { baseline: Math.max(0, ...nodes.baseline), candidate: Math.max(0, ...nodes.candidate) },
    shareOfChange: run.standsOut ? time.changeNs / run.changeNs : null,
    node: findNode(
      time,
      perSide(profiles, ({ operators: { slowest } }) => slowest.filter((node) => isOf(node, key)))
    )
  }
}

function isOf(operator: OperatorKey, { type, provider }: OperatorKey): boolean {
  return operator.type === type && operator.provider === provider
}

/** Only of nodes that every profile lists: one that is missing may be there and be quick. */
function findNode(
  time: RepeatedTime,
  slowest: PerSide<readonly (readonly NodeTime[])[]>
): OperatorContribution['node'] {
  const all = [...slowest.baseline, ...slowest.candidate]
  const names = (all[0] ?? []).map(({ node }) => node)
  const [found] = names
    .filter((name) => all.every((nodes) => nodes.some(({ node }) => node === name)))
    .map((name) => ({ name, ...compareRepeats(perSide(slowest, (nodes) => timeOf(nodes, name))) }))
    .filter(({ standsOut, changeNs }) => standsOut && Math.sign(changeNs) === Math.sign(time.changeNs))
    .sort((one, other) => Math.abs(other.changeNs) - Math.abs(one.changeNs))
  return found === undefined ? null : { name: found.name, changeNs: found.changeNs }
}

function timeOf(nodes: readonly NodeTime[], name: string): number {
  return nodes.find(({ node }) => node === name)?.timeNs ?? 0
}

function compareKnown(
  profiles: PerSide<readonly Profile[]>,
  of: (profile: Profile) => number | null
): RepeatedTime | null {
  const times = perSide(profiles, of)
  const [baseline, candidate] = [times.baseline.filter(isKnown), times.candidate.filter(isKnown)]
  const known = baseline.length === times.baseline.length && candidate.length === times.candidate.length
  return known ? compareRepeats({ baseline, candidate }) : null
}

function isKnown(value: number | null): value is number {
  return value !== null
}

function perSide<From, To>(sides: PerSide<readonly From[]>, of: (item: From) => To): PerSide<readonly To[]> {
  return { baseline: sides.baseline.map(of), candidate: sides.candidate.map(of) }
}
