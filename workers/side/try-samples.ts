import type { Instance } from './create-instance.ts'
import type { SideReply } from './protocol.ts'

/** Samples after the first are tried until so much time has gone by. A deadline has to allow it on top of one request. */
export const TRY_SAMPLES_MS = 2000

/**
 * Runs the first inference of a case, which is timed, and those of its other samples as far as time allows: what a shape or
 * a value breaks shows only then, and should not show as failed requests while it is measured.
 */
export async function trySamples(
  instance: Pick<Instance, 'send' | 'sampleCount' | 'describeFailure'>,
  nowMs: () => number = () => performance.now()
): Promise<SideReply> {
  const startMs = nowMs()
  let index = 0
  try {
    await instance.send(index)
    const triedMs = nowMs()
    for (index = 1; index < instance.sampleCount && nowMs() - triedMs < TRY_SAMPLES_MS; index += 1) {
      await instance.send(index)
    }
    return { kind: 'tried', latencyNs: Math.max(1, Math.round((triedMs - startMs) * 1e6)) }
  } catch (error) {
    return instance.describeFailure(error, index)
  }
}
