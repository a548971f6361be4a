import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makePrintable } from '#src/cli/make-printable.ts'
import { readRecording } from './read-recording.ts'
import type { Recording } from './recorded-launch.ts'
import { renderVerdict } from './render-verdict.ts'
import { type RecordingFigures, runVerdict } from './run-verdict.ts'

const GIVEN_RECORDINGS = ['cls-as-is-3-requests', 'cls-noisy-60ms-blocks', 'built-in-5ms'].map((name) =>
  join(import.meta.dirname, 'recordings', `${name}.json.gz`)
)

export interface VerdictOptions {
  readonly draws: number
  readonly seed: number
  readonly json?: string | undefined
  readonly plot?: string | undefined
}

/**
 * Reads all recordings before it draws from the first, prints the tables, then writes the files asked for.
 *
 * @returns what is wrong with a file, or null
 */
export async function printVerdict(files: readonly string[], options: VerdictOptions): Promise<string | null> {
  const recordings: Recording[] = []
  for (const file of files.length === 0 ? GIVEN_RECORDINGS : files) {
    const read = await readRecording(file)
    if (read.kind === 'bad_file') return read.message
    recordings.push(read.recording)
  }
  const say = (message: string) => process.stderr.write(`${message}\n`)
  const figures = recordings.map((recording) => runVerdict(recording, { ...options, say }))
  process.stdout.write(`${renderVerdict(figures, options)}\n`)
  return (await writeJson(figures, options)) ?? (await writePlot(figures, options))
}

async function writeJson(figures: readonly RecordingFigures[], { json, draws, seed }: VerdictOptions) {
  if (json === undefined) return null
  return await writeText(json, `${JSON.stringify({ draws, seed, recordings: figures }, null, 2)}\n`)
}

async function writePlot(figures: readonly RecordingFigures[], { plot }: VerdictOptions) {
  if (plot === undefined) return null
  // Loaded only when it is needed: drawing takes packages that the tables do not.
  const { plotVerdict } = await import('./plot-verdict.ts')
  return await writeText(plot, plotVerdict(figures))
}

async function writeText(path: string, text: string): Promise<string | null> {
  try {
    await writeFile(path, text)
    return null
  } catch (error) {
    const cause = makePrintable(error instanceof Error ? error.message : String(error))
    return `${makePrintable(path)}: cannot be written: ${cause}. Give a file that may be written.`
  }
}
