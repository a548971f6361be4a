import { z } from 'zod'

/** One event of ONNX Runtime's profile: Chrome's trace format, times in microseconds. */
export const ProfileEvent = z.object({
  cat: z.string().max(50),
  tid: z.number(),
  ts: z.number(),
  dur: z.number().nonnegative(),
  name: z.string(),
  args: z.object({ op_name: z.string().optional(), provider: z.string().optional() })
})
export type ProfileEvent = z.infer<typeof ProfileEvent>

export interface ProfileEvents {
  readonly events: readonly ProfileEvent[]
  /** Events that could not be read. */
  readonly damaged: number
}

/** ONNX Runtime starts each event on a line of its own, with its category. */
const EVENT_START = '{"cat" : "'
const NAME_START = '"name" :"'
const NAME_END = '","args" : {'
/** Of one event. Node names are all that makes one long. */
const LONGEST_EVENT = 100_000
/** Twice what {@link profiledRequests} aims at; ONNX Runtime itself stops at a million. */
const MOST_EVENTS = 200_000

/**
 * The events of a profile, from its lines. ONNX Runtime 1.30 writes node names without escaping, so a quote or a line break
 * in one makes the file invalid JSON; its name is then cut out by what stands around it.
 */
export function parseProfile(lines: Iterable<string>): ProfileEvents {
  const events: ProfileEvent[] = []
  let damaged = 0
  for (const text of joinEvents(lines)) {
    const event = parseEvent(text)
    if (event === null) damaged += 1
    else events.push(event)
    if (events.length + damaged >= MOST_EVENTS) break
  }
  return { events, damaged }
}

/** Puts the lines of an event together again, where a name has broken it. */
function* joinEvents(lines: Iterable<string>): Generator<string> {
  let event: string | null = null
  for (const line of lines) {
    if (line.startsWith(EVENT_START)) {
      if (event !== null) yield event
      event = line
    } else if (event !== null && line !== ']' && event.length < LONGEST_EVENT) {
      event += `\n${line}`
    }
  }
  if (event !== null) yield event
}

function parseEvent(text: string): ProfileEvent | null {
  const event = text.trimEnd().replace(/,$/, '')
  return parseJsonEvent(event) ?? parseWithoutName(event)
}

function parseWithoutName(event: string): ProfileEvent | null {
  const start = event.indexOf(NAME_START)
  const end = event.lastIndexOf(NAME_END)
  if (start < 0 || end < start) return null
  const name = event.slice(start + NAME_START.length, end)
  const parsed = parseJsonEvent(`${event.slice(0, start + NAME_START.length)}${event.slice(end)}`)
  return parsed === null ? null : { ...parsed, name }
}

function parseJsonEvent(text: string): ProfileEvent | null {
  try {
    const parsed = ProfileEvent.safeParse(JSON.parse(text))
    return parsed.success ? parsed.data : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** Events that a profile may well have: at 700 bytes each they fit into the sandbox's /tmp. */
const AIMED_EVENTS = 40_000
const FEWEST_REQUESTS = 4
const MOST_REQUESTS = 20

/** How many requests to profile, so that the file stays small. */
export function profiledRequests(nodes: number): number {
  return Math.max(FEWEST_REQUESTS, Math.min(MOST_REQUESTS, Math.floor(AIMED_EVENTS / Math.max(1, nodes))))
}
