import type { GpuIdentity } from '#contracts/environment.ts'
import type { SmiFailure } from './explain-smi-failure.ts'
import { limitLine } from './fingerprint.ts'
import {
  type ChosenField,
  chooseFields,
  IDENTITY_FIELDS,
  parseFieldHelp,
  parseFieldRows,
  queryArguments
} from './gpu-fields.ts'
import { parseCudaVersion, parseGpuIdentity, parseGpuIndex } from './parse-gpu-identity.ts'
import { type ListedProcess, PROCESS_ARGUMENTS, parseGpuProcesses } from './parse-gpu-processes.ts'
import { type MigInstance, parseMigInstances } from './parse-mig-instances.ts'
import { type AskSmi, createAskSmi, findNvidiaSmi } from './run-nvidia-smi.ts'

const REASON_MAX_CHARACTERS = 200

/** A GPU, or one slice of a GPU that is cut up (MIG). */
export interface GpuDevice {
  /** What its slot is named by: the UUID of the GPU or of the slice. */
  readonly id: string
  /** Place in nvidia-smi's list, which goes by PCI address; slices have their GPU's. */
  readonly index: number
  readonly identity: GpuIdentity
  /** Null for a whole GPU. */
  readonly slice: MigInstance | null
}

export type FoundDevices =
  | {
      readonly kind: 'found'
      readonly program: string
      readonly gpus: readonly GpuDevice[]
      /** All names of fields that this driver knows. */
      readonly knownFields: ReadonlySet<string>
    }
  | SmiFailure

/** The GPUs that nvidia-smi lists, or why it lists none. The processor is always there and not in the list. */
export async function findDevices(program?: string | null): Promise<FoundDevices> {
  const path = program === undefined ? await findNvidiaSmi() : program
  return path === null ? { kind: 'no_program' } : findDevicesWith(path, createAskSmi(path))
}

/** The same, asked in another way than by starting the program. */
export async function findDevicesWith(program: string, ask: AskSmi): Promise<FoundDevices> {
  const help = await ask(['--help-query-gpu'])
  if (help.kind === 'hangs') return help
  const knownFields = help.kind === 'answered' ? parseFieldHelp(help.text) : new Set<string>()
  const chosen = chooseFields(IDENTITY_FIELDS, knownFields)
  const answer = await ask(queryArguments(chosen))
  if (answer.kind !== 'answered') return answer
  const head = await ask(['-q', '-d', 'COMPUTE'])
  const cudaVersion = head.kind === 'answered' ? parseCudaVersion(head.text) : null
  const list = await ask(['-L'])
  const slices = list.kind === 'answered' ? parseMigInstances(list.text) : []
  const gpus = listGpus(answer.text, chosen, cudaVersion)
  if (gpus.length === 0) return explainSilence(answer.text)
  return { kind: 'found', program, gpus: gpus.flatMap((gpu) => cutUp(gpu, slices)), knownFields }
}

/** Rows without a UUID are of GPUs that the driver has lost. */
function explainSilence(text: string): SmiFailure {
  const reason = limitLine(text.split('\n')[0] ?? '', REASON_MAX_CHARACTERS)
  return text.trim() === '' ? { kind: 'no_devices' } : { kind: 'fails', reason: `no GPU in its answer: ${reason}` }
}

function listGpus(
  text: string,
  chosen: readonly ChosenField<keyof typeof IDENTITY_FIELDS>[],
  cudaVersion: string | null
): GpuDevice[] {
  return parseFieldRows(text, chosen).flatMap((row, place) => {
    const identity = parseGpuIdentity(row, cudaVersion)
    if (identity === null) return []
    return [{ id: identity.uuid, index: parseGpuIndex(row) ?? place, identity, slice: null }]
  })
}

/** A GPU in MIG mode computes only through its slices; one that has none stays, so that this can be said. */
function cutUp(gpu: GpuDevice, slices: readonly MigInstance[]): GpuDevice[] {
  const own = slices.filter(({ gpuUuid }) => gpuUuid === gpu.identity.uuid)
  if (gpu.identity.mig.enabled !== true || own.length === 0) return [gpu]
  return own.map((slice) => ({
    ...gpu,
    id: slice.uuid,
    slice,
    identity: { ...gpu.identity, mig: { enabled: true, instanceUuid: slice.uuid } }
  }))
}

/**
 * What a device is now, for a comparison; null when it is gone or nvidia-smi fails. One question: the driver's CUDA and the list of
 * slices are taken from before, since neither changes while a process uses the device.
 */
export async function readGpuIdentity(found: FoundDevices, deviceId: string): Promise<GpuIdentity | null> {
  const known = found.kind === 'found' ? found.gpus.find(({ id }) => id === deviceId) : undefined
  if (found.kind !== 'found' || known === undefined) return null
  const chosen = chooseFields(IDENTITY_FIELDS, found.knownFields)
  const answer = await createAskSmi(found.program)(queryArguments(chosen))
  if (answer.kind !== 'answered') return null
  const now = listGpus(answer.text, chosen, known.identity.cudaVersion).find(({ id }) => id === known.identity.uuid)
  const instanceUuid = known.identity.mig.instanceUuid
  return now === undefined ? null : { ...now.identity, mig: { enabled: now.identity.mig.enabled, instanceUuid } }
}

/** What computes on the GPU of a device, also on other slices of it; null when nvidia-smi does not tell. */
export function listGpuProcesses(program: string, gpuUuid: string): Promise<ListedProcess[] | null> {
  return listProcessesWith(createAskSmi(program), gpuUuid)
}

/** The same, asked in another way than by starting the program. */
export async function listProcessesWith(ask: AskSmi, gpuUuid: string): Promise<ListedProcess[] | null> {
  const answer = await ask(PROCESS_ARGUMENTS)
  return answer.kind === 'answered' ? parseGpuProcesses(answer.text).filter((row) => row.gpuUuid === gpuUuid) : null
}
