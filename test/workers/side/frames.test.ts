import { describe, expect, test } from 'vitest'
import {
  FRAME_HEADER_BYTES,
  JSON_FRAME,
  numberFrame,
  readBlockReply,
  readBlockRequest,
  readFrameHeader,
  writeBlockReply,
  writeBlockRequest,
  writeJsonFrame,
  writeReply
} from '#workers/side/frames.ts'

function bodyOf(frame: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  return frame.subarray(FRAME_HEADER_BYTES)
}

function headerOf(frame: Uint8Array<ArrayBuffer>) {
  return readFrameHeader(new Uint32Array(frame.buffer, 0, 3))
}

describe('frames', () => {
  test('say how long their body is, in bytes and not in characters', () => {
    const frame = writeJsonFrame({ name: 'Größe ☃' })

    expect(headerOf(frame)).toEqual({ type: JSON_FRAME, exchange: 0, bodyBytes: frame.length - FRAME_HEADER_BYTES })
    expect(JSON.parse(Buffer.from(bodyOf(frame)).toString('utf8'))).toEqual({ name: 'Größe ☃' })
  })

  test.each([
    { kind: 'JSON', frame: writeJsonFrame({}) },
    { kind: 'a block request', frame: writeBlockRequest({ caseIndex: 1, requests: 2 }) },
    { kind: 'a block reply', frame: writeReply({ kind: 'ran', latenciesNs: [1], errors: 0 }) }
  ])('$kind can be made part of an exchange without changing the rest', ({ frame }) => {
    const before = headerOf(frame)
    const body = Uint8Array.from(bodyOf(frame))

    numberFrame(frame, 4_294_967_295)

    expect(headerOf(frame)).toEqual({ ...before, exchange: 4_294_967_295 })
    expect(bodyOf(frame)).toEqual(body)
  })

  test('a block request and its reply arrive as they were sent', () => {
    const request = writeBlockRequest({ caseIndex: 70_000, requests: 50 })
    const reply = writeBlockReply({ latenciesNs: [1, 4_294_967_296, 3_600_000_000_000], errors: 2 })

    expect(readBlockRequest(bodyOf(request))).toEqual({ kind: 'run', caseIndex: 70_000, requests: 50 })
    expect(readBlockReply(bodyOf(reply), 5)).toEqual({
      kind: 'ran',
      latenciesNs: [1, 4_294_967_296, 3_600_000_000_000],
      errors: 2
    })
  })

  test('a block in which every request failed has no latencies', () => {
    expect(readBlockReply(bodyOf(writeBlockReply({ latenciesNs: [], errors: 3 })), 3)).toEqual({
      kind: 'ran',
      latenciesNs: [],
      errors: 3
    })
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY, 0, -0, -1, 0.5, 2 ** 53])('%d ns is no latency', (latencyNs) => {
    expect(readBlockReply(bodyOf(writeBlockReply({ latenciesNs: [1, latencyNs], errors: 0 })), 2)).toBeNull()
  })

  test.each([
    { latencies: 1, errors: 0 },
    { latencies: 3, errors: 0 },
    { latencies: 2, errors: 1 },
    { latencies: 0, errors: 3 },
    { latencies: 0, errors: 4_294_967_295 }
  ])('$latencies latencies and $errors errors do not make 2 requests', ({ latencies, errors }) => {
    const reply = writeBlockReply({ latenciesNs: Array.from({ length: latencies }, () => 1), errors })

    expect(readBlockReply(bodyOf(reply), 2)).toBeNull()
  })

  test.each([0, 3, 4, 19, 21])('a body of %i bytes is no reply to 2 requests', (bytes) => {
    expect(readBlockReply(new Uint8Array(bytes).fill(1), 2)).toBeNull()
  })
})
