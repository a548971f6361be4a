import type { SideSpec } from '#contracts/case.ts'
import type { PerSide } from '#stats/paired-sample.ts'

/** Something that the configuration sets differently for the two sides. */
export interface SettingChange {
  /** `intraOpNumThreads`, `configEntries.session.disable_prepacking`, `inputs`. */
  readonly setting: string
  /** As JSON writes it, cut; null where it is not set. Empty for `inputs`, which are too long to print. */
  readonly values: PerSide<string | null>
}

const MAX_VALUE_LENGTH = 100

/** What the sides of a case are measured with, where that differs: session, engine, inputs. */
export function diffSides(baseline: SideSpec, candidate: SideSpec): SettingChange[] {
  const { configEntries: before, ...session } = baseline.session
  const { configEntries: after, ...otherSession } = candidate.session
  return [
    ...diffEntries(session, otherSession, ''),
    ...diffEntries(before, after, 'configEntries.'),
    ...(JSON.stringify(baseline.inputs) === JSON.stringify(candidate.inputs)
      ? []
      : [{ setting: 'inputs', values: { baseline: '', candidate: '' } }])
  ]
}

function diffEntries(before: object, after: object, prefix: string): SettingChange[] {
  const [old, current] = [new Map(Object.entries(before)), new Map(Object.entries(after))]
  return [...new Set([...old.keys(), ...current.keys()])].flatMap((key) => {
    const values = { baseline: printed(old.get(key)), candidate: printed(current.get(key)) }
    return values.baseline === values.candidate ? [] : [{ setting: `${prefix}${key}`, values }]
  })
}

function printed(value: unknown): string | null {
  if (value === undefined || value === null) return null
  return (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, MAX_VALUE_LENGTH)
}
