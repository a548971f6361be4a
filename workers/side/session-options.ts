import type { InferenceSession } from 'onnxruntime-node'
import type { SessionSpec } from '#contracts/session.ts'

/**
 * ONNX Runtime's options for a session.
 *
 * Its thread pools spin while they wait, which would take processor time from the other side; with more than one thread
 * spinning is turned off on both sides. docs/statistics.md "Measuring" 3.
 */
export function sessionOptions(session: SessionSpec): InferenceSession.SessionOptions {
  const pooled = session.intraOpNumThreads > 1 || session.interOpNumThreads > 1
  return {
    executionProviders: [session.executionProvider],
    graphOptimizationLevel: session.graphOptimizationLevel,
    executionMode: session.executionMode,
    intraOpNumThreads: session.intraOpNumThreads,
    interOpNumThreads: session.interOpNumThreads,
    enableCpuMemArena: session.enableCpuMemArena,
    enableMemPattern: session.enableMemPattern,
    logSeverityLevel: 3,
    ...(pooled ? { extra: { 'session.intra_op.allow_spinning': '0', 'session.inter_op.allow_spinning': '0' } } : {})
  }
}
