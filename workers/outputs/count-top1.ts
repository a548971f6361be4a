import { isFloatType } from '#contracts/outputs.ts'
import { type NumericTensor, visitPairs } from './output-tensor.ts'

export interface Top1Agreement {
  readonly rows: number
  readonly agreed: number
}

/** Where the largest element of one row is, while its elements go by. */
interface RowState {
  column: number
  leftMax: number
  rightMax: number
  /** Left element where the right row has its largest; NaN before there is one. */
  leftAtRightMax: number
}

/**
 * In how many rows along the last dimension both tensors have their largest element at the same place. Where several are
 * equally large on the left, each of them is right. NaN is never the largest. Null for types and shapes that have no classes
 * to choose from: anything but floats, and a last dimension below 2.
 */
export function countTop1(left: NumericTensor, right: NumericTensor): Top1Agreement | null {
  const width = left.dims.at(-1) ?? 1
  if (!isFloatType(left.type) || !isFloatType(right.type) || width < 2) return null
  let rows = 0
  let agreed = 0
  let row = startRow()
  visitPairs(left, right, (leftChunk, rightChunk, count) => {
    for (let index = 0; index < count; index += 1) {
      takeElement(row, leftChunk[index] ?? Number.NaN, rightChunk[index] ?? Number.NaN)
      if (row.column < width) continue
      rows += 1
      if (isAgreed(row)) agreed += 1
      row = startRow()
    }
  })
  return { rows, agreed }
}

function startRow(): RowState {
  return { column: 0, leftMax: -Infinity, rightMax: -Infinity, leftAtRightMax: Number.NaN }
}

function takeElement(row: RowState, left: number, right: number): void {
  row.column += 1
  if (left > row.leftMax) row.leftMax = left
  if (right > row.rightMax) {
    row.rightMax = right
    row.leftAtRightMax = left
  }
}

function isAgreed({ leftMax, rightMax, leftAtRightMax }: RowState): boolean {
  return leftAtRightMax === leftMax || (leftMax === -Infinity && rightMax === -Infinity)
}
