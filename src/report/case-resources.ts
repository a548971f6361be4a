import type { RoundEnvironment, SideResources } from '#contracts/environment.ts'
import type { Side } from '#contracts/identifiers.ts'
import type { PerSide } from '#stats/paired-sample.ts'
import { median } from '#stats/quantile.ts'

/** What a side took in its middle round; null where the system does not tell. Described, not judged. */
export type ResourceLevels = Pick<SideResources, 'peakRssBytes' | 'cpuTimePerInferenceNs' | 'gpuMemoryBytes'>

type Rounds = readonly Pick<RoundEnvironment, 'resources'>[]

export type CaseResources = PerSide<ResourceLevels>

/** The median of the rounds of both sides, from the record of the machine. */
export function summariseResources(rounds: Rounds): CaseResources {
  return { baseline: levelsOf(rounds, 'baseline'), candidate: levelsOf(rounds, 'candidate') }
}

function levelsOf(rounds: Rounds, side: Side): ResourceLevels {
  const level = (name: keyof ResourceLevels) => {
    const values = rounds.flatMap(({ resources }) => resources[side][name] ?? [])
    return values.length === 0 ? null : median(values)
  }
  return {
    peakRssBytes: level('peakRssBytes'),
    cpuTimePerInferenceNs: level('cpuTimePerInferenceNs'),
    gpuMemoryBytes: level('gpuMemoryBytes')
  }
}
