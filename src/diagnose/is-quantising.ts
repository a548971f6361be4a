import type { OperatorCount } from '#contracts/graph.ts'

/**
 * Operators that work on rounded numbers or convert to them: those of ONNX, and of ONNX Runtime's `com.microsoft`
 * [onnxruntime/docs/ContribOperators.md].
 */
const QUANTISING = [
  /^(?:Dynamic)?QuantizeLinear$/,
  /^DequantizeLinear$/,
  /^(?:Dynamic)?QLinear/,
  /^(?:MatMul|Conv)Integer/,
  /^(?:DynamicQuantize(?:MatMul|LSTM))$/,
  /^Q(?:Gemm|Attention|MoE|EmbedLayerNormalization|OrderedMatMul|OrderedAttention)$/,
  /^(?:MatMulNBits|MatMulBnb4|MatMulFpQ4|GatherBlockQuantized)$/
] as const

export function isQuantising({ type }: Pick<OperatorCount, 'type'>): boolean {
  return QUANTISING.some((pattern) => pattern.test(type))
}
