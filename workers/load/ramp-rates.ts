/**
 * The offered rates of a ramp, from the first to the last with equal ratios between them: latency depends on the load by
 * ratios, and a knee at a low rate gets as many steps as one at a high rate.
 *
 * @param steps at least 2
 * @returns requests per second, ascending when `fromPerS` < `toPerS`
 */
export function rampRates(fromPerS: number, toPerS: number, steps: number): number[] {
  const ratio = toPerS / fromPerS
  return Array.from({ length: steps }, (_, step) => {
    if (step === steps - 1) return toPerS
    return fromPerS * ratio ** (step / (steps - 1))
  })
}
