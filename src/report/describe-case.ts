import type { ModelFacts } from '#contracts/benchmark-result.ts'
import type { CaseSpec, SideSpec } from '#contracts/case.ts'
import { isSameData } from '#src/equivalence/is-same-model.ts'
import type { CaseComparison } from '#stats/verdict.ts'
import { describeInputs } from './describe-inputs.ts'
import { describeScenario } from './describe-scenario.ts'
import { describeSession } from './describe-session.ts'
import { formatCount, formatPlural } from './format-quantity.ts'
import type { MeasuredFacts } from './outcome.ts'
import type { ReportCase } from './report-parts.ts'
import { code, prose, type RichText } from './rich-text.ts'

/** One row of the table of what was compared. */
export function describeCase(
  spec: CaseSpec,
  measured: CaseComparison | undefined,
  facts: MeasuredFacts | undefined
): ReportCase {
  const { baseline, candidate, scenario } = spec
  const inputs = describeInputs(baseline.inputs, candidate.inputs)
  return {
    id: spec.id,
    model: [
      ...changed(code(baseline.modelPath), code(candidate.modelPath), baseline.modelPath === candidate.modelPath),
      ...describeCheckout(baseline, candidate),
      ...(facts === undefined ? [] : describeFile(facts))
    ],
    session: [
      ...describeSession(baseline.session, candidate.session),
      ...(inputs.length === 0 ? [] : ['; ', ...inputs])
    ],
    scenario: describeScenario(scenario),
    rounds: measured === undefined ? '–' : formatCount(measured.rounds),
    requests: measured === undefined ? '–' : formatSides(measured.requests),
    errors: measured === undefined ? '–' : formatSides(measured.errors)
  }
}

/** Variants: two files of one commit. */
function describeCheckout(baseline: SideSpec, candidate: SideSpec): RichText {
  const from = [baseline.checkout ?? 'baseline', candidate.checkout ?? 'candidate'] as const
  return from[0] === from[1] ? [`, both from the ${from[0]}’s commit`] : []
}

const SHORT_DIGEST_CHARS = 12

/** `, same bytes on both sides (SHA-256 ab12…)` or `, bytes differ (SHA-256 ab12… → cd34…)`. Speaks of this file alone. */
function describeFile({ models }: MeasuredFacts): RichText {
  const { baseline, candidate } = models
  const digest = ({ sha256 }: { readonly sha256: string }) => code(sha256.slice(0, SHORT_DIGEST_CHARS))
  const external = describeExternal(baseline, candidate)
  if (baseline.sha256 === candidate.sha256) {
    return prose`, same bytes on both sides (SHA-256 ${digest(baseline)})${external}`
  }
  return prose`, bytes differ (SHA-256 ${digest(baseline)} → ${digest(candidate)})${external}`
}

/** Nothing for models that keep all of their data themselves. */
function describeExternal(before: ModelFacts, after: ModelFacts): string {
  const [was, is] = [before.externalData.length, after.externalData.length]
  if (was + is === 0) return ''
  const files = formatPlural(Math.max(was, is), 'file')
  return `, external data in ${files}: ${isSameData(before, after) ? 'the same' : 'different'}`
}

function formatSides({ baseline, candidate }: { readonly baseline: number; readonly candidate: number }): string {
  const [left, right] = [formatCount(baseline), formatCount(candidate)]
  return left === right ? left : `${left} → ${right}`
}

function changed(baseline: string | ReturnType<typeof code>, candidate: typeof baseline, same: boolean): RichText {
  return same ? [baseline] : [baseline, ' → ', candidate]
}
