/** Works for so long, by the clock: a request whose service time is known. */
export function spinFor(durationMs: number): void {
  const endMs = performance.now() + durationMs
  while (performance.now() < endMs);
}
