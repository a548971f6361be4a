import type { ScenarioSpec } from '#contracts/scenario.ts'
import {
  decodeGenerateReply,
  decodeSoakReply,
  type GenerateRequest,
  type SoakRequest
} from '#workers/load/series-frames.ts'
import type { MeasuredRequests } from './measured-requests.ts'

/** What the answer to a block is made of. */
export type BlockShape =
  /** One latency for each request. */
  { readonly kind: 'plain' } | { readonly kind: 'soak' } | { readonly kind: 'generate'; readonly newTokens: number }

type SeriesShape = Exclude<BlockShape, { kind: 'plain' }>

const PLAIN: BlockShape = { kind: 'plain' }

export function shapeOf(scenario: ScenarioSpec): BlockShape {
  switch (scenario.kind) {
    case 'generate':
      return { kind: 'generate', newTokens: scenario.newTokens }
    case 'soak':
      return { kind: 'soak' }
    default:
      return PLAIN
  }
}

/** As series-frames.ts wants it; a block goes out as every block does. */
export function asSeriesRequest(shape: SeriesShape, requests: number, firstIndex = 0): GenerateRequest | SoakRequest {
  const request = { caseIndex: 0, requests, firstIndex }
  return shape.kind === 'generate'
    ? { kind: 'generate', newTokens: shape.newTokens, ...request }
    : { kind: 'soak', ...request }
}

interface SeriesBlock {
  readonly shape: BlockShape
  readonly requests: number
  readonly sentBefore: number
  readonly wallNs: number
  readonly body: Uint8Array
}

/** A block with further series; null when it cannot be the answer. */
export function readSeriesBlock({ shape, requests, sentBefore, wallNs, body }: SeriesBlock): MeasuredRequests | null {
  if (shape.kind === 'plain') return null
  const request = asSeriesRequest(shape, requests, sentBefore)
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  if (request.kind === 'generate') {
    const reply = decodeGenerateReply(bytes, request, wallNs)
    if (reply === null) return null
    const { latenciesNs, errors, ttftNs, itlNs } = reply
    return { wallNs, latenciesNs, errors, series: { ttftNs, itlNs } }
  }
  const reply = decodeSoakReply(bytes, request, wallNs)
  if (reply === null) return null
  const { latenciesNs, errors, rssBytes, inferences } = reply
  return { wallNs, latenciesNs, errors, series: { rssBytes, inferences } }
}
