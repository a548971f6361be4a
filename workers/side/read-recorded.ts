import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import type { RecordedSample, RecordedValue } from './fit-recorded.ts'
import { describeSignature, type ModelInput } from './model-input.ts'
import { type Refusal, refuse } from './plan-values.ts'
import type { RecordedSource } from './protocol.ts'
import { readNpy } from './read-npy.ts'
import { readNpz } from './read-npz.ts'
import { readRecordedJson } from './read-recorded-json.ts'
import { RecordedFileError } from './recorded-file-error.ts'

export type RecordedSamples = { readonly ok: true; readonly samples: readonly RecordedSample[] } | Refusal

export interface RecordedLimits {
  /** Of all files together, unpacked. */
  readonly maxBytes: number
  /** JSON takes many times its size in memory while it is read. */
  readonly maxJsonBytes: number
  readonly maxSamples: number
}

/** As many bytes as the elements that a case may carry can take. */
export const RECORDED_LIMITS: RecordedLimits = {
  maxBytes: 512 * 1024 ** 2,
  maxJsonBytes: 64 * 1024 ** 2,
  maxSamples: 1024
}

/**
 * Reads all recorded samples of one case. `.npz` files hold one sample each, `.json` files one or more. The first `.npy`
 * file of each input makes one sample, the second of each the next, and so on.
 *
 * The files are from a pull request and may be anything. Read them only in the process that runs the model.
 */
export function readRecorded(
  sources: readonly RecordedSource[],
  modelInputs: readonly ModelInput[],
  limits: RecordedLimits = RECORDED_LIMITS
): RecordedSamples {
  try {
    const samples: RecordedSample[] = []
    const rows = new NpyRows(modelInputs)
    let leftBytes = limits.maxBytes
    for (const source of sources) {
      const isJson = /\.json$/i.test(source.path)
      const bytes = readWhole(source, isJson ? Math.min(leftBytes, limits.maxJsonBytes) : leftBytes)
      leftBytes -= bytes.length
      if (/\.npy$/i.test(source.path)) rows.add(source, bytes)
      else {
        const read = readSamples(source, bytes, leftBytes)
        leftBytes -= countBytes(read)
        samples.push(...read)
      }
    }
    const all = [...rows.finish(), ...samples]
    return all.length > limits.maxSamples ? tooMany(all.length, limits) : { ok: true, samples: all }
  } catch (error) {
    if (error instanceof RecordedFileError) return refuse(error.message, error.hint)
    throw error
  }
}

function countBytes(samples: readonly RecordedSample[]): number {
  let bytes = 0
  for (const value of samples.flatMap((sample) => [...sample.values()])) {
    if (value.kind === 'typed' && ArrayBuffer.isView(value.elements)) bytes += value.elements.byteLength
  }
  return bytes
}

function readSamples({ path }: RecordedSource, bytes: Buffer, leftBytes: number): readonly RecordedSample[] {
  if (/\.npz$/i.test(path)) return [readNpz(bytes, path, Math.max(0, leftBytes))]
  if (/\.json$/i.test(path)) return readRecordedJson(bytes.toString('utf8'), path)
  throw new RecordedFileError(
    `\`${path}\` is no file of samples.`,
    'Samples are recorded as .npy, .npz or .json files.'
  )
}

function readWhole({ file, path }: RecordedSource, maxBytes: number): Buffer {
  const descriptor = openSync(file, 'r')
  try {
    const { size } = fstatSync(descriptor)
    if (size > maxBytes) {
      throw new RecordedFileError(
        `\`${path}\` has ${size} bytes, and ${Math.max(0, maxBytes)} are left for recorded samples.`,
        'Record fewer or smaller samples; large ones are best kept as .npz.'
      )
    }
    const bytes = Buffer.allocUnsafeSlow(size)
    let done = 0
    for (let read = -1; done < size && read !== 0; done += read)
      read = readSync(descriptor, bytes, done, size - done, null)
    return bytes.subarray(0, done)
  } finally {
    closeSync(descriptor)
  }
}

/** Samples that are spread over .npy files, one file for each input. */
class NpyRows {
  readonly #modelInputs: readonly ModelInput[]
  readonly #values = new Map<string, RecordedValue[]>()

  constructor(modelInputs: readonly ModelInput[]) {
    this.#modelInputs = modelInputs
  }

  add({ path, input }: RecordedSource, bytes: Buffer): void {
    const name = input ?? this.#onlyInput(path)
    this.#values.set(name, [...(this.#values.get(name) ?? []), readNpy(bytes, `\`${path}\``)])
  }

  finish(): readonly RecordedSample[] {
    const counts = [...this.#values].map(([name, values]) => ({ name, files: values.length }))
    const [first] = counts
    const other = counts.find(({ files }) => files !== first?.files)
    if (first !== undefined && other !== undefined) {
      throw new RecordedFileError(
        `There are ${first.files} .npy files for the input \`${first.name}\` and ${other.files} for \`${other.name}\`; each sample takes one of each.`,
        'List as many .npy files for one input as for the other, or put each sample into one .npz file.'
      )
    }
    return Array.from({ length: first?.files ?? 0 }, (_, row) => {
      const sample = new Map<string, RecordedValue>()
      for (const [name, values] of this.#values) {
        const value = values[row]
        if (value !== undefined) sample.set(name, value)
      }
      return sample
    })
  }

  #onlyInput(path: string): string {
    const [only, ...others] = this.#modelInputs
    if (only !== undefined && others.length === 0) return only.name
    throw new RecordedFileError(
      `\`${path}\` does not say which input it is for, and the model has ${this.#modelInputs.length}.`,
      `Name its \`input\`: the model takes ${describeSignature(this.#modelInputs)}.`
    )
  }
}

function tooMany(samples: number, { maxSamples }: RecordedLimits): Refusal {
  return refuse(`${samples} samples are recorded, more than ${maxSamples}.`, 'Record fewer samples.')
}
