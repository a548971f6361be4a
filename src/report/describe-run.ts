import type { CaseSpec, SideSpec } from '#contracts/case.ts'
import type { CaseComparison } from '#stats/verdict.ts'
import { describeCalibration } from './describe-calibration.ts'
import { formatCount, formatDuration, formatMemory, formatPlural } from './format-quantity.ts'
import { describeOpenEnded } from './needed-measuring.ts'
import type { MeasuredFacts, RunIdentity, SkippedCase } from './outcome.ts'
import type { ReportCase, ReportFact } from './report-parts.ts'
import { code, commitLink, isFullSha, prose, type RichText } from './rich-text.ts'
import type { Judged } from './unmeasured.ts'
import { proseFromUntrusted } from './untrusted-prose.ts'

/** Both commits and the run: what every report can say about itself. */
export function describeIdentity(identity: RunIdentity): readonly ReportFact[] {
  const { baselineSha, baseTipSha, headSha, baseRef, repositoryUrl, pullRequest, runId, attempt } = identity
  const { measuredEverything } = identity
  const facts: ReportFact[] = []
  if (baselineSha !== null) {
    const commit = commitLink(baselineSha, repositoryUrl)
    facts.push({ label: 'Baseline', value: prose`${commit}, the merge base with ${code(baseRef)}` })
  }
  const head = commitLink(headSha, repositoryUrl)
  const whose = pullRequest === null ? '' : ', the head of this pull request'
  facts.push({ label: 'Candidate', value: prose`${head}${whose}` })
  if (baseTipSha !== null && baseTipSha !== baselineSha) {
    const tip = commitLink(baseTipSha, repositoryUrl)
    facts.push({ label: 'Judged by', value: prose`the configuration of ${tip}, the tip of ${code(baseRef)}` })
  }
  const asked = measuredEverything ? ', every case because it was asked for' : ''
  facts.push({ label: 'Run', value: prose`${code(runId)}, attempt ${attempt}${asked}` })
  return facts
}

/** `Commit abcdef1 against 1234567.` */
export function describeCommits({ baselineSha, headSha, repositoryUrl }: RunIdentity): RichText {
  const head = commitLink(headSha, repositoryUrl)
  if (baselineSha === null) return prose`Commit ${head}.`
  return prose`Commit ${head} against ${commitLink(baselineSha, repositoryUrl)}.`
}

/** The machine and the effort behind the numbers. */
export function describeMeasuring(outcome: Judged): readonly ReportFact[] {
  const { fingerprint, startedAt, finishedAt } = outcome.result
  const { cpuModel, cpuCount, memoryBytes, os, nodeVersion, onnxruntimeVersion, device, sandbox } = fingerprint
  const openEnded = describeOpenEnded(outcome.comparison.cases)
  const wallMs = Date.parse(finishedAt) - Date.parse(startedAt)
  const isolation = sandbox === 'none' ? 'none: this worker has no sandbox program' : sandbox
  return [
    {
      label: 'Machine',
      value: prose`${code(cpuModel)}, ${formatPlural(cpuCount, 'CPU')}, ${formatMemory(memoryBytes)} memory, ${code(os)}`
    },
    {
      label: 'Engine',
      value: prose`ONNX Runtime ${code(onnxruntimeVersion)} on ${code(device)}, Node ${code(nodeVersion)}`
    },
    { label: 'Sandbox', value: [isolation] },
    { label: 'Calibration', value: describeCalibration(outcome.result.calibration) },
    { label: 'Time', value: [`${formatDuration(outcome.measuringMs)} of measuring, ${formatDuration(wallMs)} in all`] },
    ...(openEnded === null ? [] : [{ label: 'Rounds', value: [openEnded] }])
  ]
}

/**
 * Commands that repeat the comparison from a checkout of Tailgate; null for a local one and unless both commits are known.
 * The base's tip comes first: its configuration judges, and the merge base follows from it.
 */
export function describeReproduction(identity: RunIdentity): string | null {
  const { headSha, pullRequest, measuredEverything } = identity
  const base = identity.baseTipSha ?? identity.baselineSha
  if (pullRequest === null || base === null || !isFullSha(base) || !isFullSha(headSha)) return null
  const all = measuredEverything ? ' --all' : ''
  return [
    `git -C ${CLONE} fetch origin pull/${pullRequest}/head`,
    `npm run tailgate -- compare --repo ${CLONE} --base ${base} --head ${headSha}${all}`
  ].join('\n')
}

/** Stands in the commands for the reader's own clone; the templates say so. */
const CLONE = 'path/to/clone'

/** One row of the table of cases. */
export function describeCase(
  spec: CaseSpec,
  measured: CaseComparison | undefined,
  facts: MeasuredFacts | undefined
): ReportCase {
  const { baseline, candidate, scenario } = spec
  return {
    id: spec.id,
    model: [
      ...changed(code(baseline.modelPath), code(candidate.modelPath), baseline.modelPath === candidate.modelPath),
      ...(facts === undefined ? [] : describeFile(facts))
    ],
    session: [...describeSession(baseline, candidate), ...describeInputs(baseline, candidate)],
    scenario: scenario.kind === 'offline' ? `offline, batches of ${scenario.batchSize}` : 'single stream',
    rounds: measured === undefined ? '–' : formatCount(measured.rounds),
    requests: measured === undefined ? '–' : formatSides(measured.requests),
    errors: measured === undefined ? '–' : formatSides(measured.errors)
  }
}

const SHORT_DIGEST_CHARS = 12

/** `, same bytes on both sides (SHA-256 ab12…)` or `, bytes differ (SHA-256 ab12… → cd34…)`. Speaks of this file alone. */
function describeFile({ models }: MeasuredFacts): RichText {
  const { baseline, candidate } = models
  const digest = ({ sha256 }: { readonly sha256: string }) => code(sha256.slice(0, SHORT_DIGEST_CHARS))
  if (baseline.sha256 === candidate.sha256) return prose`, same bytes on both sides (SHA-256 ${digest(baseline)})`
  return prose`, bytes differ (SHA-256 ${digest(baseline)} → ${digest(candidate)})`
}

function formatSides({ baseline, candidate }: { readonly baseline: number; readonly candidate: number }): string {
  const [left, right] = [formatCount(baseline), formatCount(candidate)]
  return left === right ? left : `${left} → ${right}`
}

function changed(baseline: string | ReturnType<typeof code>, candidate: typeof baseline, same: boolean): RichText {
  return same ? [baseline] : [baseline, ' → ', candidate]
}

/** The session of both sides; what the pull request changes in it stands as `before → after`. */
function describeSession({ session: before }: SideSpec, { session: after }: SideSpec): RichText {
  const settings: readonly (readonly [name: string, before: string, after: string, always: boolean])[] = [
    ['', before.executionProvider, after.executionProvider, true],
    ['optimization ', before.graphOptimizationLevel, after.graphOptimizationLevel, true],
    ['threads ', String(before.intraOpNumThreads), String(after.intraOpNumThreads), true],
    ['inter-op threads ', String(before.interOpNumThreads), String(after.interOpNumThreads), false],
    ['execution ', before.executionMode, after.executionMode, false],
    ['memory arena ', onOff(before.enableCpuMemArena), onOff(after.enableCpuMemArena), false],
    ['memory pattern ', onOff(before.enableMemPattern), onOff(after.enableMemPattern), false]
  ]
  const shown = settings
    .filter(([, left, right, always]) => always || left !== right)
    .map(([name, left, right]) => (left === right ? `${name}${left}` : `${name}${left} → ${right}`))
  return [shown.join(', ')]
}

function onOff(enabled: boolean): string {
  return enabled ? 'on' : 'off'
}

function describeInputs({ inputs: before }: SideSpec, { inputs: after }: SideSpec): RichText {
  return JSON.stringify(before) === JSON.stringify(after) ? [] : ['; inputs differ between the sides']
}

const WHY_SKIPPED: Readonly<Record<SkippedCase['why'], string>> = {
  unaffected: 'not affected by this change',
  added: 'new, so there is nothing to compare it with',
  removed: 'removed, so there is nothing left to measure'
}

/** `vad/default/single_stream: not affected by this change. models/vad.onnx is the same.` */
export function describeSkipped({ id, why, detail }: SkippedCase): RichText {
  return prose`${code(id)}: ${WHY_SKIPPED[why]}. ${proseFromUntrusted(detail)}`
}
