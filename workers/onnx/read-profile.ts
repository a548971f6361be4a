import {
  MAX_TIMED_NODES,
  MAX_TIMED_OPERATORS,
  type OperatorTime,
  type OperatorTimes,
  type Profile,
  type ProfileReading
} from '#contracts/graph.ts'
import { NS_PER_US } from '#contracts/units.ts'
import { midmean } from './midmean.ts'
import type { ProfileEvent, ProfileEvents } from './parse-profile.ts'
import { type TimedNode, timeNodes } from './time-nodes.ts'

/** Of all requests, so many at the start are left out: they allocate, and pick kernels. */
const FIRST_REQUESTS = 2

export interface ProfileParts extends ProfileEvents {
  /** Time around each request, in order; empty where nobody measured it. */
  readonly wallsNs: readonly number[]
}

/** What a profile says per request. A pure function of its events. */
export function readProfile({ events, damaged, wallsNs }: ProfileParts): ProfileReading {
  const runs = events.filter(({ name }) => name === 'model_run').sort((one, other) => one.ts - other.ts)
  if (runs.length === 0) return { kind: 'unreadable', problem: 'ONNX Runtime’s profile has no request in it.' }
  const firsts = Math.min(FIRST_REQUESTS, runs.length - 1)
  const counted = runs.slice(firsts)
  const nodes = timeNodes(events, counted)
  const profile: Profile = {
    requests: counted.length,
    wallNs: wallsNs.length === runs.length ? midmean(wallsNs.slice(firsts)) : null,
    modelRunNs: midmean(counted.map(({ dur }) => dur)) * NS_PER_US,
    operators: listOperators(nodes),
    load: {
      modelLoadingNs: duration(events, (name) => name.startsWith('model_loading_')),
      sessionInitializationNs: duration(events, (name) => name === 'session_initialization')
    },
    damagedEvents: damaged
  }
  return { kind: 'read', profile }
}

function duration(events: readonly ProfileEvent[], matches: (name: string) => boolean): number | null {
  const event = events.find(({ cat, name }) => cat === 'Session' && matches(name))
  return event === undefined ? null : event.dur * NS_PER_US
}

function listOperators(nodes: readonly TimedNode[]): OperatorTimes {
  const byTime = sumTypes(nodes).sort(longestFirst)
  const unlisted = byTime.slice(MAX_TIMED_OPERATORS)
  return {
    listed: byTime.slice(0, MAX_TIMED_OPERATORS),
    unlisted: { nodes: total(unlisted, (operator) => operator.nodes), timeNs: total(unlisted, ({ timeNs }) => timeNs) },
    slowest: nodes
      .map(({ node, type, provider, timesNs }) => ({ node, type, provider, timeNs: midmean(timesNs) }))
      .sort(longestFirst)
      .slice(0, MAX_TIMED_NODES)
  }
}

function sumTypes(nodes: readonly TimedNode[]): OperatorTime[] {
  const byType = Map.groupBy(nodes, ({ type, provider }) => JSON.stringify([type, provider]))
  return [...byType.values()].flatMap((ofType) => {
    const [first] = ofType
    if (first === undefined) return []
    const calls = total(ofType, (node) => node.calls)
    return {
      type: first.type,
      provider: first.provider,
      nodes: ofType.length,
      callsPerRequest: calls / first.timesNs.length,
      timeNs: midmean(first.timesNs.map((_, request) => total(ofType, ({ timesNs }) => timesNs[request] ?? 0)))
    }
  })
}

function longestFirst(one: { readonly timeNs: number }, other: { readonly timeNs: number }): number {
  return other.timeNs - one.timeNs
}

function total<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + of(item), 0)
}
