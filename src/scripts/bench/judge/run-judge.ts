import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MS_PER_S } from '#contracts/units.ts'
import type { BenchOptions } from '#src/scripts/bench/bench-options.ts'
import { describeMachine } from '#src/scripts/bench/describe-machine.ts'
import { measurePauses } from './measure-pause.ts'
import { type JudgeFigures, renderJudge } from './render-judge.ts'
import { runNode } from './run-node.ts'
import { makeBlocks, SHAPES, type Shape, writeMeasurements } from './write-measurements.ts'

const TAILGATE = fileURLToPath(new URL('../../../cli/main.ts', import.meta.url))
const PARSE = "JSON.parse(require('node:fs').readFileSync(process.argv[1], 'utf8'))"

/** The interval of a median needs three values to be more than its extremes. */
const LEAST_RUNS = 3
/** Wrong usage or a bad file; other codes are verdicts. */
const EXIT_BAD_FILE = 2

/** Measures what `tailgate judge` takes for a million latencies, and returns it as Markdown. */
export async function runJudge({ seconds, say }: BenchOptions): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tailgate-bench-'))
  try {
    const machine = await describeMachine('none')
    const figures: JudgeFigures[] = []
    for (const shape of SHAPES) {
      say(`judge: ${shape.name}`)
      figures.push(await measureShape(shape, folder, (seconds * MS_PER_S) / SHAPES.length))
    }
    say('judge: event loop')
    const [shape] = SHAPES
    const pauses = await measurePauses(shape === undefined ? [] : makeBlocks(shape, Math.random))
    return renderJudge(figures, pauses, machine)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function measureShape(shape: Shape, folder: string, measureMs: number): Promise<JudgeFigures> {
  const path = join(folder, 'measurements.json')
  await writeMeasurements(path, shape, Math.random)
  const { size } = await stat(path)
  const runs: JudgeFigures['runs'][number][] = []
  const endMs = performance.now() + measureMs
  while (runs.length < LEAST_RUNS || performance.now() < endMs) {
    const judged = await runNode([TAILGATE, 'judge', path])
    if (judged.exitCode === EXIT_BAD_FILE || judged.stdout === '') throw new Error('The file was not judged.')
    const parsed = await runNode(['-e', PARSE, path])
    const { wallMs: judgeMs, cpuMs, peakMb } = judged
    runs.push({ judgeMs, cpuMs, peakMb, parseMs: parsed.wallMs, parsePeakMb: parsed.peakMb })
  }
  return { name: shape.name, fileMb: size / 1e6, runs }
}
