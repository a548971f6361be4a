import { z } from 'zod'
import { TailgateConfig } from './config.schema.ts'

/** The text of docs/tailgate.schema.json: what may be written in the file, for editors. */
export function renderConfigJsonSchema(): string {
  const schema = z.toJSONSchema(TailgateConfig, { io: 'input' })
  const described = { title: 'Tailgate configuration', description: 'The file .github/tailgate.yml.', ...schema }
  return `${JSON.stringify(described, null, 2)}\n`
}
