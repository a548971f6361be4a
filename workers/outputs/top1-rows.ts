import { isFloatType } from '#contracts/outputs.ts'
import type { NumericTensor } from './output-tensor.ts'

export interface Top1Agreement {
  readonly rows: number
  readonly agreed: number
}

/**
 * Counts in how many rows along the last dimension both tensors have their largest element at the same place. Where several
 * are equally large on the left, each of them is right. NaN is never the largest.
 */
export class Top1Rows {
  readonly #width: number
  #rows = 0
  #agreed = 0
  #column = 0
  #leftMax = -Infinity
  #rightMax = -Infinity
  /** Left element where the right row has its largest; NaN before there is one. */
  #leftAtRightMax = Number.NaN

  constructor(width: number) {
    this.#width = width
  }

  take(left: Float64Array, right: Float64Array, count: number): void {
    for (let index = 0; index < count; index += 1) {
      const a = left[index] ?? Number.NaN
      const b = right[index] ?? Number.NaN
      if (a > this.#leftMax) this.#leftMax = a
      if (b > this.#rightMax) {
        this.#rightMax = b
        this.#leftAtRightMax = a
      }
      this.#column += 1
      if (this.#column === this.#width) this.#endRow()
    }
  }

  get agreement(): Top1Agreement {
    return { rows: this.#rows, agreed: this.#agreed }
  }

  #endRow(): void {
    const hasNone = this.#leftMax === -Infinity && this.#rightMax === -Infinity
    this.#rows += 1
    if (hasNone || this.#leftAtRightMax === this.#leftMax) this.#agreed += 1
    this.#column = 0
    this.#leftMax = -Infinity
    this.#rightMax = -Infinity
    this.#leftAtRightMax = Number.NaN
  }
}

/** Null for types and shapes that have no classes to choose from: anything but floats, and a last dimension below 2. */
export function startTop1(left: NumericTensor, right: NumericTensor): Top1Rows | null {
  const width = left.dims.at(-1) ?? 1
  return isFloatType(left.type) && isFloatType(right.type) && width >= 2 ? new Top1Rows(width) : null
}
