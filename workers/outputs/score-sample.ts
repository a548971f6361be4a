import type { AccuracyMetric } from '#contracts/accuracy.ts'
import { isFloatType } from '#contracts/outputs.ts'
import { countElements } from '#workers/side/element-types.ts'
import { isBigint, isNumeric, type NumericTensor, type OutputTensor } from './output-tensor.ts'
import type { Label } from './parse-labels.ts'
import { readHalf } from './read-half.ts'

/** One side's result on one labelled sample. */
export type SampleScore =
  /** `top1`: one per row; `exact_match`: one. */
  | { readonly kind: 'answers'; readonly right: readonly boolean[] }
  /** Mean absolute (`mae`) or mean squared (`rmse`) error of the sample; may be NaN or infinite. */
  | { readonly kind: 'loss'; readonly loss: number }
  /** The output and the label do not fit: `problem` is a clause. */
  | { readonly kind: 'unfit'; readonly problem: string }

/** Scores one output by its label. */
export function scoreSample(metric: AccuracyMetric, output: OutputTensor, label: Label): SampleScore {
  switch (metric) {
    case 'top1':
      return scoreTop1(output, label)
    case 'exact_match':
      return scoreExactly(output, label)
    case 'mae':
      return scoreLoss(output, label, (error) => Math.abs(error))
    case 'rmse':
      return scoreLoss(output, label, (error) => error * error)
    default:
      return metric satisfies never
  }
}

function scoreTop1(output: OutputTensor, label: Label): SampleScore {
  const width = output.dims.at(-1) ?? 1
  if (!isNumeric(output) || width < 2)
    return unfit(`has ${describe(output)}, which has no classes along its last dimension`)
  const rows = countElements(output.dims) / width
  if (label.length !== rows) return unfit(`has ${rows} rows, but the label ${label.length} classes`)
  const isClass = (value: number | string) => typeof value === 'number' && Number.isInteger(value) && value >= 0
  if (!label.every((value) => isClass(value) && Number(value) < width)) {
    return unfit(`has ${width} classes, so labels must be whole numbers from 0 to ${width - 1}`)
  }
  return { kind: 'answers', right: label.map((wanted, row) => isLargest(output, row * width, width, Number(wanted))) }
}

/** Of equally large ones the first counts. */
function isLargest(output: NumericTensor, start: number, width: number, wanted: number): boolean {
  let largest = -Infinity
  let place = -1
  for (let column = 0; column < width; column += 1) {
    const value = readNumber(output, start + column)
    if (value <= largest || Number.isNaN(value)) continue
    largest = value
    place = column
  }
  return place === wanted
}

function scoreExactly(output: OutputTensor, label: Label): SampleScore {
  const elements = countElements(output.dims)
  if (label.length !== elements) return unfit(`has ${elements} elements, but the label ${label.length}`)
  return { kind: 'answers', right: [label.every((wanted, index) => isEqual(output, index, wanted))] }
}

function isEqual(output: OutputTensor, index: number, wanted: number | string): boolean {
  if (!isNumeric(output)) return output.values[index] === String(wanted)
  if (typeof wanted === 'string') return isBigint(output) && String(output.values[index]) === wanted
  return readNumber(output, index) === (output.type === 'float32' ? Math.fround(wanted) : wanted)
}

function scoreLoss(output: OutputTensor, label: Label, lossOf: (error: number) => number): SampleScore {
  const elements = countElements(output.dims)
  if (!isNumeric(output)) return unfit(`has ${describe(output)}, which has no error to measure`)
  if (label.length !== elements) return unfit(`has ${elements} elements, but the label ${label.length}`)
  if (elements === 0) return unfit('has no elements')
  let sum = 0
  for (const [index, wanted] of label.entries()) {
    if (typeof wanted !== 'number') return unfit('is measured against numbers, but the label holds a string')
    sum += lossOf(readNumber(output, index) - wanted)
  }
  return { kind: 'loss', loss: sum / elements }
}

function readNumber(output: NumericTensor, index: number): number {
  if (isBigint(output)) return Number(output.values[index] ?? 0n)
  const raw = output.values[index] ?? Number.NaN
  return output.type === 'float16' ? readHalf(raw) : raw
}

function describe({ type, dims }: OutputTensor): string {
  return `${isFloatType(type) ? 'floats' : type} of shape [${dims.slice(0, 8).join(', ')}]`
}

function unfit(problem: string): SampleScore {
  return { kind: 'unfit', problem }
}
