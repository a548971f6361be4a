import type { InferenceSession } from 'onnxruntime-node'
import type { SessionSpec } from '#contracts/session.ts'

/** Set on top of the entries of the specification, which may not name it: it is what `cpuFallback` says. */
const FORBID_CPU_FALLBACK = 'session.disable_cpu_ep_fallback'

/**
 * ONNX Runtime's options for a session.
 *
 * Only the execution provider itself is listed. The processor stands behind every other one by itself; where it is listed
 * too, onnxruntime-node leaves out a provider that its build lacks, and runs everything on the processor without an error.
 *
 * Its thread pools spin while they wait, which would take processor time from the other side; with more than one thread
 * spinning is turned off on both sides, unless an entry says otherwise. docs/statistics.md "Measuring" 3.
 */
export function sessionOptions(session: SessionSpec): InferenceSession.SessionOptions {
  const pooled = session.intraOpNumThreads > 1 || session.interOpNumThreads > 1
  const entries: Readonly<Record<string, string>> = {
    ...(pooled ? { 'session.intra_op.allow_spinning': '0', 'session.inter_op.allow_spinning': '0' } : {}),
    ...session.configEntries,
    // On the processor nothing falls back, and the entry would refuse every model.
    ...(session.cpuFallback === 'forbid' && session.executionProvider !== 'cpu' ? { [FORBID_CPU_FALLBACK]: '1' } : {})
  }
  return {
    executionProviders: [provider(session)],
    graphOptimizationLevel: session.graphOptimizationLevel,
    executionMode: session.executionMode,
    intraOpNumThreads: session.intraOpNumThreads,
    interOpNumThreads: session.interOpNumThreads,
    enableCpuMemArena: session.enableCpuMemArena,
    enableMemPattern: session.enableMemPattern,
    logSeverityLevel: 3,
    ...(Object.keys(entries).length > 0 ? { extra: entries } : {})
  }
}

function provider({ executionProvider, deviceId }: SessionSpec): InferenceSession.ExecutionProviderConfig {
  switch (executionProvider) {
    case 'cpu':
    // It refuses the option ("unrecognized option: 'deviceId'"), also for the device 0.
    case 'webgpu':
      return executionProvider
    case 'cuda':
    case 'tensorrt':
      return { name: executionProvider, deviceId }
  }
}
