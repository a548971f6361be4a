import type { BenchmarkFailure } from '#contracts/benchmark-result.ts'
import type { CaseCalibration, WorkerCalibration } from '#contracts/calibration.ts'
import type { CaseSpec } from '#contracts/case.ts'
import { INFERRED_INPUTS } from '#contracts/inputs.ts'
import { DEFAULT_THRESHOLDS } from '#contracts/measurements.ts'
import { METRIC_FACTS, type Metric } from '#contracts/metric.ts'
import { DEFAULT_SESSION } from '#contracts/session.ts'
import type { MeasuredFacts, Outcome, RunIdentity } from '#src/report/outcome.ts'
import type { Judged } from '#src/report/unmeasured.ts'
import { thresholdOf } from '#stats/judge-settings.ts'
import type { CaseComparison, InconclusiveReason, MetricComparison, RunComparison, Verdict } from '#stats/verdict.ts'

/** Outcomes as real runs produce them, with one thing to vary each. */

export const IDENTITY: RunIdentity = {
  runId: '4711',
  attempt: 1,
  repository: 'acme/voice',
  pullRequest: 7,
  baseRef: 'main',
  baselineSha: '0123456789abcdef0123456789abcdef01234567',
  baseTipSha: '89abcdef0123456789abcdef0123456789abcdef',
  headSha: 'fedcba9876543210fedcba9876543210fedcba98',
  measuredEverything: false,
  repositoryUrl: 'https://github.com/acme/voice'
}

export const CASE_ID = 'vad/default/single_stream'

const P50_NS = 412_000
const BASELINES: Readonly<Record<Metric, number>> = {
  p50: P50_NS,
  throughput: 2370,
  p95: 471_000,
  p99: 688_000,
  slow_share: 0.021,
  service_p50: 398_000,
  sustained_rate: 1840,
  ready: 412_000_000,
  ttft: 38_000_000,
  itl: 5_200_000,
  tokens_per_s: 187,
  itl_p95: 6_100_000,
  goodput: 0.97,
  memory_growth: 12_000,
  latency_drift: 0.01,
  memory: 212_000_000
}

/** One metric with a change, the half-width of its interval and a verdict. */
export function metric(
  name: Metric,
  change: number,
  halfWidth: number,
  verdict: MetricComparison['verdict'],
  reason: InconclusiveReason | null = null
): MetricComparison {
  const assessed = verdict !== 'not_assessed'
  const baseline = BASELINES[name]
  const candidate =
    METRIC_FACTS[name].change === 'difference' ? Math.max(0, baseline + change) : baseline * (1 + change)
  const isQuantile = METRIC_FACTS[name].unit === 'ns'
  return {
    metric: name,
    unit: METRIC_FACTS[name].unit,
    baseline,
    candidate,
    baselineInterval: isQuantile ? [baseline * 0.998, baseline * 1.003] : null,
    candidateInterval: isQuantile ? [candidate * 0.997, candidate * 1.004] : null,
    relativeChange: assessed ? change : null,
    interval: assessed ? [change - halfWidth, change + halfWidth] : null,
    verdict,
    reason,
    significant: verdict === 'regression' || verdict === 'improvement',
    pValue: assessed ? 0.0001 : null,
    threshold: thresholdOf(name, undefined),
    smallestDetectableChange: assessed ? halfWidth * 1.3 : null
  }
}

const STRADDLES: InconclusiveReason = { kind: 'straddles_margin' }
const UNCALLED_TAIL = [
  metric('p99', 0.031, 0.109, 'inconclusive', STRADDLES),
  metric('slow_share', 0.002, 0.014, 'inconclusive', STRADDLES)
]

/** A case whose latencies all change by `change`; where that is below the limit of a metric, it is real but unchanged. */
export function caseWith(id: string, verdict: Verdict, change: number): CaseComparison {
  const reason = verdict === 'inconclusive' ? STRADDLES : null
  const halfWidth = verdict === 'inconclusive' ? 0.021 : 0.008
  const isCalled = verdict === 'regression' || verdict === 'improvement'
  const called = (name: Metric, size: number): MetricComparison => {
    const isBelow = reason === null && Math.abs(Math.log1p(size)) < Math.log1p(thresholdOf(name, undefined))
    return { ...metric(name, size, halfWidth, isBelow ? 'unchanged' : verdict, reason), significant: isCalled }
  }
  const tail =
    verdict === 'unchanged' || verdict === 'inconclusive'
      ? UNCALLED_TAIL
      : [called('p99', change * 0.93), metric('slow_share', 0.001, 0.004, 'unchanged')]
  return {
    id,
    verdict,
    reason,
    metrics: [called('p50', change), called('throughput', 1 / (1 + change) - 1), called('p95', change * 1.04), ...tail],
    rounds: verdict === 'unchanged' ? 9 : verdict === 'inconclusive' ? 16 : 6,
    requests: { baseline: 18_540, candidate: 18_540 },
    errors: { baseline: 0, candidate: 0, pValue: null },
    needed: verdict === 'inconclusive' ? { rounds: 12, measuringMs: 39_400 } : null,
    warnings: []
  }
}

/** A case in which one side fails requests, so that nothing else is known. */
export function failingCase(
  id: string,
  errors: { readonly baseline: number; readonly candidate: number }
): CaseComparison {
  const reason: InconclusiveReason = { kind: 'error_rates_differ', pValue: 0.0001 }
  const open = ({ metric: name }: MetricComparison): MetricComparison => {
    const nothing = { relativeChange: null, interval: null, pValue: null, smallestDetectableChange: null }
    return { ...metric(name, 0, 0, 'inconclusive', reason), ...nothing }
  }
  const base = caseWith(id, 'inconclusive', 0)
  return { ...base, reason, metrics: base.metrics.map(open), errors: { ...errors, pValue: reason.pValue } }
}

/** What was asked for: the candidate may differ in its session. */
export function specWith(id: string, candidateLevel: 'all' | 'disabled' = 'all'): CaseSpec {
  const [model = 'vad', session = 'default'] = id.split('/')
  const side = {
    modelPath: `models/${model}.onnx`,
    session: DEFAULT_SESSION,
    inputs: INFERRED_INPUTS,
    checkout: null
  }
  return {
    id,
    model,
    session,
    scenario: id.endsWith('offline') ? { kind: 'offline', batchSize: 8 } : { kind: 'single_stream' },
    baseline: side,
    candidate: { ...side, session: { ...side.session, graphOptimizationLevel: candidateLevel } },
    thresholds: DEFAULT_THRESHOLDS
  }
}

export const FAILURE: BenchmarkFailure = {
  code: 'model_is_lfs_pointer',
  side: 'candidate',
  message: 'models/asr.onnx is a Git LFS pointer of 133 bytes and its object is not on the server.',
  hint: 'Push the object with `git lfs push --all origin`, then push again.'
}

/** What the worker says about a case; by default it passed and both sides hold the same file. */
export function measuredFacts(caseId: string, rest: Partial<MeasuredFacts> = {}): MeasuredFacts {
  const model = { sha256: 'ab12'.repeat(16), bytes: 2_327_524, externalData: [] }
  return { caseId, stopReason: 'pass', warnings: [], models: { baseline: model, candidate: model }, ...rest }
}

/** One case of a machine that errs as often as it should. */
export const CALIBRATED_CASE: CaseCalibration = {
  caseId: CASE_ID,
  modelSha256: 'ab12'.repeat(16),
  session: specWith(CASE_ID).baseline.session,
  scenario: { kind: 'single_stream' },
  roundMs: 2000,
  overheadMs: 3500,
  recommendedRoundMs: 1000,
  metrics: [
    {
      metric: 'p50',
      rounds: 60,
      bias: 0.0004,
      biasPValue: 0.7,
      roundSd: 0.009,
      launchSd: 0.0025,
      comparisons: 20,
      falseAlarms: 1,
      detectable: [
        { rounds: 3, measuringMs: 6000, wallMs: 16_500, change: 0.016 },
        { rounds: 5, measuringMs: 10_000, wallMs: 27_500, change: 0.0108 },
        { rounds: 10, measuringMs: 20_000, wallMs: 55_000, change: 0.008 }
      ]
    }
  ]
}

export const CALIBRATION: Extract<WorkerCalibration, { status: 'current' }> = {
  status: 'current',
  measuredAt: '2026-11-20T08:15:00.000Z',
  trust: 'trusted',
  problems: [],
  otherModel: false,
  cases: [CALIBRATED_CASE]
}

/** A judged run over these cases; pass the rest to vary it. */
export function judged(
  verdict: RunComparison['verdict'],
  cases: readonly CaseComparison[],
  rest: Partial<Judged> = {}
): Judged {
  return {
    kind: 'judged',
    checks: [],
    comparison: { verdict, cases },
    cases: cases.map(({ id }) => specWith(id)),
    result: {
      schemaVersion: 1,
      jobId: 'run-4711',
      baselineSha: IDENTITY.baselineSha ?? '',
      candidateSha: IDENTITY.headSha,
      workerId: 'worker-1',
      startedAt: '2026-09-01T10:00:00.000Z',
      finishedAt: '2026-09-01T10:00:27.300Z',
      fingerprint: {
        hostname: 'bench-1.internal',
        cpuModel: 'AMD EPYC 7B13',
        cpuCount: 2,
        memoryBytes: 8_328_966_144,
        os: 'Linux 6.1.0',
        nodeVersion: '24.21.0',
        onnxruntimeVersion: '1.30.0',
        device: 'cpu',
        sandbox: 'bubblewrap'
      },
      calibration: CALIBRATION,
      failure: null
    },
    measured: cases.map(({ id }) => measuredFacts(id)),
    notMeasured: [],
    skipped: [],
    policyEdits: [],
    gate: 'required',
    onInconclusive: 'neutral',
    measuringMs: 10_400,
    ...rest
  }
}

export const REGRESSION = judged('regression', [caseWith(CASE_ID, 'regression', 0.62)], {
  cases: [specWith(CASE_ID, 'disabled')]
})

export const MIXED = judged(
  'mixed',
  [
    caseWith('asr/default/offline', 'improvement', -0.21),
    caseWith('asr/default/single_stream', 'unchanged', 0.004),
    caseWith(CASE_ID, 'regression', 0.062)
  ],
  { policyEdits: ['thresholds.p50', 'gate'] }
)

const UNFINISHED: CaseComparison = {
  ...caseWith('asr/default/offline', 'unchanged', 0.001),
  verdict: 'inconclusive',
  rounds: 6,
  reason: { kind: 'too_few_rounds', rounds: 6, needed: 9 }
}

/** Measuring stopped after six rounds, because one of two cases had regressed. */
export const NOT_FINISHED = judged(
  'regression',
  [
    caseWith(CASE_ID, 'regression', 0.62),
    { ...UNFINISHED, metrics: UNFINISHED.metrics.filter(({ verdict }) => verdict !== 'inconclusive') }
  ],
  { measured: [CASE_ID, UNFINISHED.id].map((id) => measuredFacts(id, { stopReason: 'regression' })) }
)

/** What would have been a regression, on a machine whose calibration failed. */
export function untrustedMachine(): Judged {
  const problems = [
    '9 of 20 comparisons of identical code were flagged for p50; 1 was expected.',
    'p95 is biased by 1.2 %.'
  ]
  const reason: InconclusiveReason = { kind: 'untrusted_worker', problem: problems[0] ?? '' }
  const found = caseWith(CASE_ID, 'regression', 0.034)
  const metrics = found.metrics.map((item) => ({ ...item, verdict: 'inconclusive' as const, reason }))
  const run = judged('inconclusive', [{ ...found, verdict: 'inconclusive', reason, metrics }])
  const cases = [{ ...CALIBRATED_CASE, metrics: CALIBRATED_CASE.metrics.map((item) => ({ ...item, falseAlarms: 9 })) }]
  return { ...run, result: { ...run.result, calibration: { ...CALIBRATION, trust: 'untrusted', problems, cases } } }
}

export const NOTHING_COMPARABLE: Extract<Outcome, { kind: 'nothing_comparable' }> = {
  kind: 'nothing_comparable',
  gate: 'required',
  skipped: [
    {
      id: 'vad-v2/default/single_stream',
      why: 'added',
      detail: 'The baseline has no model "vad-v2" with session "default", so there is nothing to compare.'
    },
    {
      id: CASE_ID,
      why: 'removed',
      detail: 'The candidate has no model "vad" with session "default", so there is nothing to compare.'
    }
  ]
}

export const NOTHING_RELEVANT: Outcome = {
  kind: 'nothing_relevant',
  changedFiles: 3,
  skipped: [
    { id: CASE_ID, why: 'unaffected', detail: 'Neither models/vad.onnx nor its settings changed.' },
    { id: 'asr/default/offline', why: 'unaffected', detail: 'Neither models/asr.onnx nor its settings changed.' }
  ]
}

export const CONFIG_INVALID: Outcome = {
  kind: 'config_invalid',
  where: 'head',
  problems: [
    {
      file: '.github/tailgate.yml',
      line: 3,
      key: 'models.vad.path',
      message: 'This must be a string; it is a number. Write the path of an .onnx file inside the repository.'
    },
    {
      file: '.github/tailgate.yml',
      line: 7,
      key: 'treshold',
      message: 'Unknown key. Did you mean `thresholds`?'
    }
  ]
}

export const FAILED: Outcome = {
  kind: 'failed',
  failure: {
    code: 'fetch_failed',
    side: 'candidate',
    message: `Commit ${IDENTITY.headSha} cannot be fetched: the branch was deleted.`,
    hint: 'Restore the branch or push again.'
  }
}

export const TIMED_OUT: Outcome = {
  kind: 'failed',
  failure: {
    code: 'timed_out',
    side: null,
    message: 'No worker took the job within 60 minutes.',
    hint: 'Start a worker, then re-run the check.'
  }
}

const NAMES = ['detector', 'encoder', 'ranker', 'tagger', 'vad'] as const
const SETUPS = ['default', 'threads4'] as const
const LOADS = ['single_stream', 'offline'] as const

/** 20 cases: two regressions, one undecided, one improvement, the rest unchanged. */
export function twentyCases(): Judged {
  const ids = NAMES.flatMap((name) => SETUPS.flatMap((setup) => LOADS.map((load) => `${name}/${setup}/${load}`)))
  const cases = ids.map((id, index) => {
    if (index === 3) return caseWith(id, 'regression', 0.034)
    if (index === 11) return caseWith(id, 'regression', 0.18)
    if (index === 7) return caseWith(id, 'inconclusive', 0.011)
    if (index === 16) return caseWith(id, 'improvement', -0.12)
    return caseWith(id, 'unchanged', ((index % 5) - 2) / 500)
  })
  return judged('mixed', cases)
}

/** Many cases, a third of them slower: more than fits into a comment. */
export function manyCases(count: number): Judged {
  const cases = Array.from({ length: count }, (_, index) => {
    const id = `model-${String(index).padStart(3, '0')}/default/single_stream`
    return index % 3 === 0 ? caseWith(id, 'regression', 0.03 + index / 1000) : caseWith(id, 'unchanged', index / 1e5)
  })
  return judged('regression', cases)
}

/** Text that tries to get out of where it stands. */
export const HOSTILE_TEXTS: readonly string[] = [
  '@octocat @acme/security please',
  '#1 GH-2 acme/voice#3 0123456789abcdef0123456789abcdef01234567',
  'https://evil.example/ www.evil.example mail@evil.example',
  '![x](https://evil.example/pixel.png) [click](javascript:alert(1))',
  '<img src=x onerror=alert(1)></details><script>',
  '<!-- tailgate:report --> --> <!--',
  'a|b\\|c\\\\|d | e',
  '`one` ``two`` ```three',
  '```\n# Heading\n\n- item\n1. one\n> quote\n\n| a | b |\n| - | - |\n~~~',
  '\u202Egnp.exe\u2066 zero\u200Bwidth\u2060 tag\u{E0041}',
  '\u001B[31mred\u001B]8;;https://evil.example\u0007link\u0000',
  ':+1: :tada: **bold** _em_ ~~gone~~ $x^2$ &lt; &#64;octocat',
  '\uD800 lone'
]

/** Every field that a repository, a pull request or a worker can fill, filled with `text`. */
export function hostileOutcomes(text: string): readonly Outcome[] {
  const failure: BenchmarkFailure = { code: 'inference_failed', side: 'baseline', message: text, hint: text }
  const base = caseWith(text, 'inconclusive', 0.01)
  const spec = specWith(text)
  const run = judged('inconclusive', [{ ...base, warnings: [text] }, caseWith(`r ${text}`, 'regression', 0.5)], {
    cases: [
      {
        ...spec,
        baseline: { ...spec.baseline, modelPath: text },
        candidate: { ...spec.candidate, modelPath: `${text} 2` }
      }
    ],
    measured: [measuredFacts(text, { warnings: [text] })],
    notMeasured: [
      { caseId: text, failure },
      { caseId: `n ${text}`, failure: { ...failure, code: 'model_missing' } }
    ],
    skipped: [{ id: text, why: 'removed', detail: text }],
    policyEdits: [text],
    gate: 'advisory'
  })
  const calibration: WorkerCalibration = {
    ...CALIBRATION,
    trust: 'untrusted',
    problems: [text, `2 ${text}`],
    cases: [{ ...CALIBRATED_CASE, caseId: text }]
  }
  const stale: WorkerCalibration = { status: 'stale', measuredAt: CALIBRATION.measuredAt, changed: [text] }
  const untrusted: InconclusiveReason = { kind: 'untrusted_worker', problem: text }
  const downgraded = {
    ...base,
    reason: untrusted,
    metrics: base.metrics.map((item) => ({ ...item, reason: untrusted }))
  }
  const fingerprint = { ...run.result.fingerprint, cpuModel: text, os: text, device: text, nodeVersion: text }
  return [
    { ...run, result: { ...run.result, calibration, fingerprint: { ...fingerprint, onnxruntimeVersion: text } } },
    { ...judged('inconclusive', [downgraded]), result: { ...run.result, calibration: stale } },
    { ...run, comparison: { ...run.comparison, verdict: 'regression' } },
    { kind: 'nothing_relevant', changedFiles: 2, skipped: [{ id: text, why: 'unaffected', detail: text }] },
    { kind: 'nothing_comparable', gate: 'advisory', skipped: [{ id: text, why: 'added', detail: text }] },
    judged('inconclusive', [failingCase(text, { baseline: 0, candidate: 9 })]),
    { kind: 'no_config', where: 'head' },
    { kind: 'no_config', where: 'both' },
    { kind: 'config_invalid', where: 'base', problems: [{ file: text, line: 2, key: text, message: text }] },
    { kind: 'failed', failure },
    { kind: 'cancelled', reason: text },
    { kind: 'awaiting_approval', reason: text }
  ]
}

/** An identity in which nothing is as it should be. The address begins as the bot's own settings have it. */
export function hostileIdentity(text: string): RunIdentity {
  return {
    ...IDENTITY,
    runId: text,
    repository: text,
    baseRef: text,
    headSha: text,
    baseTipSha: text,
    repositoryUrl: `${IDENTITY.repositoryUrl}${text}`
  }
}
