import { describe, expect, test } from 'vitest'
import { Board } from '#workers/measure/thread/board.ts'

describe('Board', () => {
  test('what one end writes the other reads: whom is waited for, how long, and who is given up', () => {
    const supervisor = new Board()
    const thread = new Board({ memory: supervisor.memory, epochMs: supervisor.epochMs })

    thread.startWaiting('candidate', performance.now(), 60_000)
    supervisor.giveUp('baseline')

    const waiting = supervisor.readWaiting()
    expect(waiting).toMatchObject({ side: 'candidate', timeoutMs: 60_000 })
    expect(waiting?.leftMs).toBeGreaterThan(30_000)
    expect(waiting?.leftMs).toBeLessThanOrEqual(60_001)
    expect([thread.isGivenUp('baseline'), thread.isGivenUp('candidate')]).toEqual([true, false])
  })

  test('a time that is over has less than nothing left', () => {
    const board = new Board()

    board.startWaiting('baseline', performance.now() - 500, 100)

    expect(board.readWaiting()?.leftMs).toBeLessThan(-300)
  })

  test('nothing is waited for at first, and once it is cleared', () => {
    const board = new Board()
    const atFirst = board.readWaiting()
    board.startWaiting('baseline', performance.now(), 100)

    board.clear()

    expect([atFirst, board.readWaiting()]).toEqual([null, null])
  })
})
