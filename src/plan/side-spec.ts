import type { SideSpec } from '#contracts/case.ts'
import { INFERRED_INPUTS, type InputOverride, type InputSpec } from '#contracts/inputs.ts'
import { DEFAULT_SESSION, type SessionSpec } from '#contracts/session.ts'
import { sessionIds } from '#src/config/check-config.ts'
import type { InputsConfig, SessionConfig, TailgateConfig } from '#src/config/config.schema.ts'

/** What one side loads for one model and session. */
export interface NamedSideSpec {
  readonly model: string
  readonly session: string
  readonly spec: SideSpec
}

/** Every model with each of its sessions, in the order of the file, by `model/session`. */
export function listSideSpecs(config: TailgateConfig): ReadonlyMap<string, NamedSideSpec> {
  const specs = new Map<string, NamedSideSpec>()
  for (const [model, modelConfig] of Object.entries(config.models)) {
    for (const session of sessionIds(modelConfig)) {
      const sessionConfig = config.sessions[session]
      // parseConfig refuses a session that does not exist.
      if (sessionConfig === undefined) continue
      const spec = {
        modelPath: modelConfig.path,
        checkout: null,
        session: toSessionSpec(sessionConfig),
        inputs: toInputSpec(modelConfig.inputs)
      }
      specs.set(`${model}/${session}`, { model, session, spec })
    }
  }
  return specs
}

function toSessionSpec(config: SessionConfig): SessionSpec {
  return {
    ...DEFAULT_SESSION,
    executionProvider: config.execution_provider,
    graphOptimizationLevel: config.graph_optimization_level,
    executionMode: config.execution_mode,
    intraOpNumThreads: config.intra_op_num_threads,
    interOpNumThreads: config.inter_op_num_threads,
    enableCpuMemArena: config.enable_cpu_mem_arena,
    enableMemPattern: config.enable_mem_pattern
  }
}

function toInputSpec(config: InputsConfig): InputSpec {
  const names = new Set([...Object.keys(config.values), ...Object.keys(config.shapes)])
  const overrides: Record<string, InputOverride> = {}
  for (const name of names) {
    // An input may be called `toString`.
    const shape = Object.hasOwn(config.shapes, name) ? config.shapes[name] : undefined
    const value = Object.hasOwn(config.values, name) ? config.values[name] : undefined
    overrides[name] = { ...(shape === undefined ? {} : { shape }), ...(value === undefined ? {} : { value }) }
  }
  return { ...INFERRED_INPUTS, dims: config.dims, overrides, seed: config.seed }
}
