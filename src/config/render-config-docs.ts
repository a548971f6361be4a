import { z } from 'zod'
import { JUDGED_KEYS, MEASURED_KEYS, TailgateConfig } from './config.schema.ts'
import { describeExpectation, jsonSchemaOf, unwrapOption } from './describe-option.ts'

/** Four lines that are enough; the shortest useful configuration. */
export const SHORTEST_EXAMPLE = `version: 1
models:
  vad: { path: models/silero_vad.onnx }
`

interface Option {
  readonly key: string
  readonly schema: z.core.$ZodType
}

/** The text of docs/configuration.md. `example` is the whole of docs/tailgate.example.yml. */
export function renderConfigDocs(example: string): string {
  const sections = Object.entries(TailgateConfig.shape).flatMap(([key, schema]) => renderSection({ key, schema }))
  return `${[...renderIntroduction(example), ...sections].join('\n\n')}\n`
}

function renderIntroduction(example: string): readonly string[] {
  return [
    '<!-- Generated from src/config/config.schema.ts by `npm run generate`. Do not edit. -->',
    '# Configuration',
    'Tailgate reads `.github/tailgate.yml` in your repository. This is enough:',
    fence(SHORTEST_EXAMPLE),
    'Everything else has a default, and the inputs are inferred from the model. Check a file before you push it:',
    '```sh\nnpm run tailgate -- check-config path/to/tailgate.yml\n```',
    '## Which commit counts',
    "What is measured comes from each side's own commit. How it is judged comes from the base branch, so that a pull request cannot loosen its own gate: its edits to those keys are shown in the report, not applied.",
    [
      '| read from | keys |',
      '|---|---|',
      `| each side's own commit | ${MEASURED_KEYS.map(code).join(', ')} |`,
      `| the base branch | ${JUDGED_KEYS.map(code).join(', ')} |`
    ].join('\n'),
    "A case is one model with one session in one scenario. It is measured when the pull request changes the model's settings, its file, a file beside it whose name starts with the model's name (such as `model.onnx.data`), or a file that matches `paths`. The comment `/benchmark` measures every case. A model that only one side has is listed as skipped: there is nothing to compare it with.",
    '## Example with every option',
    'The same file is [tailgate.example.yml](tailgate.example.yml). Its first line makes editors with YAML support check and complete it against [tailgate.schema.json](tailgate.schema.json).',
    fence(example),
    'Anchors, aliases and tags are refused, and so are keys that Tailgate does not know. The file may have 64 kB, 100 models and 300 cases.',
    '## Keys',
    'Nested keys are written with dots. `<id>` is a name of your choice: lower-case letters, digits, `_` and `-`, at most 63 characters.'
  ]
}

function renderSection(section: Option): readonly string[] {
  const options = listOptions(section)
  const table = ['| key | type | default | meaning |', '|---|---|---|---|', ...options.map(renderRow)].join('\n')
  // A key without keys below it says what it means in its own row.
  const isSingle = options.some(({ key }) => key === section.key)
  const intro = [...(isSingle ? [] : [describe(section.schema)]), ...describeOrigin(section.key)].join(' ')
  return [`### \`${section.key}\``, ...(intro === '' ? [] : [intro]), table]
}

function describeOrigin(sectionKey: string): readonly string[] {
  if (MEASURED_KEYS.some((key) => key === sectionKey)) return ["Read from each side's own commit."]
  return JUDGED_KEYS.some((key) => key === sectionKey) ? ['Read from the base branch.'] : []
}

/** The leaves below an option, with dotted keys; a mapping without options of its own is a leaf too. */
function listOptions({ key, schema }: Option): readonly Option[] {
  const inner = unwrapOption(schema)
  if (inner instanceof z.ZodRecord && unwrapOption(inner.valueType) instanceof z.ZodObject) {
    return listOptions({ key: `${key}.<id>`, schema: inner.valueType })
  }
  if (inner instanceof z.ZodObject && Object.keys(inner.shape).length > 0) {
    return Object.entries(inner.shape).flatMap(([name, option]) =>
      listOptions({ key: `${key}.${name}`, schema: option })
    )
  }
  return [{ key, schema }]
}

function renderRow({ key, schema }: Option): string {
  return `| ${code(key)} | ${cell(describeType(schema))} | ${renderDefault(schema)} | ${cell(describe(schema))} |`
}

function describeType(schema: z.core.$ZodType): string {
  const inner = unwrapOption(schema)
  if (inner instanceof z.ZodRecord) return `a mapping from names to ${describeType(inner.valueType)}`
  return describeExpectation(inner)
}

function renderDefault(schema: z.core.$ZodType): string {
  const value = jsonSchemaOf(schema).default
  if (value !== undefined) return code(typeof value === 'string' ? value : JSON.stringify(value))
  return schema instanceof z.ZodOptional ? '–' : 'required'
}

function describe(schema: z.core.$ZodType): string {
  // The description stands on the option, its default around it.
  const described = schema instanceof z.ZodDefault || schema instanceof z.ZodOptional ? schema.def.innerType : schema
  return jsonSchemaOf(described).description ?? ''
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/(?<!`)(\*\*?)(?!`)/g, '\\$1')
}

function code(text: string): string {
  return `\`${text}\``
}

function fence(yaml: string): string {
  return `\`\`\`yaml\n${yaml.trimEnd()}\n\`\`\``
}
