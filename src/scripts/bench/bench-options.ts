/** What every part of the bench is given. */
export interface BenchOptions {
  /** Measuring time of the part; starting and warming up comes on top. */
  readonly seconds: number
  /** Says on standard error what is being done. */
  readonly say: (message: string) => void
}
