import { copyFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { CaseSpec, SideSpec } from '#contracts/case.ts'
import { INFERRED_INPUTS } from '#contracts/inputs.ts'
import { DEFAULT_THRESHOLDS } from '#contracts/measurements.ts'
import { DEFAULT_SESSION } from '#contracts/session.ts'
import { LARGE_PERCEPTRON, perceptronModel, SMALL_PERCEPTRON } from '#test/fixtures/onnx/write-model.ts'

/** A model to measure, as the worker's code takes it: `modelFile` is the file that `spec` names. */
export interface BenchModel {
  readonly name: string
  readonly modelFile: string
  readonly spec: CaseSpec
}

/** What every process of the bench is started with. */
export interface BenchPlace {
  readonly models: readonly BenchModel[]
  /** Holds the models. */
  readonly folder: string
  readonly bubblewrap: string | null
}

const NO_INPUTS: SideSpec['inputs'] = INFERRED_INPUTS
/** One frame of 32 ms at 16 kHz, as the model is used. */
const SILERO_INPUTS: SideSpec['inputs'] = {
  ...NO_INPUTS,
  overrides: { input: { shape: [1, 512] }, sr: { value: 16_000 } }
}

/** Puts the models into a folder: two perceptrons of about 0.1 ms and 10 ms, and one that people use. */
export async function placeBenchModels(folder: string): Promise<readonly BenchModel[]> {
  const small = benchModel(folder, 'perceptron of about 0.1 ms', 'small.onnx', NO_INPUTS)
  const large = benchModel(folder, 'perceptron of about 10 ms', 'large.onnx', NO_INPUTS)
  const silero = benchModel(folder, 'Silero VAD v5', 'silero.onnx', SILERO_INPUTS)
  await writeFile(small.modelFile, perceptronModel(SMALL_PERCEPTRON))
  await writeFile(large.modelFile, perceptronModel(LARGE_PERCEPTRON))
  const vad = createRequire(import.meta.url).resolve('@ricky0123/vad-web/package.json')
  await copyFile(join(vad, '../dist/silero_vad_v5.onnx'), silero.modelFile)
  return [small, large, silero]
}

function benchModel(folder: string, name: string, modelPath: string, inputs: SideSpec['inputs']): BenchModel {
  const side: SideSpec = {
    modelPath,
    checkout: null,
    session: DEFAULT_SESSION,
    inputs
  }
  const spec: CaseSpec = {
    id: `${modelPath}/default/single_stream`,
    model: modelPath,
    session: 'default',
    scenario: { kind: 'single_stream' },
    baseline: side,
    candidate: side,
    thresholds: DEFAULT_THRESHOLDS
  }
  return { name, modelFile: join(folder, modelPath), spec }
}
