/** What was done to the candidate of one recorded case. */
export type InjectedEffect =
  | { readonly kind: 'identical' }
  | { readonly kind: 'slower'; readonly percent: number }
  | { readonly kind: 'tail' }

/** What a case may be called, for error messages. */
export const EFFECT_NAMES = 'slower-0pct (identical code), slower-<percent>pct or tail-<anything>'

/** Reads the effect from the id of a case. @returns null when the id names none */
export function parseEffect(caseId: string): InjectedEffect | null {
  if (/^tail-./.test(caseId)) return { kind: 'tail' }
  const percent = /^slower-(\d{1,3}(?:\.\d{1,3})?)pct$/.exec(caseId)?.[1]
  if (percent === undefined) return null
  return Number(percent) === 0 ? { kind: 'identical' } : { kind: 'slower', percent: Number(percent) }
}

/** `identical code`, `+5 %`, `tail`. */
export function nameEffect(effect: InjectedEffect): string {
  switch (effect.kind) {
    case 'identical':
      return 'identical code'
    case 'slower':
      return `+${effect.percent} %`
    case 'tail':
      return 'tail'
    default:
      return effect satisfies never
  }
}
