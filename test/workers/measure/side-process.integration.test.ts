import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { listProcesses } from '#test/fixtures/side/list-processes.ts'
import { MeasuringAbortedError, SideLostError, SideStartError } from '#workers/measure/measuring-errors.ts'
import type { SideProcess } from '#workers/measure/side-process.ts'
import { type Launch, startLaunch } from '#workers/measure/start-launch.ts'
import type { SideCommand } from '#workers/sandbox/side-command.ts'

const EXITING_SUPERVISOR = resolve(import.meta.dirname, '../../fixtures/side/exiting-supervisor.ts')
const HOSTILE_SIDE = resolve(import.meta.dirname, '../../fixtures/side/hostile-side.ts')

let marker = ''
const launches: Launch[] = []
const started: SideProcess[] = []

beforeEach(() => {
  marker = `marker-${randomUUID()}`
})

afterEach(async () => {
  started.length = 0
  await Promise.all(launches.splice(0).map((launch) => launch.stop()))
  expect(listProcesses(marker)).toEqual([])
})

function launchOf(command: SideCommand): Launch {
  const launch = startLaunch({ cores: null, commandOf: () => command, directory: tmpdir() })
  launches.push(launch)
  return launch
}

async function start(behaviour: string, signal = new AbortController().signal): Promise<SideProcess> {
  const command = { program: process.execPath, args: [HOSTILE_SIDE, behaviour, marker], env: {} }
  const side = await launchOf(command).startSide('baseline', signal)
  started.push(side)
  return side
}

async function loseBy(behaviour: string, timeoutMs = 10_000): Promise<SideLostError> {
  const side = await start(behaviour)
  const error: unknown = await side.run(0, 2, { timeoutMs, signal: new AbortController().signal }).catch((e) => e)
  if (!(error instanceof SideLostError)) throw new Error(`The side was not lost: ${error}`)
  return error
}

describe('startSide', () => {
  test('a well-behaved side answers with as many latencies as requests and the time around them', async () => {
    const side = await start('honest')

    const measured = await side.run(0, 2, { timeoutMs: 10_000, signal: new AbortController().signal })

    expect(measured).toMatchObject({ latenciesNs: [1, 1], errors: 0 })
    expect(measured.wallNs).toBeGreaterThan(2)
  })

  test('a program that is not there, or ends at once, is a problem of the worker', async () => {
    const signal = new AbortController().signal
    const absent = { program: '/nonexistent/program', args: [], env: {} }

    await expect(launchOf(absent).startSide('baseline', signal)).rejects.toThrow(SideStartError)
    await expect(start('dies-at-start')).rejects.toThrow(/ended with exit code 9/)
  })

  test('a measuring thread that is gone is a problem of the worker', async () => {
    const launch = launchOf({ program: process.execPath, args: [HOSTILE_SIDE, 'honest', marker], env: {} })
    await launch.stop()

    const starting = launch.startSide('baseline', new AbortController().signal)

    await expect(starting).rejects.toThrow(SideStartError)
    await expect(starting).rejects.toThrow('The thread that measures failed: it ended')
  })

  test('a start can be aborted', async () => {
    const controller = new AbortController()
    const starting = start('never-ready', controller.signal)
    await sleep(300)
    controller.abort('new push')

    await expect(starting).rejects.toThrow(MeasuringAbortedError)
    expect(listProcesses(marker)).toEqual([])
  })
})

describe('SideProcess', () => {
  test.each([
    ['garbage', /a reply that is too long/],
    ['long-frame', /a reply that is too long/],
    ['endless-frame', /something that was not asked for/],
    ['unknown-type', /something that is not a reply/],
    ['broken-json', /something that is not a reply/],
    ['json-latencies', /something that is not a reply/],
    ['extra-key', /something that is not a reply/],
    ['empty-frame', /something that is not a reply/],
    ['half-latency', /something that is not a reply/],
    ['too-few-latencies', /something that is not a reply/],
    ['too-many-latencies', /something that is not a reply/],
    ['more-errors-than-requests', /something that is not a reply/],
    ['errors-and-all-latencies', /something that is not a reply/],
    ['nan-latency', /something that is not a reply/],
    ['infinite-latency', /something that is not a reply/],
    ['negative-latency', /something that is not a reply/],
    ['zero-latency', /something that is not a reply/],
    ['fractional-latency', /something that is not a reply/],
    ['unsafe-latency', /something that is not a reply/],
    ['impossible-latency', /latencies longer than the time that went by/],
    ['wrong-kind', /the reply "loaded" to "run"/],
    ['two-replies', /something that was not asked for/],
    ['answers-before-it-is-asked', /something that was not asked for/]
  ])('a side that sends %s is refused and killed', async (behaviour, message) => {
    const error = await loseBy(behaviour)

    expect(error.code).toBe('process_crashed')
    expect(error.message).toMatch(message)
    await started[0]?.stop()
    expect(listProcesses(marker)).toEqual([])
  })

  test('latencies that nobody asked for are refused: instead of being ready, and after the reply', async () => {
    await expect(start('starts-with-latencies')).rejects.toThrow(/something that is not a reply/)

    const side = await start('answers-again-later')
    const limits = { timeoutMs: 10_000, signal: new AbortController().signal }
    await side.run(0, 2, limits)
    await sleep(300)

    await expect(side.run(0, 2, limits)).rejects.toThrow(/something that was not asked for/)
  })

  test('a reply is put together from however small pieces', async () => {
    const side = await start('byte-by-byte')
    const limits = { timeoutMs: 10_000, signal: new AbortController().signal }

    expect(await side.run(0, 2, limits)).toMatchObject({ latenciesNs: [1, 1], errors: 0 })
    expect(await side.run(0, 3, limits)).toMatchObject({ latenciesNs: [1, 1, 1], errors: 0 })
  })

  test('a reply of which the end never comes counts as hung', async () => {
    expect((await loseBy('short-frame', 300)).code).toBe('timed_out')
  })

  test('a limit that is shorter than the one before holds', async () => {
    const side = await start('silent-when-asked-for-3')
    const { signal } = new AbortController()
    await side.run(0, 2, { timeoutMs: 600_000, signal })

    await expect(side.run(0, 3, { timeoutMs: 200, signal })).rejects.toThrow('did not answer within 0.2 s')
  })

  test('a side that does not answer in time counts as hung', async () => {
    const error = await loseBy('silent', 300)

    expect(error.code).toBe('timed_out')
    expect(error.message).toBe('did not answer within 0.3 s')
  })

  test('a killed side is reported with its signal and its last words as plain text', async () => {
    const error = await loseBy('kill-itself')

    expect(error.code).toBe('process_crashed')
    expect(error.message).toBe('was ended by SIGKILL; it said last: last [31m words')
    expect(error.hint).toMatch(/memory/)
  })

  test('a side that exits is reported with its exit code', async () => {
    const error = await loseBy('exit')

    expect(error.message).toBe('ended with exit code 3')
  })

  test('a side that says it ran out of memory is reported so, with its words cut', async () => {
    const error = await loseBy('out-of-memory')

    expect(error.code).toBe('out_of_memory')
    expect(error.message.length).toBeLessThan(1100)
  })

  test('what a side started ends with it', async () => {
    const error = await loseBy('leaves-a-child')

    expect(error.message).toBe('ended with exit code 0')
    await started[0]?.stop()
    expect(listProcesses(marker)).toEqual([])
  })

  test('a supervisor that exits waits for no answer, and takes its side with it', async () => {
    const supervisor = spawn(process.execPath, [EXITING_SUPERVISOR, marker], { stdio: 'ignore', timeout: 60_000 })

    const [code] = await once(supervisor, 'exit')

    expect(code).toBe(3)
    expect(listProcesses(marker)).toEqual([])
  })

  test('a request can be aborted, and a lost side refuses further requests', async () => {
    const side = await start('silent')
    const controller = new AbortController()
    const limits = { timeoutMs: 60_000, signal: controller.signal }
    const running = side.run(0, 1, limits)
    controller.abort('new push')

    await expect(running).rejects.toThrow(MeasuringAbortedError)
    await expect(side.run(0, 1, limits)).rejects.toThrow(MeasuringAbortedError)
    await side.stop()
    await expect(side.run(0, 1, { ...limits, signal: new AbortController().signal })).rejects.toThrow(SideLostError)
  })
})
