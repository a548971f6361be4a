import { describe, expect, test } from 'vitest'
import {
  decodeGenerateReply,
  decodeSoakReply,
  encodeGenerateReply,
  encodeSoakReply,
  type GenerateRequest,
  type SoakRequest,
  seriesReplyBytes
} from '#workers/load/series-frames.ts'

const GENERATE: GenerateRequest = { kind: 'generate', caseIndex: 0, requests: 3, newTokens: 3, firstIndex: 0 }
/** One of three failed. */
const TOKENS = { errors: 1, latenciesNs: [60, 70], ttftNs: [30, 40], itlNs: [10, 20, 10, 20] }
const SOAK: SoakRequest = { kind: 'soak', caseIndex: 0, requests: 3, firstIndex: 50 }
const READINGS = { errors: 1, latenciesNs: [60, 70], rssBytes: [4096], inferences: [53] }
const WALL_NS = 1000

describe('a generate reply', () => {
  test('arrives as it was sent', () => {
    const body = encodeGenerateReply(TOKENS)

    expect(decodeGenerateReply(body, GENERATE, WALL_NS)).toEqual(TOKENS)
    expect(body.length).toBeLessThanOrEqual(seriesReplyBytes(GENERATE))
  })

  test.each([
    ['fewer requests than asked for', { ...TOKENS, errors: 0 }],
    ['more failures than requests', { errors: 4, latenciesNs: [], ttftNs: [], itlNs: [] }],
    ['a gap too few', { ...TOKENS, itlNs: [10, 20, 10] }],
    ['tokens that do not add up', { ...TOKENS, itlNs: [10, 20, 10, 21] }],
    ['time that is no number', { ...TOKENS, latenciesNs: [60, Number.NaN] }],
    ['parts of nanoseconds', { ...TOKENS, latenciesNs: [60.5, 70], ttftNs: [30.5, 40] }],
    ['time that runs backwards', { ...TOKENS, latenciesNs: [0, 70], ttftNs: [-30, 40] }],
    ['more time than went by', { ...TOKENS, latenciesNs: [60, 10_030], ttftNs: [30, 10_000] }]
  ])('is refused with %s', (_, outcomes) => {
    expect(decodeGenerateReply(encodeGenerateReply(outcomes), GENERATE, WALL_NS)).toBeNull()
  })

  test('is refused when it is too short, too long or lies about its lengths', () => {
    const body = encodeGenerateReply(TOKENS)
    const lying = Buffer.from(body)
    lying.writeUInt32LE(0xffff_ffff, 4)

    expect(decodeGenerateReply(body.subarray(0, -1), GENERATE, WALL_NS)).toBeNull()
    expect(decodeGenerateReply(Buffer.concat([body, Buffer.alloc(1)]), GENERATE, WALL_NS)).toBeNull()
    expect(decodeGenerateReply(Buffer.alloc(3), GENERATE, WALL_NS)).toBeNull()
    expect(decodeGenerateReply(lying, GENERATE, WALL_NS)).toBeNull()
  })
})

describe('a soak reply', () => {
  test('arrives as it was sent', () => {
    const body = encodeSoakReply(READINGS)

    expect(decodeSoakReply(body, SOAK, WALL_NS)).toEqual(READINGS)
    expect(body.length).toBeLessThanOrEqual(seriesReplyBytes(SOAK))
  })

  test('may have no reading', () => {
    const without = { ...READINGS, rssBytes: [], inferences: [] }

    expect(decodeSoakReply(encodeSoakReply(without), SOAK, WALL_NS)).toEqual(without)
  })

  test.each([
    ['fewer requests than asked for', { ...READINGS, errors: 0 }],
    ['memory at another moment', { ...READINGS, inferences: [52] }],
    ['memory without a moment', { ...READINGS, inferences: [] }],
    ['no memory', { ...READINGS, rssBytes: [0] }],
    ['two readings', { ...READINGS, rssBytes: [1, 1], inferences: [53, 53] }],
    ['more time than went by', { ...READINGS, latenciesNs: [60, 10_000] }]
  ])('is refused with %s', (_, outcomes) => {
    expect(decodeSoakReply(encodeSoakReply(outcomes), SOAK, WALL_NS)).toBeNull()
  })
})
