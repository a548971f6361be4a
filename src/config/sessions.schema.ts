import { z } from 'zod'
import { CONFIG_ENTRIES, ConfigEntry, EngineVersion, SessionSpec } from '#contracts/session.ts'

/** Each side's engine is the one that its own commit pins. */
export const FROM_LOCKFILE = 'from_lockfile'

export const SessionConfig = z.strictObject({
  execution_provider: SessionSpec.shape.executionProvider
    .meta({ description: 'The ONNX Runtime execution provider.' })
    .default('cpu'),
  device_id: SessionSpec.shape.deviceId
    .removeDefault()
    .meta({ description: 'Which device of the execution provider.' })
    .default(0),
  cpu_fallback: SessionSpec.shape.cpuFallback
    .removeDefault()
    .meta({
      description:
        'What happens where the execution provider cannot run an operator: `forbid` refuses the model, `report` names what ran on the processor, `allow` says nothing.'
    })
    .default('report'),
  graph_optimization_level: SessionSpec.shape.graphOptimizationLevel
    .meta({ description: 'How far ONNX Runtime rewrites the graph when it loads the model.' })
    .default('all'),
  execution_mode: SessionSpec.shape.executionMode
    .meta({ description: 'Whether independent operators run one after another or at the same time.' })
    .default('sequential'),
  intra_op_num_threads: SessionSpec.shape.intraOpNumThreads
    .meta({ description: 'Threads inside one operator.' })
    .default(1),
  inter_op_num_threads: SessionSpec.shape.interOpNumThreads
    .meta({ description: 'Threads across operators; matters only with `execution_mode: parallel`.' })
    .default(1),
  enable_cpu_mem_arena: SessionSpec.shape.enableCpuMemArena
    .meta({ description: 'Whether memory is kept in an arena between requests.' })
    .default(true),
  config_entries: z
    .partialRecord(
      ConfigEntry.meta({ title: listNames(CONFIG_ENTRIES) }),
      z.string().max(100).meta({ title: 'text, such as "0"' })
    )
    .meta({
      maxProperties: CONFIG_ENTRIES.length,
      description: `Session configuration entries of ONNX Runtime: ${listNames(CONFIG_ENTRIES)}.`
    })
    .default({}),
  engine_version: z
    .union([EngineVersion, z.literal(FROM_LOCKFILE)])
    .meta({
      title: 'a released version such as 1.29.0, or from_lockfile',
      description:
        "The version of onnxruntime-node. `from_lockfile`: the one that the side's own commit pins in `package-lock.json` or, as an exact version, in `package.json`. Without it, the worker's own."
    })
    .optional(),
  enable_mem_pattern: SessionSpec.shape.enableMemPattern
    .meta({ description: 'Whether the memory layout of one request is reused for the next of the same shape.' })
    .default(true)
})
export type SessionConfig = z.infer<typeof SessionConfig>

function listNames(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ')
}
