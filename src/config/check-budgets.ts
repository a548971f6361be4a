import type { TailgateConfig } from './config.schema.ts'
import type { Finding } from './describe-issue.ts'
import { findUnknownModel } from './find-unknown-model.ts'
import type { ModelBudgets } from './judging.schema.ts'

/** A limit on something that is not measured would never be broken. */
export function checkBudgets(config: TailgateConfig): readonly Finding[] {
  const known = Object.keys(config.models)
  return Object.entries(config.budgets).flatMap(([model, scenarios]) => {
    const path = ['budgets', model]
    if (!known.includes(model)) return findUnknownModel(path, model, known)
    const unmeasured = Object.keys(scenarios)
      .filter((kind) => !isMeasured(config.scenarios, kind, model))
      .map((kind) => {
        const message = `the model "${model}" is not measured in the scenario "${kind}"; add it under scenarios, or remove this`
        return { path: [...path, kind], message }
      })
    return [...unmeasured, ...checkShares(path, scenarios), ...checkGoodput(path, scenarios, config)]
  })
}

function isMeasured(scenarios: TailgateConfig['scenarios'], kind: string, model: string): boolean {
  const scenario = Object.entries(scenarios).find(([name]) => name === kind)?.[1]
  return scenario !== undefined && (scenario.models?.includes(model) ?? true)
}

/** More than all requests cannot fail, and not more than all of them be good. */
function checkShares(path: readonly string[], scenarios: ModelBudgets): readonly Finding[] {
  return Object.entries(scenarios).flatMap(([kind, limits]) => {
    const shares = {
      error_rate: limits?.error_rate,
      goodput_min: kind === 'generate' ? goodputMin(scenarios) : undefined
    }
    return Object.entries(shares).flatMap(([name, share]) =>
      share === undefined || share <= 1 ? [] : [{ path: [...path, kind, name], message: 'must be at most 100%' }]
    )
  })
}

function goodputMin({ generate }: ModelBudgets): number | undefined {
  return generate?.goodput_min
}

/** Without limits to be good by, no request is good or bad. */
function checkGoodput(path: readonly string[], scenarios: ModelBudgets, config: TailgateConfig): readonly Finding[] {
  const { generate } = config.scenarios
  if (goodputMin(scenarios) === undefined || generate === undefined || generate.goodput !== undefined) return []
  const message = 'nothing says which requests are good; set scenarios.generate.goodput, or remove this'
  return [{ path: [...path, 'generate', 'goodput_min'], message }]
}

/** An accuracy check is for a model that is listed. */
export function checkAccuracy({ accuracy, models }: TailgateConfig): readonly Finding[] {
  const known = Object.keys(models)
  return Object.keys(accuracy).flatMap((model) => findUnknownModel(['accuracy', model], model, known))
}
