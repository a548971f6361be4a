import { ELEMENT_TYPES, type ElementType } from '#contracts/inputs.ts'

const KNOWN: ReadonlySet<string> = new Set(ELEMENT_TYPES)

/** A type that ONNX Runtime names and that the product knows. */
export function isElementType(type: string): type is ElementType {
  return KNOWN.has(type)
}
