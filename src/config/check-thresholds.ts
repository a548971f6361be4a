import type { TailgateConfig } from './config.schema.ts'
import type { Finding } from './describe-issue.ts'
import { findUnknownModel } from './find-unknown-model.ts'

/** Largest accepted threshold, as a ratio; a share cannot differ by more than 1. */
const MAX_THRESHOLDS = { p50: 10, throughput: 10, p95: 10, p99: 10, slow_share: 1 } as const

export function checkThresholds(config: TailgateConfig): readonly Finding[] {
  const { models, ...general } = config.thresholds
  const known = Object.keys(config.models)
  return [
    ...checkRatios(['thresholds'], general),
    ...Object.entries(models).flatMap(([id, thresholds]) => [
      ...findUnknownModel(['thresholds', 'models', id], id, known),
      ...checkRatios(['thresholds', 'models', id], thresholds)
    ])
  ]
}

type Ratios = { readonly [metric in keyof typeof MAX_THRESHOLDS]?: number | undefined }

function checkRatios(path: readonly string[], ratios: Ratios): readonly Finding[] {
  return Object.entries(ratios).flatMap(([metric, ratio]) => {
    const max = metric === 'slow_share' ? MAX_THRESHOLDS.slow_share : MAX_THRESHOLDS.p50
    if (ratio === undefined || (ratio > 0 && ratio <= max)) return []
    return [{ path: [...path, metric], message: `must be more than 0% and at most ${max * 100}%` }]
  })
}
