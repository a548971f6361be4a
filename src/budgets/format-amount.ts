import type { BudgetUnit } from './budget-facts.ts'

const NS_UNITS = [
  { name: 's', size: 1e9 },
  { name: 'ms', size: 1e6 },
  { name: 'µs', size: 1e3 },
  { name: 'ns', size: 1 }
] as const

/** `21.3 ms`, `512 MB`, `1.2 %`, `118/s`: three digits. */
export function formatAmount(value: number, unit: BudgetUnit): string {
  switch (unit) {
    case 'ns': {
      const scale = NS_UNITS.find(({ size }) => value >= size) ?? NS_UNITS[3]
      return `${threeDigits(value / scale.size)} ${scale.name}`
    }
    case 'bytes':
      return `${threeDigits(value / 1e6)} MB`
    case 'share':
      return `${threeDigits(100 * value)} %`
    case 'requests/s':
      return `${threeDigits(value)}/s`
    case 'tokens/s':
      return `${threeDigits(value)} tokens/s`
    default:
      return unit satisfies never
  }
}

function threeDigits(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (value >= 1e12) return value.toExponential(2)
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)))
}
