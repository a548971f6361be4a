import { z } from 'zod'

const EXECUTION_PROVIDERS = ['cpu', 'cuda', 'tensorrt', 'webgpu'] as const
export const ExecutionProvider = z.enum(EXECUTION_PROVIDERS)
export type ExecutionProvider = z.infer<typeof ExecutionProvider>

/**
 * ONNX Runtime's session configuration entries that may be set. It takes misspelt ones without a word, and some name files
 * or libraries to load, so only these pass.
 */
export const CONFIG_ENTRIES = [
  'session.intra_op.allow_spinning',
  'session.inter_op.allow_spinning',
  'session.force_spinning_stop',
  'session.set_denormal_as_zero',
  'session.disable_prepacking',
  'session.disable_quant_qdq',
  'session.enable_quant_qdq_cleanup',
  'session.qdqisint8allowed',
  'session.dynamic_block_base',
  'session.use_device_allocator_for_initializers',
  'session.disable_aot_function_inlining',
  'session.x64quantprecision',
  'mlas.enable_gemm_fastmath_arm64_bfloat16'
] as const
export const ConfigEntry = z.enum(CONFIG_ENTRIES)
export type ConfigEntry = z.infer<typeof ConfigEntry>

/** Known to the builds for this processor only; the others take it without a word. */
export const ARM64_ENTRIES: ReadonlySet<ConfigEntry> = new Set(['mlas.enable_gemm_fastmath_arm64_bfloat16'])

/** The one entry that is a number; the others are switches. */
const NUMBER_ENTRY: ConfigEntry = 'session.dynamic_block_base'

/** What may be set for an entry, in words. ONNX Runtime reads any other text as a switch that is off. */
export function configEntryValues(entry: ConfigEntry): string {
  return entry === NUMBER_ENTRY ? 'a whole number from 0 to 999999' : '"0" or "1"'
}

export function isConfigEntryValue(entry: ConfigEntry, value: string): boolean {
  return entry === NUMBER_ENTRY ? /^(?:0|[1-9]\d{0,5})$/.test(value) : value === '0' || value === '1'
}

/** A released version of onnxruntime-node: `1.29.0`. */
export const EngineVersion = z.string().regex(/^\d{1,3}\.\d{1,3}\.\d{1,3}$/)
export type EngineVersion = z.infer<typeof EngineVersion>

/** How an ONNX Runtime session is created. Mirrors `InferenceSession.SessionOptions`, narrowed to what was tried. */
export const SessionSpec = z.strictObject({
  executionProvider: ExecutionProvider,
  /** Of the execution provider; the only option that onnxruntime-node passes on to CUDA and TensorRT. */
  deviceId: z.int().min(0).max(63).default(0),
  /** Operators that the execution provider cannot run: refuse the model, say so in the report, or say nothing. */
  cpuFallback: z.enum(['forbid', 'report', 'allow']).default('report'),
  graphOptimizationLevel: z.enum(['disabled', 'basic', 'extended', 'all']),
  executionMode: z.enum(['sequential', 'parallel']),
  intraOpNumThreads: z.int().min(1).max(256),
  interOpNumThreads: z.int().min(1).max(256),
  enableCpuMemArena: z.boolean(),
  enableMemPattern: z.boolean(),
  configEntries: z.partialRecord(ConfigEntry, z.string().max(100)).default({}),
  /** Null: the worker's own onnxruntime-node. */
  engineVersion: EngineVersion.nullable().default(null)
})
export type SessionSpec = z.infer<typeof SessionSpec>

/** One thread on the processor, everything as ONNX Runtime has it: what a configuration without `sessions` gets. */
export const DEFAULT_SESSION: SessionSpec = SessionSpec.parse({
  executionProvider: 'cpu',
  graphOptimizationLevel: 'all',
  executionMode: 'sequential',
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  enableCpuMemArena: true,
  enableMemPattern: true
})
