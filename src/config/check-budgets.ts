import type { TailgateConfig } from './config.schema.ts'
import type { Finding } from './describe-issue.ts'
import { findUnknownModel } from './find-unknown-model.ts'

/** A limit on something that is not measured would never be broken. */
export function checkBudgets(config: TailgateConfig): readonly Finding[] {
  const known = Object.keys(config.models)
  return Object.entries(config.budgets).flatMap(([model, scenarios]) => {
    const path = ['budgets', model]
    if (!known.includes(model)) return findUnknownModel(path, model, known)
    return Object.keys(scenarios)
      .filter((kind) => !isMeasured(config.scenarios, kind, model))
      .map((kind) => {
        const message = `the model "${model}" is not measured in the scenario "${kind}"; add it under scenarios, or remove this`
        return { path: [...path, kind], message }
      })
  })
}

function isMeasured(scenarios: TailgateConfig['scenarios'], kind: string, model: string): boolean {
  const scenario = Object.entries(scenarios).find(([name]) => name === kind)?.[1]
  return scenario !== undefined && (scenario.models?.includes(model) ?? true)
}

/** An accuracy check is for a model that is listed. */
export function checkAccuracy({ accuracy, models }: TailgateConfig): readonly Finding[] {
  const known = Object.keys(models)
  return Object.keys(accuracy).flatMap((model) => findUnknownModel(['accuracy', model], model, known))
}
