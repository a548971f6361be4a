import { readFile, realpath } from 'node:fs/promises'
import type { AccuracyPolicy } from '#contracts/accuracy.ts'
import { type Label, parseLabels } from '#workers/outputs/parse-labels.ts'
import { inspectRecorded } from '#workers/side/inspect-recorded.ts'
import type { RecordedSource } from '#workers/side/protocol.ts'
import type { LfsProblem } from '#workers/source/fetch-lfs-objects.ts'
import { inspectFile } from '#workers/source/inspect-file.ts'

const LABELS_MAX_BYTES = 64 * 1024 ** 2

/** The samples and labels of an accuracy check as they were found. */
export type LabelledSamples =
  | { readonly kind: 'found'; readonly sources: readonly RecordedSource[]; readonly labels: readonly Label[] }
  /** A sentence. */
  | { readonly kind: 'unusable'; readonly message: string }

/**
 * Looks for the labelled samples and reads the labels.
 *
 * @param checkoutDirectory of the baseline: a pull request must not change what it is scored by
 */
export async function findLabelled(
  { samples, labels }: Pick<AccuracyPolicy, 'samples' | 'labels'>,
  {
    checkoutDirectory,
    lfsProblems
  }: { readonly checkoutDirectory: string; readonly lfsProblems: readonly LfsProblem[] }
): Promise<LabelledSamples> {
  const recorded = await inspectRecorded({ side: 'baseline', checkoutDirectory, recorded: samples, lfsProblems })
  if (recorded.kind === 'failed') return { kind: 'unusable', message: recorded.failure.message }
  const found = await inspectFile(await realpath(checkoutDirectory), labels)
  if (found.kind !== 'found') {
    return { kind: 'unusable', message: `The labels \`${labels}\` are not a file of the baseline commit.` }
  }
  if (found.bytes > LABELS_MAX_BYTES) {
    return { kind: 'unusable', message: `The labels \`${labels}\` have more than ${LABELS_MAX_BYTES / 1024 ** 2} MiB.` }
  }
  const parsed = parseLabels(await readFile(found.file, 'utf8'), labels)
  if (!parsed.ok) return { kind: 'unusable', message: parsed.message }
  return { kind: 'found', sources: recorded.sources, labels: parsed.labels }
}
