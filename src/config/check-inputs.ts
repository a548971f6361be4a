import { checkSize } from './check-size.ts'
import type { Finding } from './describe-issue.ts'
import type { InputsConfig } from './models.schema.ts'

/** 400 MB of float32: no real input is larger, and a pull request can ask for anything. */
const MAX_INPUT_ELEMENTS = 100_000_000

/** Mistakes across the keys of one model's inputs. What the model itself takes is not known yet. */
export function checkInputs(path: readonly string[], inputs: InputsConfig): readonly Finding[] {
  const { dims, values, shapes, random, samples } = inputs
  return [
    ...checkSize([...path, 'dims'], 'dimensions', Object.keys(dims).length, 50),
    ...checkSize([...path, 'values'], 'inputs', Object.keys(values).length, 50),
    ...checkSize([...path, 'shapes'], 'inputs', Object.keys(shapes).length, 50),
    ...checkSize([...path, 'random'], 'inputs', Object.keys(random).length, 50),
    ...Object.entries(shapes).flatMap(([name, shape]) => checkShape([...path, 'shapes', name], shape)),
    ...Object.entries(dims).flatMap(([name, size]) => checkDimension([...path, 'dims', name], size, samples)),
    ...Object.entries(random).flatMap(([name, values_]) => checkRandom([...path, 'random', name], values_)),
    ...Object.keys(random)
      .filter((name) => Object.hasOwn(values, name))
      .map((name) => ({
        path: [...path, 'random', name],
        message: 'this input also has a fixed number under "values"; keep one of them'
      }))
  ]
}

function checkShape(path: readonly string[], shape: readonly number[]): readonly Finding[] {
  const elements = shape.reduce((product, size) => product * size, 1)
  if (elements <= MAX_INPUT_ELEMENTS) return []
  const message = `this shape has ${elements} elements; at most ${MAX_INPUT_ELEMENTS} are possible`
  return [{ path, message }]
}

function checkDimension(
  path: readonly string[],
  size: InputsConfig['dims'][string],
  samples: number
): readonly Finding[] {
  if (typeof size === 'number') return []
  const findings: Finding[] = []
  if (size.weights.length > 0 && size.weights.length !== size.choices.length) {
    const message = `there are ${size.weights.length} weights for ${size.choices.length} choices; give one for each, or none`
    findings.push({ path: [...path, 'weights'], message })
  }
  if (samples < size.choices.length) {
    const message = `${size.choices.length} sizes cannot all occur in ${samples === 1 ? '1 sample' : `${samples} samples`}; set "samples" to 16, say`
    findings.push({ path, message })
  }
  return findings
}

function checkRandom(path: readonly string[], values: InputsConfig['random'][string]): readonly Finding[] {
  if (!('low' in values) || values.low <= values.high) return []
  return [{ path, message: `"low" (${values.low}) is more than "high" (${values.high}); swap them` }]
}
