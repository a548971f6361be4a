/**
 * The measuring thread: a thread of the supervisor that talks to both sides of one launch, on their cores, and sleeps in a
 * blocking read while one of them works. An event loop takes longer to wake than all the rest of a hand-over
 * (docs/statistics.md "A thread that blocks"). The supervisor's main thread starts and kills processes and keeps time.
 *
 * It imports nothing that checks JSON, to start fast: replies that are JSON go to the main thread as they came.
 */
import { parentPort, type TransferListItem, workerData } from 'node:worker_threads'
import type { Side } from '#contracts/identifiers.ts'
import { pinThisThread } from '#workers/device/pin-this-thread.ts'
import { type BlockRun, type CaseToMeasure, type MeasuredCase, measureCase } from '#workers/measure/measure-case.ts'
import { measureSegments, type SegmentDeps, type SegmentRun } from '#workers/measure/measure-segments.ts'
import type { Frame } from '#workers/side/frames.ts'
import { createRandom } from '#workers/side/random-numbers.ts'
import { Board } from './board.ts'
import type { RawReply, ThreadAnswer, ThreadCommand, ThreadStart } from './messages.ts'
import { NoBlockError, type RawBlock, ReplyRefusedError, SideGivenUpError, SideLink } from './side-link.ts'

// Only the supervisor starts this program.
const start: ThreadStart = workerData
const board = new Board(start.board)
const links = new Map<Side, SideLink>()

function linkTo(side: Side): SideLink {
  const link = links.get(side)
  if (link === undefined) throw new Error(`The ${side} was never started.`)
  return link
}

function answer(command: ThreadCommand): ThreadAnswer {
  try {
    return obey(command)
  } catch (error) {
    if (error instanceof ReplyRefusedError) return { kind: 'refused', side: error.side, what: error.message }
    if (error instanceof NoBlockError) return { kind: 'no_block', side: error.side, reply: asRawReply(error.frame) }
    if (error instanceof SideGivenUpError) return { kind: 'given_up', side: error.side }
    throw error
  }
}

function obey(command: ThreadCommand): ThreadAnswer {
  switch (command.kind) {
    case 'start': {
      const link = new SideLink(command.side, command.channel, board)
      links.set(command.side, link)
      return { kind: 'reply', reply: asRawReply(link.awaitStart(command.limits)) }
    }
    case 'exchange': {
      return { kind: 'reply', reply: asRawReply(linkTo(command.side).exchange(command.frame, command.limits)) }
    }
    case 'run': {
      const link = linkTo(command.side)
      return { kind: 'ran', measured: link.readBlock(link.run(command.block)) }
    }
    case 'measure': {
      const deps: SegmentDeps<RawBlock> = {
        run: (side: Side, block: BlockRun) => linkTo(side).run(block),
        read: (side: Side, block: RawBlock) => linkTo(side).readBlock(block),
        runSegment: (side: Side, { request, ...terms }: SegmentRun) => linkTo(side).runSegment(request, terms),
        random: createRandom(command.seed)
      }
      const { startsMs, ...measured } = measure(deps, command.toMeasure)
      return { kind: 'measured', measured: { ...measured, startsMs: startsMs.map((ms) => board.toMachineMs(ms)) } }
    }
    default:
      return command satisfies never
  }
}

function measure(deps: SegmentDeps<RawBlock>, toMeasure: CaseToMeasure): MeasuredCase {
  const { scenario } = toMeasure
  switch (scenario.kind) {
    case 'server':
    case 'burst':
    case 'ramp':
      return measureSegments(deps, { ...toMeasure, scenario })
    default:
      return measureCase(deps, toMeasure)
  }
}

/** In memory of its own, so that it can be handed over. */
function asRawReply({ type, body }: Frame): RawReply {
  return { type, body: body.byteLength === body.buffer.byteLength ? body : body.slice() }
}

function listTransfers(reply: ThreadAnswer): readonly TransferListItem[] {
  return 'reply' in reply ? [reply.reply.body.buffer] : []
}

if (start.cores !== null) pinThisThread(start.cores)
parentPort?.on('message', (command: ThreadCommand) => {
  const message = answer(command)
  parentPort?.postMessage(message, listTransfers(message))
})
