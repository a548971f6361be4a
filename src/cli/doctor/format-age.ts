const UNITS = [
  { name: 'day', ms: 86_400_000 },
  { name: 'hour', ms: 3_600_000 },
  { name: 'minute', ms: 60_000 }
] as const

/** `3 days ago`, in the largest unit that there is one of. Less than a minute, and a clock that was set back, is `just now`. */
export function formatAge(ageMs: number): string {
  for (const { name, ms } of UNITS) {
    const count = Math.floor(ageMs / ms)
    if (count >= 1) return `${count} ${name}${count === 1 ? '' : 's'} ago`
  }
  return 'just now'
}
