/** A slice of a GPU. */
export interface MigInstance {
  readonly uuid: string
  /** Of the GPU that it is a slice of. */
  readonly gpuUuid: string
  /** `1g.10gb`: compute slices and memory. */
  readonly profile: string
}

/** The slices in the output of `nvidia-smi -L`, which stand below their GPU. */
export function parseMigInstances(text: string): MigInstance[] {
  const instances: MigInstance[] = []
  let gpuUuid: string | null = null
  for (const line of text.split('\n')) {
    gpuUuid = /^GPU \d+: .*\(UUID: (GPU-[\w-]+)\)\s*$/.exec(line)?.[1] ?? gpuUuid
    // Drivers before 470 name a slice by its GPU and two numbers: MIG-GPU-…/7/0.
    const [, profile, uuid] = /^\s+MIG (\S+)\s+Device\s+\d+: \(UUID: (MIG-[\w/-]+)\)\s*$/.exec(line) ?? []
    if (gpuUuid !== null && uuid !== undefined && profile !== undefined) instances.push({ uuid, gpuUuid, profile })
  }
  return instances
}
