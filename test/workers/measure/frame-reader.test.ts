import { describe, expect, test } from 'vitest'
import { FrameReader } from '#workers/measure/frame-reader.ts'
import { writeJsonFrame } from '#workers/side/frames.ts'

const FRAME = writeJsonFrame({ kind: 'ready' })

function header(type: number, bodyBytes: number): Buffer {
  const bytes = Buffer.alloc(5)
  bytes.writeUInt8(type, 0)
  bytes.writeUInt32LE(bodyBytes, 1)
  return bytes
}

describe('FrameReader', () => {
  test.each([1, 2, 4, 5, 6, 100])('puts frames together from chunks of %i bytes', (chunkBytes) => {
    const reader = new FrameReader(1000)
    const texts: string[] = []
    for (let round = 0; round < 2; round += 1) {
      for (let start = 0; start < FRAME.length; start += chunkBytes) {
        const read = reader.push(FRAME.subarray(start, start + chunkBytes))
        if (read.kind === 'frame') texts.push(read.frame.body.toString())
        else expect(read.kind).toBe('incomplete')
      }
    }

    expect(texts).toEqual(['{"kind":"ready"}', '{"kind":"ready"}'])
  })

  test('a frame without a body is whole with its header', () => {
    expect(new FrameReader(10).push(header(7, 0))).toMatchObject({ kind: 'frame', frame: { type: 7 } })
  })

  test('more than one frame is surplus, in one chunk or in two', () => {
    expect(new FrameReader(1000).push(Buffer.concat([FRAME, FRAME]))).toEqual({ kind: 'surplus' })
    const reader = new FrameReader(1000)
    reader.push(FRAME.subarray(0, -1))

    expect(reader.push(Buffer.concat([FRAME.subarray(-1), Buffer.alloc(1)]))).toEqual({ kind: 'surplus' })
  })

  test('a frame that is too long is refused by its header alone', () => {
    expect(new FrameReader(16).push(header(1, 16))).toEqual({ kind: 'incomplete' })
    expect(new FrameReader(16).push(header(1, 17))).toEqual({ kind: 'too_long' })
  })
})
