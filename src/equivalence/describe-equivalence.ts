import { describeReason } from './describe-output-reason.ts'
import type { OutputJudgement, OutputNote } from './output-judgement.ts'
import { countOf, formatFactor, formatShare, quote, type Sentence } from './sentence.ts'

/**
 * A judgement in sentences: what came out, each reason (the worst first), then the notes. The report decides how many it
 * shows.
 */
export function describeEquivalence(judgement: OutputJudgement): readonly Sentence[] {
  return [describeVerdict(judgement), ...judgement.reasons.map(describeReason), ...judgement.notes.map(describeNote)]
}

/** What came out, in one or two sentences of our own words. */
export function describeVerdict({ verdict, mode, modeFrom, samples, outputs }: OutputJudgement): Sentence {
  switch (verdict) {
    case 'equivalent':
      return [`Both sides give the same answers: ${countOf(outputs, 'output')} on ${countOf(samples, 'sample')}.`]
    case 'not_equivalent':
      return [
        modeFrom === 'model_identical'
          ? 'The outputs differ although the model file is the same on both sides, so there is no verdict on speed.'
          : 'The outputs differ, so there is no verdict on speed.'
      ]
    case 'differs':
      return [
        modeFrom === 'model_changed'
          ? 'The outputs differ. The model file changed, so this is only reported.'
          : 'The outputs differ. The configuration asks to report this only.'
      ]
    case 'not_checked':
      return [
        mode === 'off'
          ? 'Outputs are not compared: the configuration switches it off.'
          : 'Nobody knows whether the outputs are the same.'
      ]
    default:
      return verdict satisfies never
  }
}

function describeNote(note: OutputNote): Sentence {
  switch (note.kind) {
    case 'not_compared':
      // The message names outputs as the model does.
      return note.reason === 'off' ? [NOT_COMPARED.off] : [`${NOT_COMPARED[note.reason]} `, quote(note.message)]
    case 'no_facts':
      return ['The worker that measured this does not compare outputs: update it.']
    case 'nothing_to_compare':
      return ['There was no output that both sides could be compared by.']
    case 'baseline_varies':
      return ['Output ', quote(note.output), ` of the baseline varies from run to run: ${describeVariation(note)}.`]
    case 'baseline_hides':
      return [
        'Output ',
        quote(note.output),
        ' of the baseline varies so much from run to run that no difference could be told from it.'
      ]
    case 'tokens_vary':
      return [
        `The baseline decodes other tokens from run to run: ${note.identicalSamples} of ${countOf(note.samples, 'comparison')} with itself were the same.`
      ]
    case 'baseline_not_finite':
      return [
        'Output ',
        quote(note.output),
        ` of the baseline holds ${countOf(note.nan, 'NaN')} and ${countOf(note.infinite, 'infinity', 'infinities')}.`
      ]
    case 'output_added':
      return ['Output ', quote(note.output), ' is new: the baseline does not have it.']
    case 'fewer_samples':
      return [`Only ${note.compared} of ${countOf(note.planned, 'sample')} were compared; then time ran out.`]
    case 'outputs_left_out':
      return [`Left out: ${countOf(note.outputs, 'further output')} of the model.`]
    case 'reasons_left_out':
      return [`Left out: ${countOf(note.reasons, 'further difference')}.`]
    default:
      return note satisfies never
  }
}

const NOT_COMPARED: Readonly<Record<Extract<OutputNote, { kind: 'not_compared' }>['reason'], string>> = {
  off: 'Outputs were not compared: the configuration switches it off.',
  too_large: 'Outputs were not compared, because they are too large:',
  out_of_time: 'Outputs were not compared, because time ran out:',
  failed: 'Outputs could not be compared:'
}

function describeVariation(note: Extract<OutputNote, { kind: 'baseline_varies' }>): string {
  const parts: string[] = []
  if (note.mismatchedShare > 0) {
    parts.push(
      `${formatShare(note.mismatchedShare)} of its elements were beyond the tolerance in ${countOf(note.comparisons, 'comparison')} with itself`
    )
  }
  if (note.toleranceFactor > 1)
    parts.push(`the candidate got ${formatFactor(note.toleranceFactor)} times the tolerance`)
  if (note.allowedShare > 0) parts.push(`${formatShare(note.allowedShare)} of its elements may differ by more`)
  return parts.join('; ')
}
