import { closestWord } from './closest-word.ts'
import type { ModelConfig, TailgateConfig } from './config.schema.ts'
import { type Finding, quoteNames } from './describe-issue.ts'

/** More cases than this would keep a runner busy for hours. */
export const MAX_CASES = 300

/** 400 MB of float32: no real input is larger, and a pull request can ask for anything. */
const MAX_INPUT_ELEMENTS = 100_000_000

/** Largest accepted threshold, as a ratio; a share cannot differ by more than 1. */
const MAX_THRESHOLDS = { p50: 10, throughput: 10, p95: 10, p99: 10, slow_share: 1 } as const

/** Mistakes that single values do not show: references, counts and sums. Empty when there are none. */
export function checkConfig(config: TailgateConfig): readonly Finding[] {
  const models = Object.entries(config.models)
  return [
    ...checkCounts(config),
    ...models.flatMap(([id, model]) => checkModel(id, model, Object.keys(config.sessions))),
    ...checkThresholds(config)
  ]
}

/** Session ids of a model, in the order they are written, without repetitions. */
export function sessionIds(model: ModelConfig): readonly string[] {
  return typeof model.session === 'string' ? [model.session] : [...new Set(model.session)]
}

function checkCounts(config: TailgateConfig): readonly Finding[] {
  const models = Object.values(config.models)
  const scenarioCount = Object.values(config.scenarios).filter((scenario) => scenario !== undefined).length
  const findings: Finding[] = []
  if (models.length === 0) findings.push({ path: ['models'], message: 'no model is listed; add at least one' })
  findings.push(...checkSize(['models'], 'models', models.length, 100))
  findings.push(...checkSize(['sessions'], 'sessions', Object.keys(config.sessions).length, 50))
  findings.push(...checkSize(['thresholds', 'models'], 'models', Object.keys(config.thresholds.models).length, 100))
  if (scenarioCount === 0) {
    const message = 'no scenario is listed; add "single_stream: {}" or "offline: {}", or remove the key to measure both'
    findings.push({ path: ['scenarios'], message })
  }
  const caseCount = scenarioCount * models.reduce((sum, model) => sum + sessionIds(model).length, 0)
  if (caseCount > MAX_CASES) {
    const message = `models, their sessions and scenarios make ${caseCount} cases; at most ${MAX_CASES} are possible. List fewer`
    findings.push({ path: ['models'], message })
  }
  return findings
}

function checkSize(path: readonly string[], what: string, count: number, max: number): readonly Finding[] {
  if (count <= max) return []
  return [{ path, message: `${count} ${what} are listed; at most ${max} are possible. List fewer` }]
}

function checkModel(id: string, model: ModelConfig, sessions: readonly string[]): readonly Finding[] {
  const { dims, values, shapes } = model.inputs
  return [
    ...checkPath(id, model.path),
    ...checkSessions(id, model, sessions),
    ...checkSize(['models', id, 'inputs', 'dims'], 'dimensions', Object.keys(dims).length, 50),
    ...checkSize(['models', id, 'inputs', 'values'], 'inputs', Object.keys(values).length, 50),
    ...checkSize(['models', id, 'inputs', 'shapes'], 'inputs', Object.keys(shapes).length, 50),
    ...Object.entries(shapes).flatMap(([name, shape]) => checkShape(['models', id, 'inputs', 'shapes', name], shape))
  ]
}

function checkPath(id: string, path: string): readonly Finding[] {
  if (!path.endsWith('/') && !path.includes('//')) return []
  return [
    { path: ['models', id, 'path'], message: `${JSON.stringify(path)} is not a file's path; remove the extra "/"` }
  ]
}

function checkSessions(id: string, model: ModelConfig, sessions: readonly string[]): readonly Finding[] {
  const isList = typeof model.session !== 'string'
  const ids = typeof model.session === 'string' ? [model.session] : model.session
  return ids.flatMap((session, index) => {
    if (sessions.includes(session)) return []
    const closest = closestWord(session, sessions)
    const question = closest === null ? '' : ` did you mean "${closest}"?`
    const path = ['models', id, 'session', ...(isList ? [index] : [])]
    return [{ path, message: `there is no session "${session}";${question} defined: ${quoteNames(sessions)}` }]
  })
}

function checkShape(path: readonly string[], shape: readonly number[]): readonly Finding[] {
  const elements = shape.reduce((product, size) => product * size, 1)
  if (elements <= MAX_INPUT_ELEMENTS) return []
  const message = `this shape has ${elements} elements; at most ${MAX_INPUT_ELEMENTS} are possible`
  return [{ path, message }]
}

function checkThresholds(config: TailgateConfig): readonly Finding[] {
  const { models, ...general } = config.thresholds
  const known = Object.keys(config.models)
  return [
    ...checkRatios(['thresholds'], general),
    ...Object.entries(models).flatMap(([id, thresholds]) => [
      ...checkThresholdModel(id, known),
      ...checkRatios(['thresholds', 'models', id], thresholds)
    ])
  ]
}

function checkThresholdModel(id: string, known: readonly string[]): readonly Finding[] {
  if (known.includes(id)) return []
  const closest = closestWord(id, known)
  const question = closest === null ? '' : ` did you mean "${closest}"?`
  const path = ['thresholds', 'models', id]
  return [{ path, message: `there is no model "${id}";${question} listed under models: ${quoteNames(known)}` }]
}

type Ratios = { readonly [metric in keyof typeof MAX_THRESHOLDS]?: number | undefined }

function checkRatios(path: readonly string[], ratios: Ratios): readonly Finding[] {
  return Object.entries(ratios).flatMap(([metric, ratio]) => {
    const max = metric === 'slow_share' ? MAX_THRESHOLDS.slow_share : MAX_THRESHOLDS.p50
    if (ratio === undefined || (ratio > 0 && ratio <= max)) return []
    return [{ path: [...path, metric], message: `must be more than 0% and at most ${max * 100}%` }]
  })
}
