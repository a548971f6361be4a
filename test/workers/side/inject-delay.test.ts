import { expect, test } from 'vitest'
import { injectDelay } from '#workers/side/inject-delay.ts'

/** A machine on which a request takes `requestMs` and an iteration a nanosecond, both times its present slowness. */
function createMachine(requestMs: number) {
  const machine = { slowness: 1, clockMs: 0, spunMs: 0 }
  const deps = {
    nowMs: () => machine.clockMs,
    spin: (iterations: number) => {
      const durationMs = (iterations * machine.slowness) / 1e6
      machine.clockMs += durationMs
      machine.spunMs += durationMs
    }
  }
  async function request(): Promise<string> {
    machine.clockMs += requestMs * machine.slowness
    return 'answer'
  }
  return { machine, deps, request }
}

/** Injected milliseconds per request, over so many requests. */
async function injectedMs(
  send: () => Promise<unknown>,
  machine: { spunMs: number },
  requests: number
): Promise<number> {
  const beforeMs = machine.spunMs
  for (let sent = 0; sent < requests; sent += 1) await send()
  return (machine.spunMs - beforeMs) / requests
}

async function warmUp(send: () => Promise<unknown>, requests: number): Promise<void> {
  for (let sent = 0; sent < requests; sent += 1) await send()
}

test('after the warm-up each request is followed by work of the part asked for', async () => {
  const { machine, deps, request } = createMachine(1)
  const send = injectDelay(request, { fraction: 0.05, share: 1, seed: 1 }, deps)
  await warmUp(send, 1000)

  expect(await injectedMs(send, machine, 100)).toBeCloseTo(0.05, 4)
})

test('the work is a number of iterations, not a time: on a machine that slows down it takes longer', async () => {
  const { machine, deps, request } = createMachine(1)
  const send = injectDelay(request, { fraction: 0.05, share: 1, seed: 1 }, deps)
  await warmUp(send, 1000)
  machine.slowness = 2

  expect(await injectedMs(send, machine, 100)).toBeCloseTo(0.1, 4)
})

test('a machine that changes speed while the length is settled does not change it', async () => {
  const { machine, deps, request } = createMachine(1)
  const send = injectDelay(request, { fraction: 0.1, share: 1, seed: 1 }, deps)
  for (let sent = 0; sent < 1000; sent += 1) {
    machine.slowness = sent % 100 < 50 ? 1 : 1.6
    await send()
  }
  machine.slowness = 1

  expect(await injectedMs(send, machine, 100)).toBeCloseTo(0.1, 4)
})

test('only the share asked for is slowed down, the same requests with the same seed', async () => {
  async function slowedRequests(seed: number): Promise<readonly number[]> {
    const { machine, deps, request } = createMachine(1)
    const send = injectDelay(request, { fraction: 0.5, share: 0.03, seed }, deps)
    await warmUp(send, 700)
    const slowed: number[] = []
    for (let sent = 0; sent < 5000; sent += 1) if ((await injectedMs(send, machine, 1)) > 0) slowed.push(sent)
    return slowed
  }

  const slowed = await slowedRequests(1)

  expect(slowed.length).toBeGreaterThan(100)
  expect(slowed.length).toBeLessThan(200)
  expect(await slowedRequests(1)).toEqual(slowed)
  expect(await slowedRequests(2)).not.toEqual(slowed)
})

test('a slow model is settled within its short warm-up of 10 s', async () => {
  const { machine, deps, request } = createMachine(500)
  const send = injectDelay(request, { fraction: 0.05, share: 1, seed: 1 }, deps)
  await warmUp(send, 20)

  expect(await injectedMs(send, machine, 10)).toBeCloseTo(25, 3)
})

test('answers and failures pass through', async () => {
  const { deps, request } = createMachine(1)
  const failing = async () => {
    throw new Error('no inference')
  }

  await expect(injectDelay(request, { fraction: 1, share: 1, seed: 1 }, deps)()).resolves.toBe('answer')
  await expect(injectDelay(failing, { fraction: 1, share: 1, seed: 1 }, deps)()).rejects.toThrow('no inference')
})

test('the real work takes time', async () => {
  const send = injectDelay(async () => null, { fraction: 1, share: 1, seed: 1 })

  await expect(send()).resolves.toBeNull()
})
