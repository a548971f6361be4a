import { z } from 'zod'
import { Side } from './identifiers.ts'

/**
 * What the machine was while it measured: its identity, which must not change within a run, and readings of one case in one
 * round. Null always means that this system does not tell. Texts come from the system and are cut to one printable line.
 */
const Line = z.string().max(200)
const Count = z.int().nonnegative()
const Amount = z.number().nonnegative()
const Share = z.number().min(0).max(1)

/** One installed onnxruntime-node. */
export const EngineIdentity = z.strictObject({
  version: z.string().max(50),
  /** Of its native libraries: a version that was built anew is another engine. */
  librariesSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable()
})
export type EngineIdentity = z.infer<typeof EngineIdentity>

export const CpuIdentity = z.strictObject({
  model: Line,
  microcode: Line.nullable(),
  coreCount: z.int().positive(),
  /** Numbers of the cores that the worker may use, as the kernel writes them: `0-3,8`. */
  allowedCores: z.string().max(1000).nullable(),
  governors: z.array(Line).max(20).nullable(),
  turbo: z.boolean().nullable(),
  smt: z.boolean().nullable(),
  virtual: z.boolean()
})
export type CpuIdentity = z.infer<typeof CpuIdentity>

export const GpuIdentity = z.strictObject({
  uuid: Line,
  name: Line,
  vbios: Line.nullable(),
  driverVersion: Line.nullable(),
  /** The newest CUDA that the driver supports, not one that is installed. */
  cudaVersion: Line.nullable(),
  mig: z.strictObject({
    enabled: z.boolean().nullable(),
    /** The slice that is measured on; null for a whole GPU. */
    instanceUuid: Line.nullable()
  }),
  ecc: z.boolean().nullable(),
  computeMode: Line.nullable(),
  persistence: z.boolean().nullable(),
  powerLimitW: Amount.nullable(),
  defaultPowerLimitW: Amount.nullable(),
  maxPowerLimitW: Amount.nullable(),
  pcieGenMax: Count.nullable(),
  pcieWidthMax: Count.nullable(),
  memoryTotalBytes: Amount.nullable()
})
export type GpuIdentity = z.infer<typeof GpuIdentity>

export const EnvironmentIdentity = z.strictObject({
  cpu: CpuIdentity,
  /** Cores' worth of time that the cgroup may use; null without a quota. */
  cgroupQuotaCores: z.number().positive().nullable(),
  kernel: Line,
  container: z.boolean().nullable(),
  nodeVersion: z.string().max(50),
  engines: z.strictObject({ baseline: EngineIdentity, candidate: EngineIdentity }),
  /** The one that is measured on; null for the processor. */
  gpu: GpuIdentity.nullable()
})
export type EnvironmentIdentity = z.infer<typeof EnvironmentIdentity>

/** How long something waited for a resource [Linux psi.rst, "some"]. */
export const PressureReading = z.strictObject({
  /** Share of the span. */
  stalledShare: Share,
  /** The kernel's own average over 10 s, at the end of the span. */
  avg10Share: Share
})
export type PressureReading = z.infer<typeof PressureReading>

/** What a cgroup's quota did in the span. */
export const ThrottlingReading = z.strictObject({ periods: Count, throttledPeriods: Count, throttledUs: Amount })
export type ThrottlingReading = z.infer<typeof ThrottlingReading>

export const HostReading = z.strictObject({
  /** How many programs wanted to run at once, in the last minute. */
  loadAverage: Amount.nullable(),
  /** Share of the time that the host of a virtual machine gave to others. */
  stealShare: Share.nullable(),
  pressure: z.strictObject({
    cpu: PressureReading.nullable(),
    memory: PressureReading.nullable(),
    io: PressureReading.nullable()
  }),
  throttling: ThrottlingReading.nullable(),
  memoryAvailableBytes: Amount.nullable(),
  /** Mean over the cores at the end of the span; a virtual machine may tell a constant. */
  cpuClockMHz: Amount.nullable()
})
export type HostReading = z.infer<typeof HostReading>

/** Why the driver holds clocks down [NVML nvmlClocksEventReasons]. `other`: a bit that is not known here. */
export const CLOCK_REASONS = [
  'gpu_idle',
  'applications_clocks',
  'sw_power_cap',
  'hw_slowdown',
  'sync_boost',
  'sw_thermal',
  'hw_thermal',
  'hw_power_brake',
  'display_clocks',
  'other'
] as const
export const ClockReason = z.enum(CLOCK_REASONS)
export type ClockReason = z.infer<typeof ClockReason>

export const ReasonSeen = z.strictObject({
  reason: ClockReason,
  /** In how many samples it was active. */
  samples: Count,
  /** By the driver's own counter, which sees what happens between samples; null on drivers without one. */
  activeUs: Amount.nullable()
})
export type ReasonSeen = z.infer<typeof ReasonSeen>

/** Of the samples that tell it. */
export const Spread = z.strictObject({ lowest: z.number(), median: z.number(), highest: z.number() })
export type Spread = z.infer<typeof Spread>

export const GpuProcess = z.strictObject({
  pid: Count,
  name: Line,
  memoryBytes: Amount.nullable(),
  /** `unknown`: the driver gives process ids of another PID namespace, so that ours cannot be told from others. */
  owner: z.enum([...Side.options, 'foreign', 'unknown'])
})
export type GpuProcess = z.infer<typeof GpuProcess>

export const GpuReading = z.strictObject({
  samples: Count,
  /** Why there are no samples, or fewer than expected. */
  problem: z.string().max(500).nullable(),
  smClockMHz: Spread.nullable(),
  /** Median of the samples that fell into blocks of one side; null with fewer than three of them. */
  sideSmClockMHz: z.strictObject({ baseline: Amount.nullable(), candidate: Amount.nullable() }),
  memoryClockMHz: Spread.nullable(),
  temperatureC: Spread.nullable(),
  powerW: Spread.nullable(),
  /** Null under MIG: the driver does not tell it there. */
  utilisationShare: Spread.nullable(),
  memoryUsedBytes: Spread.nullable(),
  reasons: z.array(ReasonSeen).max(CLOCK_REASONS.length),
  /** New ones in the span; null without ECC. */
  eccErrors: z.strictObject({ corrected: Count, uncorrected: Count }).nullable(),
  /** Null where the driver does not list them. */
  processes: z.array(GpuProcess).max(50).nullable()
})
export type GpuReading = z.infer<typeof GpuReading>

/** One case in one round. Times are of the worker's monotonic clock. */
export const EnvironmentReading = z.strictObject({
  startMs: z.number(),
  endMs: z.number(),
  host: HostReading,
  gpu: GpuReading.nullable()
})
export type EnvironmentReading = z.infer<typeof EnvironmentReading>

/** What one side took in one round. Memory is of the whole process, so of all cases that are loaded in it. */
export const SideResources = z.strictObject({
  peakRssBytes: Amount.nullable(),
  /** At the end of the case. */
  steadyRssBytes: Amount.nullable(),
  /** All threads together, in user and kernel. Linux counts it in steps of 10 ms. */
  cpuTimePerInferenceNs: Amount.nullable(),
  /** By the driver's list of processes. Includes what ONNX Runtime's arena holds in reserve. */
  gpuMemoryBytes: Amount.nullable()
})
export type SideResources = z.infer<typeof SideResources>

export const RoundEnvironment = z.strictObject({
  /** As in `Block`. */
  launch: Count,
  reading: EnvironmentReading,
  resources: z.strictObject({ baseline: SideResources, candidate: SideResources })
})
export type RoundEnvironment = z.infer<typeof RoundEnvironment>

/** Of one case, over all rounds that were measured, also those that a gate threw away. */
export const CaseEnvironment = z.array(RoundEnvironment).max(1000)
export type CaseEnvironment = z.infer<typeof CaseEnvironment>
