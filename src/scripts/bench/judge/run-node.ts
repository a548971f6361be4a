import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { z } from 'zod'

/** Says at the end of a process what it used, on the last line of its standard error. */
const REPORT_USAGE = `data:text/javascript,${encodeURIComponent(
  "process.on('exit', () => process.stderr.write('\\n' + JSON.stringify(process.resourceUsage()) + '\\n'))"
)}`

const KIB_PER_MB = 1000 / 1.024
const US_PER_MS = 1000

const Usage = z.object({ maxRSS: z.number().positive(), userCPUTime: z.number(), systemCPUTime: z.number() })

export interface NodeRun {
  /** From the start of the process to its end. */
  readonly wallMs: number
  /** Processor time of all its threads. */
  readonly cpuMs: number
  readonly peakMb: number
  readonly exitCode: number
  readonly stdout: string
}

/**
 * Runs a Node program to its end.
 *
 * @throws when it ends by a signal or does not say what it used
 */
export async function runNode(args: readonly string[]): Promise<NodeRun> {
  const startMs = performance.now()
  const child = spawn(process.execPath, ['--import', REPORT_USAGE, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    stdout += chunk
  })
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    stderr += chunk
  })
  await once(child, 'close')
  const wallMs = performance.now() - startMs
  if (child.exitCode === null) throw new Error(`${args.join(' ')} ended unexpectedly: ${stderr}`)
  const usage = Usage.parse(JSON.parse(stderr.trim().split('\n').at(-1) ?? ''))
  const cpuMs = (usage.userCPUTime + usage.systemCPUTime) / US_PER_MS
  return { wallMs, cpuMs, peakMb: usage.maxRSS / KIB_PER_MB, exitCode: child.exitCode, stdout }
}
