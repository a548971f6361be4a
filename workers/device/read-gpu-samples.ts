import { chooseFields, parseFieldRows, queryArguments, SAMPLE_FIELDS } from './gpu-fields.ts'
import { type GpuSample, parseGpuSample } from './parse-gpu-sample.ts'
import { type AskSmi, createAskSmi } from './run-nvidia-smi.ts'

/** Every GPU at one moment, by its UUID; empty when nvidia-smi does not tell. */
export async function readGpuSamples(
  program: string,
  knownFields: ReadonlySet<string>,
  ask: AskSmi = createAskSmi(program)
): Promise<ReadonlyMap<string, GpuSample>> {
  const chosen = chooseFields(SAMPLE_FIELDS, knownFields)
  const answer = await ask(queryArguments(chosen))
  if (answer.kind !== 'answered') return new Map()
  const rows = parseFieldRows(answer.text, chosen)
  return new Map(
    rows.flatMap((row) => {
      const uuid = row.get('uuid') ?? null
      return uuid === null ? [] : [[uuid, parseGpuSample(row, 0)]]
    })
  )
}
