import type { ComparedFacts, ComparedOutput } from '#contracts/outputs.ts'
import { variesVisibly } from './find-output-reasons.ts'
import type { OutputNote } from './output-judgement.ts'

/** What a reader should know of a comparison, whatever came out. */
export function findOutputNotes(facts: ComparedFacts): readonly OutputNote[] {
  const notes: OutputNote[] = []
  const { samplesCompared: compared, samplesPlanned: planned, outputsLeftOut: outputs, tokens } = facts
  if (isEmpty(facts)) notes.push({ kind: 'nothing_to_compare' })
  for (const output of facts.outputs) notes.push(...notesOn(output))
  if (tokens?.noise != null && tokens.noise.identicalSamples < tokens.noise.samples) {
    notes.push({
      kind: 'tokens_vary',
      samples: tokens.noise.samples,
      identicalSamples: tokens.noise.identicalSamples
    })
  }
  for (const output of facts.onlyCandidate) notes.push({ kind: 'output_added', output })
  if (compared < planned) notes.push({ kind: 'fewer_samples', compared, planned })
  if (outputs > 0) notes.push({ kind: 'outputs_left_out', outputs })
  return notes
}

/** Nothing could have been found to differ: there was nothing, or the baseline varies too much everywhere. */
export function hidesEverything(facts: ComparedFacts): boolean {
  if (isEmpty(facts)) return true
  return facts.outputs.length > 0 && facts.tokens === null && facts.outputs.every(isHidden)
}

function isEmpty({ outputs, tokens, samplesCompared }: ComparedFacts): boolean {
  return samplesCompared === 0 || (outputs.length === 0 && tokens === null)
}

function isHidden({ noise }: ComparedOutput): boolean {
  return noise !== null && noise.allowedShare >= 1
}

function notesOn(output: ComparedOutput): readonly OutputNote[] {
  const { name, noise, nonFinite } = output
  const notes: OutputNote[] = []
  if (noise !== null && isHidden(output)) notes.push({ kind: 'baseline_hides', output: name })
  else if (noise !== null && variesVisibly(noise)) {
    const { statistics, toleranceFactor, allowedShare } = noise
    notes.push({
      kind: 'baseline_varies',
      output: name,
      comparisons: statistics.samples,
      mismatchedShare: statistics.elements === 0 ? 0 : statistics.mismatched / statistics.elements,
      toleranceFactor,
      allowedShare
    })
  }
  const { nan, infinite } = nonFinite.baseline
  if (nan + infinite > 0) notes.push({ kind: 'baseline_not_finite', output: name, nan, infinite })
  return notes
}
