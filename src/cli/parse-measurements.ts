import { z } from 'zod'
import { isBlock } from '#contracts/is-block.ts'
import { Block, MeasuredCase, Measurements } from '#contracts/measurements.ts'
import { findDisorder } from '#stats/inspect-blocks.ts'
import { describeValue, explainIssue } from './explain-issue.ts'

type Path = readonly PropertyKey[]

/** A file that cannot be judged. The message stands after the place; the path leads to the wrong value. */
export class BadMeasurementsError extends Error {
  readonly code = 'bad_measurements'
  readonly path: Path

  constructor(message: string, path: Path) {
    super(message)
    this.name = 'BadMeasurementsError'
    this.path = path
  }
}

/** As `z.array(z.unknown())`, which visits and copies every element. */
const AnyList = z.custom<readonly unknown[]>().check((context) => {
  if (!Array.isArray(context.value)) {
    context.issues.push({ code: 'invalid_type', expected: 'array', input: context.value })
  }
})

/** The contract cut at its levels, so that the first bad block ends the reading and can be named. */
const FileFrame = Measurements.extend({ cases: AnyList })
const CaseFrame = MeasuredCase.extend({ blocks: AnyList })

/**
 * Checks a parsed file against the contract, and that its blocks stand in order.
 *
 * @throws BadMeasurementsError
 */
export function parseMeasurements(value: unknown): Measurements {
  const frame = parsePart(FileFrame, value, '', [])
  const positions = new Map<string, number>()
  const cases = frame.cases.map((item, index) => {
    const parsed = parseCase(item, index)
    const earlier = positions.get(parsed.id)
    if (earlier !== undefined) {
      const message = `${nameCase(item, index)}: case number ${earlier} has the same id. Give every case its own id.`
      throw new BadMeasurementsError(message, ['cases', index, 'id'])
    }
    positions.set(parsed.id, index)
    return parsed
  })
  return { ...frame, cases }
}

function parseCase(value: unknown, index: number): MeasuredCase {
  const place = nameCase(value, index)
  const path: Path = ['cases', index]
  const frame = parsePart(CaseFrame, value, `${place}, `, path)
  const blocks = frame.blocks.map((block, at) =>
    isBlock(block) ? block : parsePart(Block, block, `${place}, block ${at}, `, [...path, 'blocks', at])
  )
  if (frame.scenario === 'ramp' && frame.slo === undefined) {
    const advice = 'Give one such as {"percentile": "p99", "latencyMs": 50}.'
    throw new BadMeasurementsError(`${place}: a ramp has no objective. ${advice}`, [...path, 'slo'])
  }
  const disorder = findDisorder(blocks)
  if (disorder !== null) {
    const { blockIndex, problem } = disorder
    const advice = 'Give the blocks in time order, and every launch a number of its own.'
    throw new BadMeasurementsError(`${place}, block ${blockIndex}: ${problem}. ${advice}`, [
      ...path,
      'blocks',
      blockIndex
    ])
  }
  return { ...frame, blocks }
}

function nameCase(value: unknown, index: number): string {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : undefined
  return typeof id === 'string' ? `case ${describeValue(id)} (number ${index} from 0)` : `case number ${index} from 0`
}

function parsePart<T extends z.ZodType>(schema: T, value: unknown, place: string, path: Path): z.output<T> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [first, ...others] = parsed.error.issues
  if (first === undefined) throw parsed.error
  const more = others.length === 0 ? '' : ` (and ${others.length} more problems here)`
  throw new BadMeasurementsError(`${place}${explainIssue(first, value)}${more}`, [...path, ...first.path])
}
