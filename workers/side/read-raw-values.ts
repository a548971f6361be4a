import { createRequire } from 'node:module'
import type { RawValue } from './describe-failure.ts'
import type { Engine } from './import-engine.ts'

/**
 * Reads a model's inputs and outputs from the native binding, below the layer that refuses unknown element types. Used
 * only to name the culprit after such a refusal. It leans on the package's inside, so that anything unexpected there
 * gives an empty list and a message that names less.
 */
export function readRawValues({ packagePath }: Pick<Engine, 'packagePath'>, modelFile: string): readonly RawValue[] {
  try {
    const internals: unknown = createRequire(import.meta.url)(`${packagePath}/dist/binding.js`)
    const Session = property(property(internals, 'binding'), 'InferenceSession')
    if (typeof Session !== 'function') return []
    const session: unknown = Reflect.construct(Session, [])
    const loadModel = property(session, 'loadModel')
    if (typeof loadModel !== 'function') return []
    Reflect.apply(loadModel, session, [modelFile, {}])
    return [
      ...listValues(property(session, 'inputMetadata'), 'Input'),
      ...listValues(property(session, 'outputMetadata'), 'Output')
    ]
  } catch {
    return []
  }
}

function listValues(metadata: unknown, role: RawValue['role']): RawValue[] {
  if (!Array.isArray(metadata)) return []
  return metadata.flatMap((value: unknown) => {
    const name = property(value, 'name')
    const type = property(value, 'type')
    return typeof name === 'string' && typeof type === 'number' ? [{ name, role, type }] : []
  })
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}
