import type { SideSpec } from '#contracts/case.ts'
import type { InputOverride, InputSpec, RecordedFile } from '#contracts/inputs.ts'
import type { SessionSpec } from '#contracts/session.ts'
import { sessionIds } from '#src/config/check-config.ts'
import type { TailgateConfig } from '#src/config/config.schema.ts'
import type { InputsConfig, ModelConfig } from '#src/config/models.schema.ts'
import { FROM_LOCKFILE, type SessionConfig } from '#src/config/sessions.schema.ts'
import { ownValue } from './own-value.ts'

/** What one side loads for one model and session. */
export interface NamedSideSpec {
  readonly model: string
  readonly session: string
  readonly spec: SideSpec
}

/**
 * Every model with each of its sessions, in the order of the file, by `model/session`.
 *
 * @param config of the side's own commit
 */
export function listSideSpecs(config: TailgateConfig): ReadonlyMap<string, NamedSideSpec> {
  const specs = new Map<string, NamedSideSpec>()
  for (const [model, modelConfig] of Object.entries(config.models)) {
    for (const session of sessionIds(modelConfig)) {
      const sessionConfig = config.sessions[session]
      // parseConfig refuses a session that does not exist.
      if (sessionConfig === undefined) continue
      specs.set(`${model}/${session}`, { model, session, spec: toSideSpec(modelConfig, sessionConfig) })
    }
  }
  return specs
}

/** A side that is another model of the candidate's commit, in the session of its variant. Null when there is no such model. */
export function originalSpec(candidate: TailgateConfig, original: string, session: string): SideSpec | null {
  const modelConfig = candidate.models[original]
  const sessionConfig = candidate.sessions[session]
  if (modelConfig === undefined || sessionConfig === undefined) return null
  return { ...toSideSpec(modelConfig, sessionConfig), checkout: 'candidate' }
}

function toSideSpec(model: ModelConfig, session: SessionConfig): SideSpec {
  return { modelPath: model.path, checkout: null, session: toSessionSpec(session), inputs: toInputSpec(model.inputs) }
}

function toSessionSpec(config: SessionConfig): SessionSpec {
  return {
    executionProvider: config.execution_provider,
    deviceId: config.device_id,
    cpuFallback: config.cpu_fallback,
    graphOptimizationLevel: config.graph_optimization_level,
    executionMode: config.execution_mode,
    intraOpNumThreads: config.intra_op_num_threads,
    interOpNumThreads: config.inter_op_num_threads,
    enableCpuMemArena: config.enable_cpu_mem_arena,
    enableMemPattern: config.enable_mem_pattern,
    configEntries: config.config_entries,
    engineVersion: toEngineVersion(config.engine_version)
  }
}

/** Pins are put in place of `from_lockfile` before anything is planned. */
function toEngineVersion(version: SessionConfig['engine_version']): SessionSpec['engineVersion'] {
  return version === undefined || version === FROM_LOCKFILE ? null : version
}

function toInputSpec(config: InputsConfig): InputSpec {
  const { dims, values, shapes, random, seed, samples } = config
  const names = new Set([...Object.keys(values), ...Object.keys(shapes), ...Object.keys(random)])
  const overrides: Record<string, InputOverride> = {}
  for (const name of names) {
    const shape = ownValue(shapes, name)
    const value = ownValue(values, name)
    const distribution = ownValue(random, name)
    overrides[name] = {
      ...(shape === undefined ? {} : { shape }),
      ...(value === undefined ? {} : { value }),
      ...(distribution === undefined ? {} : { distribution })
    }
  }
  return { dims, overrides, seed, samples, recorded: config.recorded.map(toRecordedFile) }
}

/** A path alone says by its arrays, or by being the only input, what it feeds. */
export function toRecordedFile(file: InputsConfig['recorded'][number]): RecordedFile {
  return typeof file === 'string' ? { path: file, input: null } : file
}
