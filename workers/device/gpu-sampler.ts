import { spawn } from 'node:child_process'
import { type ChosenField, parseFieldRows, queryArguments, type SAMPLE_FIELDS } from './gpu-fields.ts'
import { type GpuSample, parseGpuSample } from './parse-gpu-sample.ts'
import { smiEnvironment } from './run-nvidia-smi.ts'

/** Four a second: a case of a second then has samples of both sides, at a cost of some milliseconds of one core. */
export const SAMPLE_INTERVAL_MS = 250
/** Over an hour of them; then the oldest go. */
const SAMPLES_MAX = 20_000
const LINE_MAX_CHARACTERS = 4_000
const SAID_MAX_CHARACTERS = 300

export interface GpuSamplerOptions {
  readonly program: string
  /** From `chooseFields(SAMPLE_FIELDS, …)`, for this driver. */
  readonly fields: readonly ChosenField<keyof typeof SAMPLE_FIELDS>[]
  readonly gpuUuid: string
  /** Monotonic. */
  readonly nowMs: () => number
  /** At most 1000, so that a second has a sample. */
  readonly intervalMs?: number
}

/** Watches one GPU in the background, with one nvidia-smi that stays. */
export interface GpuSampler {
  /** In time order. */
  readonly samples: () => readonly GpuSample[]
  /** Why no more samples come; null while they do. */
  readonly problem: () => string | null
  /** Resolves when nvidia-smi has ended, or has not for two seconds. */
  readonly stop: () => Promise<void>
}

const STOP_TIMEOUT_MS = 2_000

/** Never throws: a GPU that cannot be watched is a problem that readings name. */
export function startGpuSampler(options: GpuSamplerOptions): GpuSampler {
  const { program, fields, gpuUuid, nowMs, intervalMs = SAMPLE_INTERVAL_MS } = options
  const args = [`--id=${gpuUuid}`, ...queryArguments(fields), `--loop-ms=${intervalMs}`]
  const child = spawn(program, args, { env: smiEnvironment(program), stdio: ['ignore', 'pipe', 'ignore'] })
  const samples: GpuSample[] = []
  let problem: string | null = null
  let stopping = false
  let rest = ''
  let said = ''
  const ended = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      problem = `nvidia-smi could not be started: ${error.message}`
      resolve()
    })
    child.on('close', (code, signal) => {
      const how = signal === null ? `exit code ${code}` : signal
      if (!stopping) problem ??= `nvidia-smi ended with ${how}${said === '' ? '' : `: ${said}`}`
      resolve()
    })
  })
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const atMs = nowMs()
    const lines = (rest + chunk).split('\n')
    rest = (lines.pop() ?? '').slice(-LINE_MAX_CHARACTERS)
    for (const line of lines) {
      const [row] = parseFieldRows(line, fields)
      if (row === undefined) said = line.trim().slice(0, SAID_MAX_CHARACTERS) || said
      else samples.push(parseGpuSample(row, atMs))
    }
    if (samples.length > SAMPLES_MAX) samples.splice(0, samples.length - SAMPLES_MAX)
  })
  return {
    samples: () => samples,
    problem: () => problem,
    stop: async () => {
      stopping = true
      child.kill('SIGTERM')
      await Promise.race([ended, sleepUnheld(STOP_TIMEOUT_MS)])
      child.kill('SIGKILL')
      child.stdout.destroy()
      child.unref()
    }
  }
}

function sleepUnheld(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}
