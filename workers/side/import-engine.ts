import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { InferenceSession, InferenceSessionFactory, Tensor } from 'onnxruntime-node'
import type { ElementType } from '#contracts/inputs.ts'
import type { TensorValues } from './element-types.ts'
import { withholdHalfArrays } from './half-precision.ts'

export type Session = InferenceSession
export type Feeds = Readonly<Record<string, Tensor>>

/** The parts of onnxruntime-node that a side uses. Sessions take tensors of their own engine only. */
export interface Engine {
  readonly InferenceSession: Pick<InferenceSessionFactory, 'create'>
  readonly Tensor: new (type: ElementType, values: TensorValues, shape: readonly number[]) => Tensor
  /** How `require` finds the package: its name or its folder. */
  readonly packagePath: string
}

/**
 * Loads onnxruntime-node.
 *
 * One process can hold one engine only: the native libraries of all versions have the same name, and the loader of the
 * system would give the second version the library of the first.
 *
 * @param directory absolute path of a folder with `node_modules/onnxruntime-node` in it, or null for the worker's own.
 *   The package is taken from there and nowhere else: no other version may step in for one that is missing
 * @throws when there is none, or when it cannot be loaded on this machine
 */
export function importEngine(directory: string | null): Engine {
  withholdHalfArrays()
  const packagePath = directory === null ? 'onnxruntime-node' : join(directory, 'node_modules', 'onnxruntime-node')
  const loaded: unknown = createRequire(import.meta.url)(packagePath)
  if (!isEngine(loaded)) throw new Error(`${packagePath} is no engine that ONNX models can be run with.`)
  return { InferenceSession: loaded.InferenceSession, Tensor: loaded.Tensor, packagePath }
}

function isEngine(value: unknown): value is Pick<Engine, 'InferenceSession' | 'Tensor'> {
  return typeof value === 'object' && value !== null && 'InferenceSession' in value && 'Tensor' in value
}
