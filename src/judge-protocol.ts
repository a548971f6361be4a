import { z } from 'zod'
import type { Outcome } from './report/outcome.ts'
import type { Expected } from './run/judge/find-mismatch.ts'

/** What the bot and its judging process say to each other; both are ours, so only the outline is checked. */

/** First line of the process's input, as JSON. All that follows is the result as the worker packed it. */
export const JudgeQuestion = z.object({ jobId: z.string(), expected: z.custom<Expected>(isObject) })
export type JudgeQuestion = z.infer<typeof JudgeQuestion>

/** The process's whole output, as JSON. */
export const JudgeAnswer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('judged'), outcome: z.custom<Outcome>(isObject) }),
  /** Not a result of this job. */
  z.object({ kind: z.literal('unreadable'), message: z.string() }),
  /** The judge threw. */
  z.object({ kind: z.literal('broken'), detail: z.string() })
])
export type JudgeAnswer = z.infer<typeof JudgeAnswer>

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
