/** The words and shapes of a judgement on outputs. Pure data; judge-outputs.ts makes it, describe-equivalence.ts tells it. */

import type { ComparedOutput, ComparedTokens, WorstElement } from '#contracts/outputs.ts'

/**
 * `equivalent`: nothing differs by more than the policy allows. `not_equivalent`: something does, and no verdict on speed is
 * given. `differs`: something does, and it is only reported. `not_checked`: nobody knows.
 */
export type EquivalenceVerdict = 'equivalent' | 'not_equivalent' | 'differs' | 'not_checked'

/** What `auto` became. */
export type EffectiveMode = 'block' | 'report' | 'off'

type Types = ComparedOutput['types']
type Shapes = ComparedOutput['shapes']

/** Why outputs are not the same. */
export type OutputReason =
  /** The candidate lacks it. */
  | { readonly kind: 'output_missing'; readonly output: string }
  | {
      readonly kind: 'shape_differs'
      readonly output: string
      readonly shapes: Shapes
      readonly samples: number
      readonly firstSample: number
    }
  | { readonly kind: 'type_differs'; readonly output: string; readonly types: Types }
  | {
      readonly kind: 'not_finite'
      readonly output: string
      /** NaNs and infinities of the candidate that the baseline does not have. */
      readonly elements: number
      readonly ofElements: number
      readonly worst: WorstElement | null
    }
  | {
      readonly kind: 'elements_differ'
      readonly output: string
      readonly mismatched: number
      readonly elements: number
      readonly allowedShare: number
      readonly tolerance: ComparedOutput['tolerance']
      /** The tolerance was multiplied by it, because the baseline varies. */
      readonly toleranceFactor: number
      readonly maxAbsError: number | null
      readonly worst: WorstElement | null
      /** Null: the baseline was not run against itself. */
      readonly baselineVaries: boolean | null
    }
  | { readonly kind: 'cosine_low'; readonly output: string; readonly cosine: number; readonly limit: number }
  | {
      readonly kind: 'top1_low'
      readonly output: string
      readonly agreed: number
      readonly rows: number
      readonly limit: number
    }
  | {
      readonly kind: 'tokens_differ'
      readonly prefixShare: number
      readonly limit: number
      readonly tokens: ComparedTokens
    }
  | {
      readonly kind: 'length_differs'
      readonly ratio: number
      readonly limits: readonly [low: number, high: number]
      readonly tokens: ComparedTokens
    }

/** What a reader should know besides, and what never changes the verdict. */
export type OutputNote =
  | {
      readonly kind: 'not_compared'
      readonly reason: 'off' | 'too_large' | 'out_of_time' | 'failed'
      readonly message: string
    }
  /** Older workers do not compare. */
  | { readonly kind: 'no_facts' }
  | { readonly kind: 'nothing_to_compare' }
  | {
      readonly kind: 'baseline_varies'
      readonly output: string
      readonly comparisons: number
      readonly mismatchedShare: number
      readonly toleranceFactor: number
      readonly allowedShare: number
    }
  /** It varies so much that no candidate could differ from it. */
  | { readonly kind: 'baseline_hides'; readonly output: string }
  | { readonly kind: 'tokens_vary'; readonly samples: number; readonly identicalSamples: number }
  | { readonly kind: 'baseline_not_finite'; readonly output: string; readonly nan: number; readonly infinite: number }
  | { readonly kind: 'output_added'; readonly output: string }
  | { readonly kind: 'fewer_samples'; readonly compared: number; readonly planned: number }
  | { readonly kind: 'outputs_left_out'; readonly outputs: number }
  /** The least of the reasons, where there were more than a report shows. */
  | { readonly kind: 'reasons_left_out'; readonly reasons: number }

export interface OutputJudgement {
  readonly verdict: EquivalenceVerdict
  readonly mode: EffectiveMode
  /** Whether `auto` chose the mode, and then by what. */
  readonly modeFrom: 'policy' | 'model_identical' | 'model_changed'
  /** The worst output first; empty unless something differs. */
  readonly reasons: readonly OutputReason[]
  readonly notes: readonly OutputNote[]
  readonly samples: number
  readonly outputs: number
}
