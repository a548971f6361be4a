import { NS_PER_US } from '#contracts/units.ts'
import type { ProfileEvent } from './parse-profile.ts'
import { cutName } from './read-text.ts'

/** One node as ONNX Runtime ran it. */
export interface TimedNode {
  readonly node: string
  readonly type: string
  readonly provider: string
  /** In all requests together. */
  calls: number
  /** Of each request, in nanoseconds: without the nodes inside this one. */
  readonly timesNs: number[]
}

const KERNEL_TIME = '_kernel_time'
/** A node inside another may seem to end after it: both are cut to whole microseconds. */
const ROUNDING_US = 2
/** Told apart; a sound model has fewer. */
const MOST_NODES = 50_000

interface Kernel {
  readonly event: ProfileEvent
  readonly request: number
  insideUs: number
}

/** Time of every node in every given request; `requests` stand in time order. */
export function timeNodes(events: readonly ProfileEvent[], requests: readonly ProfileEvent[]): TimedNode[] {
  const kernels = kernelsOf(events, requests)
  subtractInner(kernels)
  const nodes = new Map<string, TimedNode>()
  for (const { event, request, insideUs } of kernels) {
    const timed = findNode(nodes, event, requests.length)
    if (timed === null) continue
    timed.calls += 1
    timed.timesNs[request] = (timed.timesNs[request] ?? 0) + Math.max(0, event.dur - insideUs) * NS_PER_US
  }
  return [...nodes.values()]
}

function findNode(nodes: Map<string, TimedNode>, { name, args }: ProfileEvent, requests: number): TimedNode | null {
  const node = cutName(name.slice(0, -KERNEL_TIME.length))
  const type = cutName(args.op_name ?? '')
  const provider = cutName(args.provider ?? '')
  const key = JSON.stringify([node, type, provider])
  const known = nodes.get(key)
  if (known !== undefined) return known
  if (nodes.size >= MOST_NODES) return null
  const timed = { node, type, provider, calls: 0, timesNs: Array.from({ length: requests }, () => 0) }
  nodes.set(key, timed)
  return timed
}

/** In time order; an outer node before those inside it. */
function kernelsOf(events: readonly ProfileEvent[], requests: readonly ProfileEvent[]): Kernel[] {
  const nodes = events
    .filter(({ cat, name, args }) => cat === 'Node' && name.endsWith(KERNEL_TIME) && args.provider !== undefined)
    .sort((one, other) => one.ts - other.ts || other.dur - one.dur)
  const kernels: Kernel[] = []
  let request = 0
  for (const event of nodes) {
    while (request < requests.length && endOf(requests[request]) < event.ts) request += 1
    const around = requests[request]
    if (around !== undefined && around.ts <= event.ts) kernels.push({ event, request, insideUs: 0 })
  }
  return kernels
}

/** A loop's time holds that of its body. A node is inside another when it runs within its time, on the same thread. */
function subtractInner(kernels: readonly Kernel[]): void {
  const openByThread = new Map<number, Kernel[]>()
  for (const kernel of kernels) {
    const open = openByThread.get(kernel.event.tid) ?? []
    openByThread.set(kernel.event.tid, open)
    while (open.length > 0 && !isInside(kernel.event, open.at(-1)?.event)) open.pop()
    const outer = open.at(-1)
    if (outer !== undefined) outer.insideUs += kernel.event.dur
    open.push(kernel)
  }
}

function isInside(inner: ProfileEvent, outer: ProfileEvent | undefined): boolean {
  if (outer === undefined) return false
  const startsInside = inner.ts < outer.ts + outer.dur
  return startsInside && inner.ts + inner.dur <= outer.ts + outer.dur + ROUNDING_US
}

function endOf(event: ProfileEvent | undefined): number {
  return event === undefined ? 0 : event.ts + event.dur
}
