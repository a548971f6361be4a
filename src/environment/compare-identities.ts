import type { EnvironmentIdentity, GpuIdentity } from '#contracts/environment.ts'

/** One thing about the machine that is not what it was. */
export interface IdentityChange {
  /** As a reader calls it: `the GPU’s driver`. */
  readonly what: string
  readonly was: string
  readonly is: string
}

export type IdentityVerdict =
  | { readonly kind: 'same' }
  /** What was measured before and after cannot be compared: the run is invalid. */
  | { readonly kind: 'changed'; readonly changes: readonly IdentityChange[] }

type Value = string | number | boolean | readonly string[] | null | undefined
type Facts = readonly (readonly [what: string, value: Value])[]

/** Whether the machine is still the one that it was when the run began. Call it after each round. */
export function compareIdentities(first: EnvironmentIdentity, now: EnvironmentIdentity): IdentityVerdict {
  const before = listFacts(first)
  const after = listFacts(now)
  const changes = before.flatMap(([what, value], index) => {
    const was = formatValue(value)
    const is = formatValue(after[index]?.[1])
    return was === is ? [] : [{ what, was, is }]
  })
  return changes.length === 0 ? { kind: 'same' } : { kind: 'changed', changes }
}

/**
 * Whether both sides compute with the same engine. They share everything else.
 *
 * @param mayDiffer when the configuration asks for different versions of it
 */
export function compareEngines({ engines }: EnvironmentIdentity, mayDiffer: boolean): IdentityVerdict {
  const { baseline, candidate } = engines
  const same = baseline.version === candidate.version && baseline.librariesSha256 === candidate.librariesSha256
  if (mayDiffer || same) return { kind: 'same' }
  const change = { what: 'ONNX Runtime', was: formatEngine(baseline), is: formatEngine(candidate) }
  return { kind: 'changed', changes: [change] }
}

function listFacts({ cpu, engines, gpu, ...machine }: EnvironmentIdentity): Facts {
  return [
    ['the processor', cpu.model],
    ['its microcode', cpu.microcode],
    ['the number of cores', cpu.coreCount],
    ['the set of allowed cores', cpu.allowedCores],
    ['the clock governor', cpu.governors],
    ['turbo', cpu.turbo],
    ['hyper-threading', cpu.smt],
    ['running in a virtual machine', cpu.virtual],
    ['the CPU quota in cores', machine.cgroupQuotaCores],
    ['the kernel', machine.kernel],
    ['running in a container', machine.container],
    ['Node.js', machine.nodeVersion],
    ['the baseline’s ONNX Runtime', formatEngine(engines.baseline)],
    ['the candidate’s ONNX Runtime', formatEngine(engines.candidate)],
    ...listGpuFacts(gpu)
  ]
}

function listGpuFacts(gpu: GpuIdentity | null): Facts {
  return [
    ['the GPU', gpu?.uuid],
    ['the GPU’s name', gpu?.name],
    ['the GPU’s VBIOS', gpu?.vbios],
    ['the GPU’s driver', gpu?.driverVersion],
    ['the driver’s CUDA', gpu?.cudaVersion],
    ['MIG', gpu?.mig.enabled],
    ['the slice of the GPU', gpu?.mig.instanceUuid],
    ['the GPU’s ECC', gpu?.ecc],
    ['the GPU’s compute mode', gpu?.computeMode],
    ['the GPU’s persistence mode', gpu?.persistence],
    ['the GPU’s power limit in watts', gpu?.powerLimitW],
    ['the GPU’s default power limit in watts', gpu?.defaultPowerLimitW],
    ['the GPU’s highest power limit in watts', gpu?.maxPowerLimitW],
    ['the GPU’s PCIe generation', gpu?.pcieGenMax],
    ['the GPU’s PCIe width', gpu?.pcieWidthMax],
    ['the GPU’s memory in bytes', gpu?.memoryTotalBytes]
  ]
}

function formatEngine({ version, librariesSha256 }: EnvironmentIdentity['engines']['baseline']): string {
  return librariesSha256 === null ? version : `${version} (${librariesSha256.slice(0, 12)})`
}

function formatValue(value: Value): string {
  if (value === null || value === undefined) return 'not told'
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  return typeof value === 'object' ? value.join(', ') : String(value)
}
