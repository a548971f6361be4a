import type { TailgateConfig } from './config.schema.ts'
import type { Finding } from './describe-issue.ts'
import { findUnknownModel } from './find-unknown-model.ts'

/** Mistakes in scenarios that single values do not show. */
export function checkScenarios({ scenarios, models }: TailgateConfig): readonly Finding[] {
  const known = Object.keys(models)
  const misnamed = Object.entries(scenarios).flatMap(([kind, scenario]) =>
    (scenario?.models ?? []).flatMap((id, index) => findUnknownModel(['scenarios', kind, 'models', index], id, known))
  )
  return [...misnamed, ...checkRamp(scenarios.ramp)]
}

function checkRamp(ramp: TailgateConfig['scenarios']['ramp']): readonly Finding[] {
  if (ramp === undefined || ramp.from < ramp.to) return []
  return [{ path: ['scenarios', 'ramp', 'to'], message: `must be more than "from", which is ${ramp.from}` }]
}

/** A variant and what it is compared with must both be there, and differ. */
export function checkVariants({ variants, models }: TailgateConfig): readonly Finding[] {
  const known = Object.keys(models)
  return Object.entries(variants).flatMap(([variant, original]) => {
    const path = ['variants', variant]
    if (variant === original) return [{ path, message: 'a model cannot be compared with itself; name another one' }]
    return [...findUnknownModel(path, variant, known), ...findUnknownModel(path, original, known)]
  })
}
