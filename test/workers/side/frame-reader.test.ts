import { describe, expect, test } from 'vitest'
import { createInbox, FrameReader, readWholeFrame } from '#workers/side/frame-reader.ts'
import { numberFrame, writeJsonFrame } from '#workers/side/frames.ts'

const FRAME = numberFrame(writeJsonFrame({ kind: 'ready' }), 9)

function header(type: number, bodyBytes: number): Uint8Array {
  return new Uint8Array(new Uint32Array([type, bodyBytes, 0]).buffer)
}

function textOf(body: Uint8Array): string {
  return Buffer.from(body).toString()
}

describe('FrameReader', () => {
  test.each([1, 2, 4, 11, 12, 13, 100])('puts frames together from chunks of %i bytes', (chunkBytes) => {
    const reader = new FrameReader(1000)
    const texts: string[] = []
    for (let round = 0; round < 2; round += 1) {
      for (let start = 0; start < FRAME.length; start += chunkBytes) {
        const read = reader.push(FRAME.subarray(start, start + chunkBytes))
        if (read.kind === 'frame') texts.push(`${read.frame.exchange} ${textOf(read.frame.body)}`)
        else expect(read.kind).toBe('incomplete')
      }
    }

    expect(texts).toEqual(['9 {"kind":"ready"}', '9 {"kind":"ready"}'])
  })

  test('a frame without a body is whole with its header', () => {
    expect(new FrameReader(10).push(header(7, 0))).toMatchObject({ kind: 'frame', frame: { type: 7 } })
  })

  test('more than one frame is surplus, in one chunk or in two', () => {
    expect(new FrameReader(1000).push(Buffer.concat([FRAME, FRAME]))).toEqual({ kind: 'surplus' })
    const reader = new FrameReader(1000)
    reader.push(FRAME.subarray(0, -1))

    expect(reader.push(Buffer.concat([FRAME.subarray(-1), header(1, 0)]))).toEqual({ kind: 'surplus' })
  })

  test('a frame that is too long is refused by its header alone', () => {
    expect(new FrameReader(16).push(header(1, 16))).toEqual({ kind: 'incomplete' })
    expect(new FrameReader(16).push(header(1, 17))).toEqual({ kind: 'too_long' })
  })
})

describe('readWholeFrame', () => {
  function arrive(...chunks: readonly Uint8Array[]) {
    const inbox = createInbox()
    const bytes = Buffer.concat(chunks)
    inbox.bytes.set(bytes)
    return readWholeFrame(inbox, bytes.length, 100)
  }

  test('reads a frame that came in one piece', () => {
    const frame = arrive(FRAME)

    expect(frame).toMatchObject({ type: 1, exchange: 9 })
    expect(textOf(frame?.body ?? new Uint8Array(0))).toBe('{"kind":"ready"}')
  })

  test.each([
    ['nothing', []],
    ['a part of a header', [header(1, 0).subarray(1)]],
    ['a part of a frame', [FRAME.subarray(0, -1)]],
    ['more than a frame', [FRAME, new Uint8Array(1)]],
    ['a frame that is too long', [header(1, 101), new Uint8Array(101)]]
  ])('leaves %s to the frame reader', (_what, chunks) => {
    expect(arrive(...chunks)).toBeNull()
  })
})
