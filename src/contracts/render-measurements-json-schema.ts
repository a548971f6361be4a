import { z } from 'zod'
import { Measurements } from './measurements.ts'

/** The text of docs/measurements.schema.json, for those who write such files. */
export function renderMeasurementsJsonSchema(): string {
  const schema = z.toJSONSchema(Measurements, { io: 'input' })
  const description = 'Recorded measurements that `tailgate judge` reads; docs/measurements.md describes every key.'
  return `${JSON.stringify({ title: 'Tailgate measurements', description, ...schema }, null, 2)}\n`
}
