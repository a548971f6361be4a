import type { ElementType } from '#contracts/inputs.ts'
import { allocateElements, bytesOf, type TensorValues } from './element-types.ts'

/**
 * Repeats each stretch of a tensor so many times: with stretches of an axis and all after it, what numpy.tile does along
 * that axis.
 *
 * @param stretch length in elements; the tensor is a whole number of them
 */
export function repeatElements(
  type: ElementType,
  elements: TensorValues,
  { stretch, times }: { readonly stretch: number; readonly times: number }
): TensorValues {
  if (times === 1 || elements.length === 0) return elements
  if (type === 'string' || !ArrayBuffer.isView(elements)) {
    return Array.from({ length: elements.length * times }, (_, index) => {
      const source = Math.floor(index / (stretch * times)) * stretch + (index % stretch)
      return String(elements[source])
    })
  }
  const repeated = allocateElements(type, elements.length * times)
  const source = bytesOf(elements)
  const target = bytesOf(repeated)
  const stretchBytes = stretch * elements.BYTES_PER_ELEMENT
  for (let start = 0; start < source.length; start += stretchBytes) {
    const bytes = source.subarray(start, start + stretchBytes)
    for (let time = 0; time < times; time += 1) target.set(bytes, start * times + time * stretchBytes)
  }
  return repeated
}
