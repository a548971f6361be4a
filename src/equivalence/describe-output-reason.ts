import type { ElementValue, WorstElement } from '#contracts/outputs.ts'
import type { OutputReason } from './output-judgement.ts'
import { countOf, formatDigits, formatFactor, formatShare, quote, type Sentence } from './sentence.ts'

/** Shapes and places of more dimensions than this are cut. */
const SHOWN_DIMENSIONS = 8
/** Fewer elements than this are counted; of more, the share is told. */
const FEW = 10

/** One difference as a sentence: which output, by how much, on which input. Samples and elements count from 0. */
export function describeReason(reason: OutputReason): Sentence {
  switch (reason.kind) {
    case 'output_missing':
      return ['Output ', quote(reason.output), ' is missing: only the baseline has it.']
    case 'shape_differs':
      return ['Output ', quote(reason.output), `, sample ${reason.firstSample}: ${describeShapes(reason)}.`]
    case 'type_differs':
      return [
        'Output ',
        quote(reason.output),
        `: its element type ${reason.types.baseline} became ${reason.types.candidate}.`
      ]
    case 'not_finite':
      return [
        ...describePlace(reason.output, reason.worst),
        `${countOf(reason.elements, 'element')} of ${reason.ofElements.toLocaleString('en-US')} became NaN or infinite.`
      ]
    case 'elements_differ':
      return [...describePlace(reason.output, reason.worst), `${describeMismatch(reason)}.`]
    case 'cosine_low':
      return [
        'Output ',
        quote(reason.output),
        `: the cosine similarity of the worst sample is ${formatDigits(reason.cosine)}; at least ${formatDigits(reason.limit)} is asked for.`
      ]
    case 'top1_low':
      return [
        'Output ',
        quote(reason.output),
        `: ${reason.agreed.toLocaleString('en-US')} of ${countOf(reason.rows, 'row')} have their largest element at the same place; at least ${formatShare(reason.limit)} is asked for.`
      ]
    case 'tokens_differ':
      return [
        `Decoded tokens: ${formatShare(reason.prefixShare)} of the baseline’s are the same from the start; at least ${formatShare(reason.limit)} is asked for.${describeFirst(reason)}`
      ]
    case 'length_differs':
      return [
        `Decoded tokens: the candidate made ${formatFactor(reason.ratio)} times as many (${reason.tokens.statistics.candidateTokens.toLocaleString('en-US')} for ${reason.tokens.statistics.baselineTokens.toLocaleString('en-US')}); ${formatFactor(reason.limits[0])} to ${formatFactor(reason.limits[1])} times is allowed.`
      ]
    default:
      return reason satisfies never
  }
}

/** "Output `scores`, sample 3, element [0, 17]: 0.8125 became 0.7991; " */
function describePlace(output: string, worst: WorstElement | null): Sentence {
  if (worst === null) return ['Output ', quote(output), ': ']
  const place = worst.index.length === 0 ? '' : `, element ${describeDims(worst.index)}`
  const [before, after] = describeValues(worst.baseline, worst.candidate)
  return ['Output ', quote(output), `, sample ${worst.sampleIndex}${place}: `, ...before, ' became ', ...after, '; ']
}

function describeValues(baseline: ElementValue, candidate: ElementValue): readonly [Sentence, Sentence] {
  if (baseline.kind === 'number' && candidate.kind === 'number') {
    const digits = digitsApart(baseline.value, candidate.value)
    return [[formatDigits(baseline.value, digits)], [formatDigits(candidate.value, digits)]]
  }
  return [describeValue(baseline), describeValue(candidate)]
}

/** As few digits, from six on, as tell two numbers apart. */
function digitsApart(one: number, other: number): number {
  let digits = 6
  while (digits < 17 && formatDigits(one, digits) === formatDigits(other, digits)) digits += 1
  return digits
}

function describeValue(element: ElementValue): Sentence {
  switch (element.kind) {
    case 'number':
      return [formatDigits(element.value)]
    case 'nan':
      return ['NaN']
    case 'infinity':
      return [element.negative ? '−infinity' : 'infinity']
    case 'integer':
      return [element.digits.replace('-', '−')]
    case 'text':
      return [quote(element.text)]
    default:
      return element satisfies never
  }
}

function describeMismatch(reason: Extract<OutputReason, { kind: 'elements_differ' }>): string {
  const { mismatched, elements, tolerance, toleranceFactor, allowedShare, baselineVaries } = reason
  const isExact = tolerance.rtol === 0 && tolerance.atol === 0
  const base = `${formatDigits(tolerance.atol)} + ${formatDigits(tolerance.rtol)} × |baseline|`
  const limit = toleranceFactor > 1 ? `${formatFactor(toleranceFactor)} × (${base})` : base
  const amount = mismatched < FEW ? mismatched : formatShare(mismatched / Math.max(1, elements))
  const parts = [`${amount} of ${countOf(elements, 'element')} ${isExact ? 'different' : `beyond ${limit}`}`]
  if (allowedShare > 0) parts.push(`${formatShare(allowedShare)} may`)
  if (baselineVaries !== null)
    parts.push(baselineVaries ? 'the baseline varies by less' : 'the baseline agrees with itself')
  return parts.join('; ')
}

function describeShapes({ shapes, samples }: Extract<OutputReason, { kind: 'shape_differs' }>): string {
  const change = `its shape ${describeDims(shapes.baseline)} became ${describeDims(shapes.candidate)}`
  return samples > 1 ? `${change}; shapes differ in ${samples.toLocaleString('en-US')} samples` : change
}

function describeDims(dims: readonly number[]): string {
  const shown = dims.slice(0, SHOWN_DIMENSIONS).join(', ')
  return dims.length > SHOWN_DIMENSIONS ? `[${shown}, …]` : `[${shown}]`
}

function describeFirst({ tokens }: Extract<OutputReason, { kind: 'tokens_differ' }>): string {
  const first = tokens.firstDifference
  if (first === null) return ''
  const name = (token: number | null) => (token === null ? 'the end' : String(token))
  return ` The earliest difference is in sample ${first.sampleIndex} at token ${first.position}: ${name(first.baseline)} became ${name(first.candidate)}.`
}
