import { checkAccuracy, checkBudgets } from './check-budgets.ts'
import { checkInputs } from './check-inputs.ts'
import { checkScenarios, checkVariants } from './check-scenarios.ts'
import { checkSize } from './check-size.ts'
import { checkThresholds } from './check-thresholds.ts'
import { closestWord } from './closest-word.ts'
import type { TailgateConfig } from './config.schema.ts'
import { type Finding, quoteNames } from './describe-issue.ts'
import type { ModelConfig } from './models.schema.ts'

/** More cases than this would keep a runner busy for hours. */
const MAX_CASES = 300

/** Mistakes that single values do not show: references, counts and sums. Empty when there are none. */
export function checkConfig(config: TailgateConfig): readonly Finding[] {
  const models = Object.entries(config.models)
  return [
    ...checkCounts(config),
    ...models.flatMap(([id, model]) => checkModel(id, model, Object.keys(config.sessions))),
    ...checkScenarios(config),
    ...checkVariants(config),
    ...checkThresholds(config),
    ...checkBudgets(config),
    ...checkAccuracy(config)
  ]
}

/** Session ids of a model, in the order they are written, without repetitions. */
export function sessionIds(model: ModelConfig): readonly string[] {
  return typeof model.session === 'string' ? [model.session] : [...new Set(model.session)]
}

function checkCounts(config: TailgateConfig): readonly Finding[] {
  const models = Object.values(config.models)
  const scenarios = Object.values(config.scenarios).filter((scenario) => scenario !== undefined)
  const findings: Finding[] = []
  if (models.length === 0) findings.push({ path: ['models'], message: 'no model is listed; add at least one' })
  findings.push(...checkSize(['models'], 'models', models.length, 100))
  findings.push(...checkSize(['sessions'], 'sessions', Object.keys(config.sessions).length, 50))
  findings.push(...checkSize(['thresholds', 'models'], 'models', Object.keys(config.thresholds.models).length, 100))
  if (scenarios.length === 0) {
    const message =
      'no scenario is listed; add "single_stream: {}", say, or remove the key to measure single_stream and offline'
    findings.push({ path: ['scenarios'], message })
  }
  const caseCount = countCases(config, scenarios)
  if (caseCount > MAX_CASES) {
    const message = `models, their sessions and scenarios make ${caseCount} cases; at most ${MAX_CASES} are possible. List fewer`
    findings.push({ path: ['models'], message })
  }
  return findings
}

function countCases(
  config: TailgateConfig,
  scenarios: readonly { readonly models?: readonly string[] | undefined }[]
): number {
  let count = 0
  for (const [id, model] of Object.entries(config.models)) {
    const measured = scenarios.filter((scenario) => scenario.models?.includes(id) ?? true).length
    count += measured * sessionIds(model).length
  }
  return count
}

function checkModel(id: string, model: ModelConfig, sessions: readonly string[]): readonly Finding[] {
  return [
    ...checkPath(id, model.path),
    ...checkSessions(id, model, sessions),
    ...checkInputs(['models', id, 'inputs'], model.inputs)
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
