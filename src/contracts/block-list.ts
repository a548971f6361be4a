import { z } from 'zod'
import { isBlock } from './is-block.ts'
import { Block } from './measurements.ts'

/** A list of a million bad values must not become a million messages. */
const MAX_ISSUES = 10

const SlowBlockList = z.array(Block)

/**
 * `z.array(Block)`, which copies every latency and makes an object for each: asked only why a list was refused, and only
 * about the first block that is wrong.
 */
export const BlockList = z.custom<Block[]>().check((context) => {
  const value: unknown = context.value
  const firstBad = Array.isArray(value) ? value.findIndex((block) => !isBlock(block)) : 0
  if (firstBad === -1) return
  const suspect: unknown = Array.isArray(value) ? [value[firstBad]] : value
  for (const issue of SlowBlockList.safeParse(suspect).error?.issues.slice(0, MAX_ISSUES) ?? []) {
    const [first, ...rest] = issue.path
    const path = first === undefined ? [] : [firstBad, ...rest]
    context.issues.push({ code: 'custom', message: issue.message, path, input: value })
  }
})
