import type { TailgateConfig } from './config.schema.ts'
import type { Finding } from './describe-issue.ts'
import { findUnknownModel } from './find-unknown-model.ts'
import type { ThresholdName } from './thresholds.schema.ts'

interface Limit {
  readonly max: number
  readonly message: string
}

const RATIO: Limit = { max: 10, message: 'must be more than 0% and at most 1000%' }
/** A share cannot differ by more than 1. */
const SHARE: Limit = { max: 1, message: 'must be more than 0% and at most 100%' }
const BYTES: Limit = { max: 900 * 1024 ** 3, message: 'must be more than 0B and at most 900GiB' }

/** What is not listed is a ratio. */
const OTHERS: { readonly [name in ThresholdName]?: Limit } = {
  slow_share: SHARE,
  goodput: SHARE,
  latency_drift: SHARE,
  memory_growth: BYTES
}

export function checkThresholds(config: TailgateConfig): readonly Finding[] {
  const { models, ...general } = config.thresholds
  const known = Object.keys(config.models)
  return [
    ...checkAmounts(['thresholds'], general),
    ...Object.entries(models).flatMap(([id, thresholds]) => [
      ...findUnknownModel(['thresholds', 'models', id], id, known),
      ...checkAmounts(['thresholds', 'models', id], thresholds)
    ])
  ]
}

type Amounts = { readonly [name in ThresholdName]?: number | undefined }

function checkAmounts(path: readonly string[], amounts: Amounts): readonly Finding[] {
  return Object.entries(amounts).flatMap(([name, amount]) => {
    const { max, message } = Object.entries(OTHERS).find(([other]) => other === name)?.[1] ?? RATIO
    if (amount === undefined || (amount > 0 && amount <= max)) return []
    return [{ path: [...path, name], message }]
  })
}
