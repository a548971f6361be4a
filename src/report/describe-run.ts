import type { GpuIdentity } from '#contracts/environment.ts'
import { describeCalibration } from './describe-calibration.ts'
import { formatDuration, formatMemory, formatPlural } from './format-quantity.ts'
import { describeOpenEnded } from './needed-measuring.ts'
import type { RunIdentity, SkippedCase } from './outcome.ts'
import type { ReportFact } from './report-parts.ts'
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
  const { cpuModel, cpuCount, memoryBytes, os, nodeVersion, device, sandbox } = fingerprint
  const openEnded = describeOpenEnded(outcome.comparison.cases)
  const wallMs = Date.parse(finishedAt) - Date.parse(startedAt)
  const isolation = sandbox === 'none' ? 'none: this worker has no sandbox program' : sandbox
  return [
    {
      label: 'Machine',
      value: prose`${code(cpuModel)}, ${formatPlural(cpuCount, 'CPU')}, ${formatMemory(memoryBytes)} memory, ${code(os)}`
    },
    ...describeGpu(outcome.result.identity?.gpu ?? null),
    {
      label: 'Engine',
      value: prose`ONNX Runtime ${describeEngine(outcome)} on ${code(device)}, Node ${code(nodeVersion)}`
    },
    { label: 'Sandbox', value: [isolation] },
    { label: 'Calibration', value: describeCalibration(outcome.result.calibration) },
    { label: 'Time', value: [`${formatDuration(outcome.measuringMs)} of measuring, ${formatDuration(wallMs)} in all`] },
    ...(openEnded === null ? [] : [{ label: 'Rounds', value: [openEnded] }])
  ]
}

/** `1.29.0 → 1.30.0` where the sides were measured with different ones. */
function describeEngine({ result, cases }: Judged): RichText {
  const own = result.fingerprint.onnxruntimeVersion
  const of = (side: 'baseline' | 'candidate') => cases.map((spec) => spec[side].session.engineVersion ?? own)
  const [before, after] = [new Set(of('baseline')), new Set(of('candidate'))]
  const [left, right] = [[...before][0] ?? own, [...after][0] ?? own]
  // Of several, the table of cases tells which.
  if (before.size > 1 || after.size > 1 || left === right) return [code(left === right ? left : own)]
  return prose`${code(left)} → ${code(right)}`
}

function describeGpu(gpu: GpuIdentity | null): readonly ReportFact[] {
  if (gpu === null) return []
  const driver = gpu.driverVersion === null ? '' : prose`, driver ${code(gpu.driverVersion)}`
  const memory = gpu.memoryTotalBytes === null ? '' : `, ${formatMemory(gpu.memoryTotalBytes)} memory`
  const slice = gpu.mig.instanceUuid === null ? '' : ', a slice of it'
  return [{ label: 'GPU', value: prose`${code(gpu.name)}${driver}${memory}${slice}` }]
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

const WHY_SKIPPED: Readonly<Record<SkippedCase['why'], string>> = {
  unaffected: 'not affected by this change',
  added: 'new, so there is nothing to compare it with',
  removed: 'removed, so there is nothing left to measure'
}

/** `vad/default/single_stream: not affected by this change. models/vad.onnx is the same.` */
export function describeSkipped({ id, why, detail }: SkippedCase): RichText {
  return prose`${code(id)}: ${WHY_SKIPPED[why]}. ${proseFromUntrusted(detail)}`
}
