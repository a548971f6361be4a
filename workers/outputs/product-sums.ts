import { type NumericTensor, visitPairs } from './output-tensor.ts'

/** Sums of squares between these have neither overflowed nor lost digits at the small end. */
const SAFE_LOW = 1e-280
const SAFE_HIGH = 1e280

/** Sums of products of the elements that are finite on both sides, taken in chunk by chunk. */
export class ProductSums {
  readonly #leftScale: number
  readonly #rightScale: number
  #pairs = 0
  #dot = 0
  #leftSquares = 0
  #rightSquares = 0
  #leftLargest = 0
  #rightLargest = 0

  constructor(scales = { left: 1, right: 1 }) {
    this.#leftScale = scales.left
    this.#rightScale = scales.right
  }

  take(left: Float64Array, right: Float64Array, count: number): void {
    for (let index = 0; index < count; index += 1) {
      const a = (left[index] ?? 0) / this.#leftScale
      const b = (right[index] ?? 0) / this.#rightScale
      // Times zero, what is not finite is NaN.
      if (a * 0 !== b * 0) continue
      this.#pairs += 1
      this.#dot += a * b
      this.#leftSquares += a * a
      this.#rightSquares += b * b
      this.#leftLargest = Math.max(this.#leftLargest, Math.abs(a))
      this.#rightLargest = Math.max(this.#rightLargest, Math.abs(b))
    }
  }

  get pairs(): number {
    return this.#pairs
  }

  /** Of each side. */
  get largest(): { readonly left: number; readonly right: number } {
    return { left: this.#leftLargest, right: this.#rightLargest }
  }

  get isSafe(): boolean {
    return [this.#leftSquares, this.#rightSquares].every((squares) => squares > SAFE_LOW && squares < SAFE_HIGH)
  }

  get cosine(): number {
    // Rounding of the root must not make a tensor differ from itself.
    if (this.#dot === this.#leftSquares && this.#dot === this.#rightSquares) return 1
    const lengths = Math.sqrt(this.#leftSquares) * Math.sqrt(this.#rightSquares)
    return Math.max(-1, Math.min(this.#dot / lengths, 1))
  }
}

/**
 * Cosine of the angle between two tensors of the same length, over the elements that are finite on both sides. 1 where both
 * are zero, 0 where one is; null where no element is finite on both sides.
 *
 * @param sums have taken in both tensors whole; only where they are not safe, both are read again and scaled
 */
export function finishCosine(sums: ProductSums, left: NumericTensor, right: NumericTensor): number | null {
  if (sums.pairs === 0) return null
  if (sums.isSafe) return sums.cosine
  const scales = sums.largest
  if (scales.left === 0 || scales.right === 0) return scales.left === scales.right ? 1 : 0
  const scaled = new ProductSums(scales)
  visitPairs(left, right, (leftChunk, rightChunk, count) => scaled.take(leftChunk, rightChunk, count))
  return scaled.cosine
}
