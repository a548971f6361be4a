import { quoteLastWords, signalOfExitCode } from './describe-exit.ts'
import { SideLostError } from './measuring-errors.ts'

const CRASH_HINT = 'Run the model with the same ONNX Runtime version and session options to see the crash by itself.'
const MEMORY_HINT =
  'The most likely cause is memory: use a smaller model, batch size or input shape, or a worker with more.'
const TIMEOUT_HINT = 'Check that the model ends for the configured inputs, or allow a longer time per request.'
const HOSTILE_HINT = 'Models should not be able to do this. Treat the model file of this side as hostile.'
const WORKER_HINT = 'Check the installation of the worker.'

export function lossByStart(error: Error): SideLostError {
  return new SideLostError('process_crashed', `could not be started: ${error.message}`, WORKER_HINT)
}

export function lossByTime(timeoutMs: number): SideLostError {
  const seconds = Math.round(timeoutMs / 100) / 10
  return new SideLostError('timed_out', `did not answer within ${seconds} s`, TIMEOUT_HINT)
}

/** @param what the process sent */
export function lossByReply(what: string): SideLostError {
  return new SideLostError('process_crashed', `sent ${what}, and was stopped`, HOSTILE_HINT)
}

export function lossByExit(code: number | null, signal: NodeJS.Signals | null, stderr: string): SideLostError {
  const lastWords = quoteLastWords(stderr)
  const signalName = signal ?? signalOfExitCode(code)
  const how = signalName === null ? `ended with exit code ${code}` : `was ended by ${signalName}`
  const message = lastWords === '' ? how : `${how}; it said last: ${lastWords}`
  if (/heap out of memory|bad_alloc|failed to allocate memory/i.test(lastWords)) {
    return new SideLostError('out_of_memory', message, MEMORY_HINT)
  }
  return new SideLostError('process_crashed', message, signalName === 'SIGKILL' ? MEMORY_HINT : CRASH_HINT)
}
