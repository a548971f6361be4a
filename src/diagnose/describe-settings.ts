import type { Sentence } from '#src/equivalence/sentence.ts'
import type { SettingChange } from './diff-sides.ts'
import { joinPieces, quoteName } from './quote-name.ts'

const MAX_SETTINGS = 5

export function describeSettings(settings: readonly SettingChange[]): Sentence {
  const told = settings.slice(0, MAX_SETTINGS).map(describeSetting)
  const rest = settings.length - told.length
  return ['Set differently: ', ...joinPieces(rest > 0 ? [...told, [`${rest} more`]] : told), '.']
}

function describeSetting({ setting, values }: SettingChange): Sentence {
  if (setting === 'inputs') return ['the inputs']
  return [quoteName(setting), ' was ', ...describeValue(values.baseline), ', is ', ...describeValue(values.candidate)]
}

function describeValue(value: string | null): Sentence {
  return value === null ? ['not set'] : [quoteName(value)]
}
