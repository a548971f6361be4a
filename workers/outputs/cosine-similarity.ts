import { type NumericTensor, visitPairs } from './output-tensor.ts'

/** Between these, squares neither overflow nor vanish. */
const SAFE_LOW = 1e-140
const SAFE_HIGH = 1e140

/**
 * Cosine of the angle between two tensors of the same length, over the elements that are finite on both sides. 1 where both
 * are zero, 0 where one is; null where no element is finite on both sides.
 */
export function cosineSimilarity(left: NumericTensor, right: NumericTensor): number | null {
  const { pairs, leftMax, rightMax } = findScales(left, right)
  if (pairs === 0) return null
  if (leftMax === 0 || rightMax === 0) return leftMax === rightMax ? 1 : 0
  const leftScale = isSafe(leftMax) ? 1 : leftMax
  const rightScale = isSafe(rightMax) ? 1 : rightMax
  let dot = 0
  let leftSquares = 0
  let rightSquares = 0
  visitPairs(left, right, (leftChunk, rightChunk, count) => {
    for (let index = 0; index < count; index += 1) {
      const a = leftChunk[index] ?? 0
      const b = rightChunk[index] ?? 0
      if (!areFinite(a, b)) continue
      const scaledA = a / leftScale
      const scaledB = b / rightScale
      dot += scaledA * scaledB
      leftSquares += scaledA * scaledA
      rightSquares += scaledB * scaledB
    }
  })
  // Rounding of the root must not make a tensor differ from itself.
  if (dot === leftSquares && dot === rightSquares) return 1
  return Math.max(-1, Math.min(dot / (Math.sqrt(leftSquares) * Math.sqrt(rightSquares)), 1))
}

function isSafe(largest: number): boolean {
  return largest > SAFE_LOW && largest < SAFE_HIGH
}

function areFinite(one: number, other: number): boolean {
  return Number.isFinite(one) && Number.isFinite(other)
}

function findScales(left: NumericTensor, right: NumericTensor): { pairs: number; leftMax: number; rightMax: number } {
  let pairs = 0
  let leftMax = 0
  let rightMax = 0
  visitPairs(left, right, (leftChunk, rightChunk, count) => {
    for (let index = 0; index < count; index += 1) {
      const a = Math.abs(leftChunk[index] ?? 0)
      const b = Math.abs(rightChunk[index] ?? 0)
      if (!areFinite(a, b)) continue
      pairs += 1
      leftMax = Math.max(leftMax, a)
      rightMax = Math.max(rightMax, b)
    }
  })
  return { pairs, leftMax, rightMax }
}
