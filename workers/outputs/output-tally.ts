import type { OutputStatistics, WorstElement } from '#contracts/outputs.ts'
import {
  type BigintTensor,
  HIGH_UNIT,
  halvesOf,
  isBigint,
  isNumeric,
  type NumericTensor,
  type OutputTensor,
  readElement,
  unravelIndex,
  visitPairs
} from './output-tensor.ts'
import { finishCosine, ProductSums } from './product-sums.ts'
import { startTop1 } from './top1-rows.ts'

export interface Tolerance {
  readonly rtol: number
  readonly atol: number
  /** Multiplies both. */
  readonly factor: number
}

export interface NonFiniteCounts {
  readonly nan: number
  readonly infinite: number
}

/** Own differences beyond so many times the tolerance are no spread that a wider tolerance could cover. */
export const SPREAD_MULTIPLE_MAX = 100

/** The element of one sample that is furthest beyond its tolerance. */
interface Furthest {
  flatIndex: number
  multiple: number
  difference: number
}

/**
 * Statistics of one output of two runs, taken in sample by sample: nothing of a sample is kept but numbers.
 *
 * An element matches when |right − left| ≤ factor · (atol + rtol · |left|), as numpy.isclose has it with the left one as
 * reference. NaN matches NaN; an infinity matches the infinity of its sign; strings match when they are the same.
 */
export class OutputTally {
  readonly #tolerance: Tolerance
  #samples = 0
  #elements = 0
  #mismatched = 0
  #maxSampleShare = 0
  #finitePairs = 0
  #maxAbsError = 0
  #sumAbsError = 0
  #relPairs = 0
  #maxRelError = 0
  #cosineMin: number | null = null
  #top1: { rows: number; agreed: number } | null = null
  #newNonFinite = 0
  #leftNan = 0
  #leftInfinite = 0
  #rightNan = 0
  #rightInfinite = 0
  #largestSpread = 0
  #beyondSpread = 0
  #maxBeyondSpreadShare = 0
  #furthest: Furthest = { flatIndex: -1, multiple: -1, difference: -1 }
  #worst: (Pick<Furthest, 'multiple' | 'difference'> & { element: WorstElement }) | null = null

  constructor(tolerance: Tolerance) {
    this.#tolerance = tolerance
  }

  /** Takes in one sample: two tensors of the same shape, both of strings or neither. */
  add(sampleIndex: number, left: OutputTensor, right: OutputTensor): void {
    const before = this.#mismatched
    this.#beyondSpread = 0
    this.#furthest = { flatIndex: -1, multiple: -1, difference: -1 }
    const count = left.values.length
    if (isNumeric(left) && isNumeric(right)) this.#addNumeric(left, right)
    else this.#addTexts(left, right)
    this.#samples += 1
    this.#elements += count
    if (count > 0) {
      this.#maxSampleShare = Math.max(this.#maxSampleShare, (this.#mismatched - before) / count)
      this.#maxBeyondSpreadShare = Math.max(this.#maxBeyondSpreadShare, this.#beyondSpread / count)
    }
    this.#keepWorst(sampleIndex, left, right)
  }

  get statistics(): OutputStatistics {
    const compared = this.#finitePairs > 0
    return {
      samples: this.#samples,
      elements: this.#elements,
      mismatched: this.#mismatched,
      maxSampleShare: this.#maxSampleShare,
      maxAbsError: compared ? bounded(this.#maxAbsError) : null,
      meanAbsError: compared ? bounded(this.#sumAbsError / this.#finitePairs) : null,
      maxRelError: this.#relPairs > 0 ? bounded(this.#maxRelError) : null,
      cosineMin: this.#cosineMin,
      top1: this.#top1,
      newNonFinite: this.#newNonFinite
    }
  }

  get nonFinite(): { readonly left: NonFiniteCounts; readonly right: NonFiniteCounts } {
    return {
      left: { nan: this.#leftNan, infinite: this.#leftInfinite },
      right: { nan: this.#rightNan, infinite: this.#rightInfinite }
    }
  }

  get worst(): WorstElement | null {
    return this.#worst?.element ?? null
  }

  /** Largest difference as a multiple of the tolerance, and the largest share of one sample that even 100 times it leaves out. */
  get spread(): { readonly largestMultiple: number; readonly beyondShare: number } {
    return { largestMultiple: this.#largestSpread, beyondShare: this.#maxBeyondSpreadShare }
  }

  #addNumeric(left: NumericTensor, right: NumericTensor): void {
    const isExact = isBigint(left) && isBigint(right) && left.type === right.type
    if (isExact) this.#addBigints(left, right)
    const sums = new ProductSums()
    const rows = startTop1(left, right)
    visitPairs(left, right, (leftChunk, rightChunk, count, start) => {
      if (!isExact) this.#addChunk(leftChunk, rightChunk, count, start)
      sums.take(leftChunk, rightChunk, count)
      rows?.take(leftChunk, rightChunk, count)
    })
    const cosine = finishCosine(sums, left, right)
    if (cosine !== null) this.#cosineMin = Math.min(this.#cosineMin ?? 1, cosine)
    if (rows === null) return
    const top1 = rows.agreement
    this.#top1 = { rows: (this.#top1?.rows ?? 0) + top1.rows, agreed: (this.#top1?.agreed ?? 0) + top1.agreed }
  }

  #addChunk(left: Float64Array, right: Float64Array, count: number, start: number): void {
    for (let index = 0; index < count; index += 1) {
      const a = left[index] ?? 0
      const b = right[index] ?? 0
      const difference = Math.abs(b - a)
      if (difference < Infinity) this.#addFinite(a, difference, start + index)
      else this.#addPair(a, b, start + index)
    }
  }

  #addPair(left: number, right: number, flatIndex: number): void {
    if (Number.isFinite(left) && Number.isFinite(right)) {
      // Finite numbers so far apart that their difference is not.
      this.#addFinite(left, Infinity, flatIndex)
      return
    }
    if (Number.isNaN(left)) this.#leftNan += 1
    else if (!Number.isFinite(left)) this.#leftInfinite += 1
    if (Number.isNaN(right)) this.#rightNan += 1
    else if (!Number.isFinite(right)) this.#rightInfinite += 1
    if (Object.is(left, right)) return
    if (!Number.isFinite(right)) this.#newNonFinite += 1
    this.#addMismatch(flatIndex, Infinity)
  }

  #addFinite(left: number, difference: number, flatIndex: number): void {
    this.#finitePairs += 1
    if (left !== 0) this.#relPairs += 1
    if (difference === 0) return
    this.#sumAbsError += difference
    if (difference > this.#maxAbsError) this.#maxAbsError = difference
    const size = Math.abs(left)
    if (size > 0 && difference / size > this.#maxRelError) this.#maxRelError = difference / size
    const { rtol, atol, factor } = this.#tolerance
    const allowed = atol + rtol * size
    const multiple = allowed > 0 ? difference / allowed : Infinity
    if (multiple > SPREAD_MULTIPLE_MAX) this.#beyondSpread += 1
    else if (multiple > this.#largestSpread) this.#largestSpread = multiple
    // Written as numpy.isclose does it, so that a difference at the edge is judged alike.
    if (difference > factor * allowed) this.#mismatched += 1
    this.#keepFurthest(flatIndex, multiple, difference)
  }

  /** Exactly: two large integers may be the same number once they are rounded. */
  #addBigints(left: BigintTensor, right: BigintTensor): void {
    const one = halvesOf(left)
    const other = halvesOf(right)
    for (let place = 0; place < one.low.length; place += 2) {
      const lowA = one.low[place] ?? 0
      const highA = one.high[place + 1] ?? 0
      const lowStep = (other.low[place] ?? 0) - lowA
      const highStep = (other.high[place + 1] ?? 0) - highA
      this.#addFinite(highA * HIGH_UNIT + lowA, Math.abs(highStep * HIGH_UNIT + lowStep), place / 2)
    }
  }

  #addTexts(left: OutputTensor, right: OutputTensor): void {
    for (let index = 0; index < left.values.length; index += 1) {
      if (left.values[index] !== right.values[index]) this.#addMismatch(index, Infinity)
    }
  }

  /** An element that no tolerance makes match. */
  #addMismatch(flatIndex: number, difference: number): void {
    this.#mismatched += 1
    this.#beyondSpread += 1
    this.#keepFurthest(flatIndex, Infinity, difference)
  }

  #keepFurthest(flatIndex: number, multiple: number, difference: number): void {
    if (!isFurther({ multiple, difference }, this.#furthest)) return
    this.#furthest.flatIndex = flatIndex
    this.#furthest.multiple = multiple
    this.#furthest.difference = difference
  }

  #keepWorst(sampleIndex: number, left: OutputTensor, right: OutputTensor): void {
    const { flatIndex, multiple, difference } = this.#furthest
    if (flatIndex < 0 || (this.#worst !== null && !isFurther({ multiple, difference }, this.#worst))) return
    const element: WorstElement = {
      sampleIndex,
      flatIndex,
      index: unravelIndex(flatIndex, left.dims),
      baseline: readElement(left, flatIndex),
      candidate: readElement(right, flatIndex)
    }
    this.#worst = { multiple, difference, element }
  }
}

type Distance = Pick<Furthest, 'multiple' | 'difference'>

function isFurther(one: Distance, other: Distance): boolean {
  return one.multiple > other.multiple || (one.multiple === other.multiple && one.difference > other.difference)
}

/** JSON has no infinity. */
function bounded(value: number): number {
  return Math.min(value, Number.MAX_VALUE)
}
