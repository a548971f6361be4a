import { describe, expect, test } from 'vitest'
import { renderTerminal } from '#src/report/render-terminal.ts'
import { buildReport } from '#src/report/report-model.ts'
import { hostileChecks } from './hostile-checks.ts'
import {
  CONFIG_INVALID,
  FAILED,
  HOSTILE_TEXTS,
  hostileIdentity,
  hostileOutcomes,
  IDENTITY,
  MIXED,
  REGRESSION,
  twentyCases
} from './sample-outcomes.ts'

const LOCAL = { ...IDENTITY, pullRequest: null, repositoryUrl: null, runId: 'local' }

describe('a report in a terminal', () => {
  test('reads like this', () => {
    expect(renderTerminal(buildReport(LOCAL, MIXED))).toMatchInlineSnapshot(`
      "Mixed: p50 of vad/default/single_stream is 6.2 % slower (5.4 % to 7.0 %); your limit is 2 %; a change of 1.1 % would have been seen. In return, p50 of asr/default/offline is 21 % faster (20 % to 22 %).

      Cases: 1 regression, 1 unchanged, 1 improvement.
      This pull request edits how changes are judged (thresholds.p50 and gate). The edit is not applied until merged.

      Case                       Metric         Baseline  Candidate   Change            Interval  Verdict
      vad/default/single_stream  p50              412 µs     438 µs   +6.2 %    +5.4 % to +7.0 %  x regression
      vad/default/single_stream  p95              471 µs     501 µs   +6.4 %    +5.6 % to +7.3 %  x regression
      vad/default/single_stream  throughput      2,370/s    2,232/s   −5.8 %    −6.7 % to −5.0 %  x regression
      asr/default/single_stream  p50              412 µs     414 µs   +0.4 %    −0.4 % to +1.2 %  = unchanged
      asr/default/single_stream  p95              471 µs     473 µs   +0.4 %    −0.4 % to +1.3 %  = unchanged
      asr/default/single_stream  p99              688 µs     709 µs   +3.1 %     −7.8 % to +14 %  = no regression found, at most +14 %
      asr/default/single_stream  throughput      2,370/s    2,361/s   −0.4 %    −1.2 % to +0.5 %  = unchanged
      vad/default/single_stream  p99              688 µs     728 µs   +5.8 %    +4.9 % to +6.6 %  = unchanged: real but below the limit
      asr/default/offline        p50              412 µs     325 µs    −21 %      −22 % to −20 %  + improvement
      asr/default/offline        p95              471 µs     368 µs    −22 %      −23 % to −21 %  + improvement
      asr/default/offline        p99              688 µs     554 µs    −20 %      −21 % to −18 %  + improvement
      asr/default/offline        throughput      2,370/s    3,000/s    +27 %      +25 % to +28 %  + improvement
      asr/default/single_stream  slow requests     2.1 %      2.3 %  +0.2 pp  −1.2 pp to +1.6 pp  = no regression found, at most +1.6 pp
      asr/default/offline        slow requests     2.1 %      2.2 %  +0.1 pp  −0.3 pp to +0.5 pp  = unchanged
      vad/default/single_stream  slow requests     2.1 %      2.2 %  +0.1 pp  −0.3 pp to +0.5 pp  = unchanged

      In words:
      - p95 of vad/default/single_stream is 6.4 % slower (5.6 % to 7.3 %); your limit is 5 %; a change of 1.1 % would have been seen.
      - throughput of vad/default/single_stream is 5.8 % lower (5.0 % to 6.7 %); your limit is 2 %; a change of 1.1 % would have been seen.
      - p50 of asr/default/single_stream is unchanged: 0.4 % faster to 1.2 % slower; your limit is 2 %; a change of 1.1 % would have been seen.
      - p95 of asr/default/single_stream is unchanged: 0.4 % faster to 1.3 % slower; your limit is 5 %; a change of 1.1 % would have been seen.
      - p99 of asr/default/single_stream: no regression found, at most 14 % slower; your limit is 10 %; a change of 15 % would have been seen.
      - throughput of asr/default/single_stream is unchanged: 1.2 % lower to 0.5 % higher; your limit is 2 %; a change of 1.1 % would have been seen.
      - share of slow requests of asr/default/single_stream: no regression found, at most 1.6 percentage points higher; your limit is 1 percentage point; a change of 1.9 percentage points would have been seen.
      - p99 of vad/default/single_stream is 5.8 % slower (4.9 % to 6.6 %): real, but below your limit of 10 %; a change of 1.1 % would have been seen.
      - share of slow requests of vad/default/single_stream is unchanged: 0.3 percentage points lower to 0.5 percentage points higher; your limit is 1 percentage point; a change of 0.6 percentage points would have been seen.
      - share of slow requests of asr/default/offline is unchanged: 0.3 percentage points lower to 0.5 percentage points higher; your limit is 1 percentage point; a change of 0.6 percentage points would have been seen.
      - p50 of asr/default/offline is 21 % faster (20 % to 22 %); your limit is 2 %; a change of 1.1 % would have been seen.
      - p95 of asr/default/offline is 22 % faster (21 % to 23 %); your limit is 5 %; a change of 1.1 % would have been seen.
      - p99 of asr/default/offline is 20 % faster (18 % to 21 %); your limit is 10 %; a change of 1.1 % would have been seen.
      - throughput of asr/default/offline is 27 % higher (25 % to 28 %); your limit is 2 %; a change of 1.1 % would have been seen.

      Where the intervals lie:
      vad/default/single_stream
                      limit ◂ better          0           worse ▸
      p50              ±2 %          ┊        │        ┊        ▶  +6.2 %
      p95              ±5 %          ┊        │        ┊╺━●╸       +6.4 %
      p99             ±10 %          ┊        │    ●╸  ┊           +5.8 %
      throughput       ±2 %          ┊        │        ┊        ▶  −5.8 %
      slow requests   ±1 pp          ┊     ╺━━┿●━━━╸   ┊           +0.1 pp

      asr/default/single_stream
                      limit ◂ better          0           worse ▸
      p50              ±2 %          ┊      ╺━┿━●━━╸   ┊           +0.4 %
      p95              ±5 %          ┊       ╺┿●╸      ┊           +0.4 %
      p99             ±10 %          ┊╺━━━━━━━┿━━●━━━━━┿━━╸        +3.1 %
      throughput       ±2 %          ┊      ╺━┿━●━━╸   ┊           −0.4 %
      slow requests   ±1 pp        ╺━┿━━━━━━━━┿━●━━━━━━┿━━━━╸      +0.2 pp

      asr/default/offline
                      limit ◂ better          0           worse ▸
      p50              ±2 % ◀        ┊        │        ┊           −21 %
      p95              ±5 % ◀        ┊        │        ┊           −22 %
      p99             ±10 % ◀        ┊        │        ┊           −20 %
      throughput       ±2 % ◀        ┊        │        ┊           +27 %
      slow requests   ±1 pp          ┊     ╺━━┿●━━━╸   ┊           +0.1 pp

      ● estimate, ━━ interval, ┊ your limits, │ no change, ◀ ▶ goes on

      What next:
      - Look at what this change does to the slow cases.
      - If the slowdown is intended, raise the limit on the base branch in a pull request of its own.

      What was compared:
      - Baseline: 0123456, the merge base with main
      - Candidate: fedcba9
      - Judged by: the configuration of 89abcde, the tip of main
      - Run: local, attempt 1
      - Machine: AMD EPYC 7B13, 2 CPUs, 7.76 GiB memory, Linux 6.1.0
      - Engine: ONNX Runtime 1.30.0 on cpu, Node 24.21.0
      - Sandbox: bubblewrap
      - Calibration: This machine was calibrated on 2026-11-20: 1 of 20 comparisons of identical code flagged for p50 (5 % expected), noise 0.9 % per round, a change of 1.1 % is seen in 10 s of measuring.
      - Time: 10.4 s of measuring, 27.3 s in all
      Case                       Model                                                             Session                           Scenario               Rounds  Requests per side  Failed
      vad/default/single_stream  models/vad.onnx, same bytes on both sides (SHA-256 ab12ab12ab12)  cpu, optimization all, threads 1  single stream               6             18,540       0
      asr/default/single_stream  models/asr.onnx, same bytes on both sides (SHA-256 ab12ab12ab12)  cpu, optimization all, threads 1  single stream               9             18,540       0
      asr/default/offline        models/asr.onnx, same bytes on both sides (SHA-256 ab12ab12ab12)  cpu, optimization all, threads 1  offline, batches of 8       6             18,540       0

      Pooled latencies, with 95 % interval; it ignores that neighbouring requests resemble each other: for orientation:
      Case                       Metric             Baseline            Candidate
      vad/default/single_stream  p50     412 µs (411 to 413)  438 µs (436 to 439)
      vad/default/single_stream  p95     471 µs (470 to 472)  501 µs (500 to 503)
      vad/default/single_stream  p99     688 µs (687 to 690)  728 µs (725 to 731)
      asr/default/single_stream  p50     412 µs (411 to 413)  414 µs (412 to 415)
      asr/default/single_stream  p95     471 µs (470 to 472)  473 µs (472 to 475)
      asr/default/single_stream  p99     688 µs (687 to 690)  709 µs (707 to 712)
      asr/default/offline        p50     412 µs (411 to 413)  325 µs (325 to 327)
      asr/default/offline        p95     471 µs (470 to 472)  368 µs (367 to 370)
      asr/default/offline        p99     688 µs (687 to 690)  554 µs (552 to 556)
      "
    `)
  })

  test('starts with the verdict and the number that decided it', () => {
    expect(renderTerminal(buildReport(LOCAL, REGRESSION))).toMatch(/^Regression: p50 of .* is 62 % slower/)
  })

  test('shows every row, folded or not', () => {
    const outcome = twentyCases()
    const lines = renderTerminal(buildReport(LOCAL, outcome)).split('\n')
    expect(
      lines.filter((line) => / (?:p50|p95|p99|throughput|slow requests) /.test(line) && / [x?=+] /.test(line))
    ).toHaveLength(100)
  })

  test('says what to do about a failure', () => {
    expect(renderTerminal(buildReport(LOCAL, FAILED))).toContain('What to do: Restore the branch or push again.')
  })

  test('lists configuration mistakes with file and line', () => {
    expect(renderTerminal(buildReport(LOCAL, CONFIG_INVALID))).toContain(
      '- .github/tailgate.yml:7: treshold: Unknown key.'
    )
  })

  test.each(HOSTILE_TEXTS)('%j cannot move the cursor or hide anything', (text) => {
    for (const outcome of [...hostileOutcomes(text), hostileChecks(text)]) {
      const printed = renderTerminal(buildReport(hostileIdentity(text), outcome))
      expect(printed).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}\p{Cs}]/u)
    }
  })
})
